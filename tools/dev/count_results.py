#!/usr/bin/env python3
"""Reads a test runner's output and prints "<passed> <failed>".

    tools/dev/count_results.py {plain,gtest,lit,pytest} EXIT_CODE < output

A runner that ends in error without naming a failure, or that ran nothing, has
failed once. `--self-test` checks the parsers against real closing lines.
"""

import re
import sys

import checks

_LIT_PASSED = ("Passed", "Expectedly Failed", "Passed With Retry")
_LIT_FAILED = ("Failed", "Unexpectedly Passed", "Unresolved", "Timed Out")


def total(pattern, text):
    return sum(int(n) for n in re.findall(pattern, text, re.M))


def count_plain(text):
    """`N passed, N failed` alone on a line; several such lines add up."""
    found = re.findall(r"^(\d+) passed, (\d+) failed$", text, re.M)
    return sum(int(p) for p, _ in found), sum(int(f) for _, f in found)


def count_gtest(text):
    """`ctest -V` over gtest programs: their tests, and programs that crashed."""
    passed = total(r"\[  PASSED  \] (\d+) tests?\.", text)
    failed = total(r"\[  FAILED  \] (\d+) tests?, listed below", text)
    broken = total(r"(\d+) tests failed out of", text)
    reported = len(re.findall(r"\[  FAILED  \] \d+ tests?, listed below", text))
    return passed, failed + max(0, broken - reported)


def count_lit(text):
    def lines(names):
        return sum(total(rf"^  {name} *: (\d+) \(", text) for name in names)
    return lines(_LIT_PASSED), lines(_LIT_FAILED)


def count_pytest(text):
    closing = re.findall(r"^=*\s?(?=.*\d+ (?:passed|failed|error))(.*) in [\d.]+s",
                         text, re.M)
    last = closing[-1] if closing else ""
    return (total(r"(\d+) (?:passed|xfailed)", last),
            total(r"(\d+) (?:failed|errors?)\b", last))


PARSERS = {"plain": count_plain, "gtest": count_gtest, "lit": count_lit,
           "pytest": count_pytest}


def count(kind, exit_code, text):
    passed, failed = PARSERS[kind](text)
    if (exit_code != 0 and failed == 0) or passed + failed == 0:
        failed += 1
    return passed, failed


# (kind, exit code, output) and what must be counted.
_LIT = "  Unsupported        : 1 (5.0%)\n  Passed             : 7 (70.0%)\n"
SAMPLES = {
    ("plain", 0, "a\n3 passed, 0 failed\n2 passed, 0 failed\n"): (5, 0),
    ("plain", 1, "3 passed, 2 failed\n"): (3, 2),
    ("plain", 139, "3 passed, 0 failed\nSegmentation fault\n"): (3, 1),
    ("plain", 0, ""): (0, 1),
    ("gtest", 0, "1: [  PASSED  ] 12 tests.\n2: [  PASSED  ] 1 test.\n"
     "100% tests passed, 0 tests failed out of 2\n"): (13, 0),
    ("gtest", 8, "1: [  PASSED  ] 3 tests.\n1: [  FAILED  ] 2 tests, listed below:\n"
     "33% tests passed, 2 tests failed out of 3\n"): (3, 3),
    ("lit", 0, _LIT): (7, 0),
    ("lit", 1, _LIT + "  Failed             : 2 (20.0%)\n"
     "  Unexpectedly Passed: 1 (10.0%)\n"): (7, 3),
    ("lit", 2, "lit: error"): (0, 1),
    ("pytest", 0, "12 passed, 1 skipped in 3.21s\n"): (12, 0),
    ("pytest", 1, "=== 1 failed, 2 passed, 1 error in 0.1s ===\n"): (2, 2),
    ("pytest", 1, "12 passed in 1.0s (0:00:01)\n1 failed in 2.5s\n"): (0, 1),
    ("pytest", 5, "no tests ran in 0.01s\n"): (0, 1),
}


def self_test():
    results = {}
    for number, (sample, expected) in enumerate(SAMPLES.items()):
        got = count(*sample)
        results[f"sample {number} ({sample[0]})"] = \
            [] if got == expected else [f"expected {expected}, got {got}"]
    return checks.summarise(results)


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(self_test())
    print(*count(sys.argv[1], int(sys.argv[2]), sys.stdin.read()))
