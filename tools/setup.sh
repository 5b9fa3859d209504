#!/usr/bin/env bash
# Installs what building and testing Strata needs. tools/quickstart.sh and tools/test.sh call it.
set -euo pipefail

usage() {
  cat <<'EOF'
usage: tools/setup.sh [--checks]

Installs the packages Strata is built with that are missing, by apt: Debian 12 or newer, or an Ubuntu that has LLVM 19.
Where nothing is missing it returns at once and needs neither root nor a network. Elsewhere it prints the list and
exits with status 1.

  --checks   also Clang 19 with its sanitizers, clang-format and clang-tidy (for .ci/run, tools/format.sh, tools/tidy.sh)
EOF
}

packages=(
  g++ cmake ninja-build pkg-config ccache
  llvm-19-dev                             # code generation
  antlr4 libantlr4-runtime-dev            # the parser; antlr4 brings a Java runtime, used while building only
  nlohmann-json3-dev libcli11-dev libutf8proc-dev libzip-dev libhdf5-dev
  libgtest-dev libgmock-dev libbenchmark-dev
)
for argument in "$@"; do
  case "$argument" in
    --checks) packages+=(clang-19 libclang-rt-19-dev clang-format-19 clang-tidy-19) ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

if ! command -v dpkg-query > /dev/null || ! command -v apt-get > /dev/null; then
  # Not Debian. Whoever installed the same things by hand has told us so by having the least obvious of them.
  if command -v cmake > /dev/null && command -v ninja > /dev/null && command -v antlr4 > /dev/null &&
    { command -v llvm-config-19 > /dev/null || command -v llvm-config > /dev/null; }; then
    exit 0
  fi
  echo "setup: this system has no apt. Please install what these Debian packages hold, and run this again:" >&2
  printf '  %s\n' "${packages[@]}" >&2
  exit 1
fi

missing=()
installed=$(dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' "${packages[@]}" 2> /dev/null || true)
for package in "${packages[@]}"; do
  grep --quiet --line-regexp --fixed-strings "installed $package" <<< "$installed" || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo > /dev/null; then
    echo "setup: packages are missing and there is no sudo. Please run as root:" >&2
    echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Runs a command with its output in the log, which is shown only where it fails.
quietly() {
  if ! "$@" > "$log" 2>&1; then
    cat "$log" >&2
    echo "setup: failed: $*" >&2
    exit 1
  fi
}

apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get --quiet --yes)

echo "setup: installing ${missing[*]}"
# Prints those of the missing packages that the lists of packages do not offer.
unknown() {
  local package policy
  for package in "${missing[@]}"; do
    policy=$(LC_ALL=C apt-cache policy "$package" 2> /dev/null || true)
    grep --quiet 'Candidate: [^(]' <<< "$policy" || echo "$package"
  done
}

# The lists are fetched where there are none yet, and below where they are too old to install from.
if [ -n "$(unknown)" ]; then
  echo "setup: fetching the lists of packages"
  quietly "${apt[@]}" update
fi
unknown=$(unknown)
if [ -n "$unknown" ]; then
  echo "setup: this system's package sources lack" $unknown >&2
  echo "setup: Strata needs Debian 12 or newer, or an Ubuntu that has LLVM 19" >&2
  exit 1
fi
install=("${apt[@]}" install --no-install-recommends "${missing[@]}")
if ! "${install[@]}" > "$log" 2>&1; then
  echo "setup: trying again with newer lists of packages"
  quietly "${apt[@]}" update
  quietly "${install[@]}"
fi
echo "setup: done"
