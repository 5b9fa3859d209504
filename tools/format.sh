#!/usr/bin/env bash
# Formats every C and C++ file by .clang-format.
set -euo pipefail

usage() {
  cat <<'EOF'
usage: tools/format.sh [--check]

Formats the C and C++ files git knows, and new ones it does not ignore, with clang-format 19.

  --check   change nothing; name the places that would change, and exit with status 1 where there are any
EOF
}

options=(-i)
case "${1:-}" in
  "") ;;
  --check) options=(--dry-run --Werror) ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

cd "$(dirname "$0")/.."
git ls-files -z --cached --others --exclude-standard -- '*.c' '*.h' '*.cpp' '*.inc' |
  while IFS= read -r -d '' file; do
    if [ -f "$file" ]; then printf '%s\0' "$file"; fi
  done |
  xargs -0 --no-run-if-empty clang-format-19 --style=file "${options[@]}"
