#!/bin/bash
# Checks that clang-format changes nothing in the C++ of the project, file by
# file; the last line is "N passed, N failed".
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
passed=0
failed=0
while IFS= read -r -d '' file; do
  if clang-format-22 --dry-run --Werror "$file"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
done < <(find include lib tools python_bindings test \( -name '*.h' -o -name '*.cpp' \) -print0)
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
