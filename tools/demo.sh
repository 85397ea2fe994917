#!/bin/bash
# The main job on a real network: sets up, builds what it needs, embeds English
# sentences with the dense and the sparse program, prints the table and writes a
# report. Options go to `python -m sparse_opt.demo` (see its --help).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [ ! -e python_bindings/sparse_opt/demo.py ] &&
  [ ! -e python_bindings/sparse_opt/demo/__main__.py ]; then
  echo "demo: error: expected the module sparse_opt.demo in python_bindings," \
    "found none in this checkout" >&2
  exit 1
fi
tools/setup.sh
tools/dev/build.sh sparse-opt-python
export PYTHONPATH=$PWD/build/python HF_HUB_OFFLINE=1
exec .venv/bin/python -m sparse_opt.demo "$@"
