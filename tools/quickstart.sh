#!/usr/bin/env bash
# From a fresh checkout to a running model: installs what is missing, builds Strata, runs the digits example.
set -euo pipefail

usage() {
  cat <<'EOF'
usage: tools/quickstart.sh

Installs the packages that are missing (see tools/setup.sh), builds Strata in Release, compiles examples/digits with it
and runs the result on 360 handwritten digits. A second run takes seconds.

  BUILD_DIR   where to build (build/release)
EOF
}

case "${1:-}" in
  "") ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

cd "$(dirname "$0")/.."
tools/setup.sh

build=${BUILD_DIR:-build/release}
mkdir -p "$build/digits"
cmake --preset release -B "$build" --log-level=WARNING > /dev/null
cmake --build "$build" --target strata strata_runtime

strata=$build/bin/strata
digits=$build/digits

# Shows a command, then runs it.
run() {
  printf '\n$ %s\n' "$*"
  "$@"
}

run "$strata" check examples/digits/digits.strata
run "$strata" build examples/digits/digits.strata -o "$digits/digits"
run "$digits/digits" --input image=examples/digits/images.npy --output "probs=$digits/probs.npy"

# The same model as a function in a C program.
run "$strata" build examples/digits/digits.strata --emit=header -o "$digits/digits.h"
run "$strata" build examples/digits/digits.strata --emit=obj -o "$digits/digits.o"
run cc -O2 -I "$digits" examples/digits/host.c "$digits/digits.o" -o "$digits/host"
host=$(realpath "$digits/host")
cd examples/digits
run "$host"

cat <<EOF

Strata is built: $strata
Next:
  $strata summary examples/digits/digits.strata
  $strata --help
  tools/test.sh                    every test
  cmake --install $build     (as root) to /usr/local, or --prefix <folder>
  README.md                        the tour
EOF
