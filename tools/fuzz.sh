#!/usr/bin/env bash
# Fuzzes the parser and the checker.
set -euo pipefail

usage() {
  cat <<'EOT'
usage: tools/fuzz.sh [SECONDS]

Builds tests/fuzz with Clang 19, libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer, and runs it for SECONDS (60)
from a corpus of every program of the repository. Exits with status 1 at a fault, a leak or an input that takes 10
seconds of this build's processor time (half a second of a release build's); it lies in BUILD_DIR/fuzz then. What it
learned stays there for the next run.

  BUILD_DIR    where to build (build/fuzz)
EOT
}

case "${1:-}" in
  -h | --help) usage; exit 0 ;;
esac
seconds=${1:-60}

cd "$(dirname "$0")/.."
tools/setup.sh --checks
build=${BUILD_DIR:-build/fuzz}
cmake --preset fuzz -B "$build" --log-level=WARNING > /dev/null
cmake --build "$build" --target fuzz_check write_corpus

folder=$build/fuzz
mkdir -p "$folder/learned"
"$build/bin/write_corpus" "$folder/programs"
echo "fuzz: $seconds s from $(ls "$folder/programs" | wc -l) programs"
# A program of a page of text holds every construct; longer inputs only make each run slower.
"$build/bin/fuzz_check" -max_total_time="$seconds" -max_len=4096 -timeout=30 -report_slow_units=30 -print_funcs=0 -rss_limit_mb=4096 \
  -dict=tests/fuzz/strata.dict -artifact_prefix="$folder/" -print_final_stats=1 -verbosity=0 \
  "$folder/learned" "$folder/programs"
echo "fuzz: no fault, no leak, no slow input"
