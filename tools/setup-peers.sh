#!/bin/bash
# Makes .venv-peers, the Python environment of the benchmarks: the peers of
# test/Benchmark/requirements.txt, and behind them everything in .venv (torch,
# numpy, the networks), so that both see one version. Needs tools/setup.sh first.
# A second call needs no network and returns at once.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

base=.venv
venv=.venv-peers
requirements=test/Benchmark/requirements.txt

say() { echo "set-up of peers: $*"; }
die() {
  echo "set-up of peers: error: $*" >&2
  exit 1
}

[ -x "$base/bin/python" ] || die "expected $base, found none; run tools/setup.sh"
hash=$({ "$base/bin/python" -V && cat "$requirements" tools/constraints.txt; } |
  sha256sum | cut -d' ' -f1)
stamp=$venv/.sparse-opt-stamp
if [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$hash" ]; then
  say "ready"
  exit
fi

say "installing $venv (about a minute, 1 GB)"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"$base/bin/python" -m venv --clear "$venv" >"$log" 2>&1 &&
  "$venv/bin/python" -m pip install --disable-pip-version-check --no-input \
    -r "$requirements" -c tools/constraints.txt >>"$log" 2>&1 || {
  tail -n 30 "$log" >&2
  die "pip could not install $requirements"
}
# What .venv-peers lacks is found in .venv.
site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
behind=$("$base/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo "$behind" >"$site/behind.pth"
echo "$hash" >"$stamp"
say "ready"
