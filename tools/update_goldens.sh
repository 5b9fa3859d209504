#!/usr/bin/env bash
# Rewrites the golden files with what the compiler prints now. Read the difference before you commit it.
set -euo pipefail

usage() {
  cat <<'EOF'
usage: tools/update_goldens.sh [PATTERN]

Builds the compiler and rewrites the files under tests/golden whose name matches PATTERN, as in 'E02*'; without it, all
of them and what docs/ and the pages of examples/ show of the compiler.

  BUILD_DIR    where to build (build/release)
EOF
}

case "${1:-}" in
  -h | --help) usage; exit 0 ;;
  -*) usage >&2; exit 2 ;;
esac

cd "$(dirname "$0")/.."
build=${BUILD_DIR:-build/release}
if [ ! -f "$build/CMakeCache.txt" ]; then cmake --preset release -B "$build" --log-level=WARNING > /dev/null; fi
cmake --build "$build" --target strata strata_golden

export STRATA_BINARY_DIR=$build
runner=$(find "$build" -name strata_golden -type f -perm -u+x -print -quit)
filter='Golden_*:*DocsTest*:ErrorsPage*:LayersPage*'
if [ $# -gt 0 ]; then filter="Golden_*.$1"; fi
"$runner" --update --gtest_brief=1 --gtest_filter="$filter"
git --no-pager diff --stat -- tests/golden docs examples
