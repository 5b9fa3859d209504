#!/usr/bin/env bash
# Builds everything and runs the tests.
set -euo pipefail

usage() {
  cat <<'EOF'
usage: tools/test.sh [--sanitize]

Installs the packages that are missing (see tools/setup.sh), builds everything in Release and runs every test. The last
line counts: `N passed, N failed`; the exit status is 0 where none failed.

  --sanitize   instead: the unit and golden tests, built by Clang 19 with AddressSanitizer and
               UndefinedBehaviorSanitizer

  BUILD_DIR    where to build (build/release; with --sanitize build/asan)
EOF
}

preset=release
setup=()
tests=()
case "${1:-}" in
  "") ;;
  --sanitize)
    preset=asan
    setup=(--checks)
    tests=(--label-regex '^(unit|golden)$')
    ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

cd "$(dirname "$0")/.."
tools/setup.sh "${setup[@]}"

build=${BUILD_DIR:-build/$preset}
cmake --preset "$preset" -B "$build" --log-level=WARNING > /dev/null
cmake --build "$build"

# ctest's own closing lines count a skipped test as passed; its report keeps them apart.
report=$(realpath "$build")/tests.xml
rm -f "$report"
status=0
ctest --test-dir "$build" --parallel "$(nproc)" --progress --output-on-failure --no-tests=error \
  --output-junit "$report" "${tests[@]}" || status=$?
if [ ! -f "$report" ]; then exit "$status"; fi

count() { sed -n "/^\t$1=\"/ { s/[^0-9]//gp; q }" "$report"; }
total=$(count tests) failed=$(count failures) disabled=$(count disabled) skipped=$(count skipped)
echo
if [ "$((disabled + skipped))" -ne 0 ]; then echo "not run: $((disabled + skipped))"; fi
echo "$((total - failed - disabled - skipped)) passed, $failed failed"
exit "$status"
