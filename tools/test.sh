#!/bin/bash
# Sets up, builds and runs every test, fast ones first. The last line is
# "N passed, N failed" over all runners; the exit code is 0 if nothing failed.
# A new runner is one `run` line at the end of this file:
#   run NAME {plain,gtest,lit,pytest} COMMAND...
# where the second word says how the command reports its results.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

passed=0
failed=0
logs=build/test-logs
seconds_per_runner=1800

finish() {
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
  exit
}

# A step that everything else needs.
need() {
  "$@" && return
  echo "test: $* failed"
  failed=$((failed + 1))
  finish
}

run() {
  local name=$1 kind=$2 code=0 ok bad
  shift 2
  local log=$logs/$name.log started=$SECONDS
  timeout -k 10 "$seconds_per_runner" "$@" >"$log" 2>&1 </dev/null || code=$?
  read -r ok bad < <($python tools/dev/count_results.py "$kind" "$code" <"$log")
  if [ "${bad:-1}" -ne 0 ]; then
    grep -E '^(FAILED|ERROR|FAIL:|\[  FAILED  \])' "$log" | head -n 20
    tail -n 100 "$log"
    echo "test: exit code $code from: $*"
  fi
  echo "$name: ${ok:-0} passed, ${bad:-1} failed ($((SECONDS - started)) s)"
  passed=$((passed + ${ok:-0}))
  failed=$((failed + ${bad:-1}))
}

need tools/setup.sh
mkdir -p "$logs"
python=$PWD/.venv/bin/python
need tools/dev/build.sh
export PYTHONPATH=$PWD/build/python PYTHONDONTWRITEBYTECODE=1 HF_HUB_OFFLINE=1

run layering plain tools/dev/check_layering.py
run layering-self plain tools/dev/check_layering.py --self-test
run format plain tools/dev/check_format.sh
run names plain tools/dev/check_names.py
run names-self plain tools/dev/check_names.py --self-test
run counting-self plain tools/dev/count_results.py --self-test
run unit gtest ctest --test-dir build -V
run lit lit "$python" /usr/lib/llvm-22/bin/lit -sv build/test
run kernels plain "$python" test/Integration/CPU/kernels.py build/bin/sparse-opt /usr/lib/llvm-22/bin --quick
run fuzz plain "$python" test/Fuzz/fuzz.py --count 500 \
  --seed "${SPARSE_OPT_FUZZ_SEED:-0}" --out build/fuzz
# Some tests' children die on purpose: no faulthandler.
run python pytest "$python" -m pytest -q --tb=short -p no:cacheprovider -p no:faulthandler \
  test/python
finish
