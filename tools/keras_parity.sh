#!/usr/bin/env bash
# Compares imported models with Keras itself and writes docs/parity.md. Run by hand: it takes five minutes on two cores.
set -euo pipefail

usage() {
  cat <<'EOF'
usage: tools/keras_parity.sh [--only REGEX]

Builds the compiler, and in Keras (from PyPI, pinned in tools/requirements.txt; nothing else is fetched) the models of
tools/keras_parity.py with seeded weights. Each is saved, imported, compiled and run; totals, outputs and inner layers
must agree. What is measured of a model is kept in BUILD_DIR/parity; once all models are there, the table goes to
docs/parity.md. With --only, only the models that match are compared again.

  BUILD_DIR    where to build (build/release)
  PYTHON       a Python that has the packages of tools/requirements.txt; default: a virtual environment in BUILD_DIR
EOF
}

only=
case "${1:-}" in
  -h | --help) usage; exit 0 ;;
  --only) only=${2:?--only needs a regular expression} ;;
  '') ;;
  *) usage >&2; exit 2 ;;
esac

cd "$(dirname "$0")/.."
build=${BUILD_DIR:-build/release}
if [ ! -f "$build/CMakeCache.txt" ]; then cmake --preset release -B "$build" --log-level=WARNING > /dev/null; fi
cmake --build "$build" --target strata
if [ -z "${PYTHON:-}" ]; then
  PYTHON=$build/keras/bin/python
  if [ ! -x "$PYTHON" ]; then
    python3 -m venv "$build/keras"
    "$PYTHON" -m pip install --quiet --requirement tools/requirements.txt
  fi
fi
exec "$PYTHON" tools/keras_parity.py --strata "$build/bin/strata" --folder "$build/parity" --only "$only" \
  --table docs/parity.md
