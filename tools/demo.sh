#!/bin/bash
# The main job on a real network: sets up, builds what it needs, embeds English
# sentences with the dense and the sparse program, prints the table and writes a
# report. Options go to `python -m sparse_opt.demo` (see its --help).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tools/setup.sh
tools/dev/build.sh sparse-opt-python
export PYTHONPATH=$PWD/build/python HF_HUB_OFFLINE=1
exec .venv/bin/python -m sparse_opt.demo "$@"
