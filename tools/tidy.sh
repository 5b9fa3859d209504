#!/usr/bin/env bash
# Runs clang-tidy by .clang-tidy.
set -euo pipefail

usage() {
  cat <<'EOF'
usage: tools/tidy.sh [<file or folder>...]

Runs clang-tidy 19 on the C and C++ files given, or on all of compiler/ and runtime/. A finding is an error.

  BUILD_DIR   the configured build folder whose compile commands are used (build/release)
EOF
}

case "${1:-}" in
  -h | --help) usage; exit 0 ;;
  -*) usage >&2; exit 2 ;;
esac

cd "$(dirname "$0")/.."
build=${BUILD_DIR:-build/release}
if [ ! -f "$build/compile_commands.json" ]; then
  echo "tidy: $build is not configured: run cmake --preset release" >&2
  exit 1
fi
if [ $# -eq 0 ]; then set -- compiler runtime; fi

# The compile commands may be GCC's, whose warnings Clang does not all know; and its warnings are the build's business.
find "$@" \( -name '*.cpp' -o -name '*.c' \) -print0 | sort -z |
  xargs -0 --no-run-if-empty --max-args=1 --max-procs="$(nproc)" \
    clang-tidy-19 --quiet -p "$build" --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-error
echo "tidy: no findings"
