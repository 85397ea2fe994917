#!/usr/bin/env python3
# REQUIRES: numpy
# RUN: %python %s sparse-opt %llvm_lib_dir/../bin --quick
"""Runs the kernels of --convert-sparsity-to-vector and compares with NumPy.

Builds random weights, packs them here (a second implementation of every
layout), lowers programs of one product each and calls them with operands that
end at an unreadable page. Prints `N passed, N failed`.

    kernels.py SPARSE_OPT LLVM_BIN [--only WORD] [--targets A,B] [--quick]
"""

import argparse
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
import kernel_cases
import kernel_program


def run_case(case, function, rng):
    """Errors of one case over its token counts."""
    errors = []
    for tokens in case.tokens:
        operands = kernel_cases.make_operands(case, tokens, rng)
        out = operands.call(function)
        message = operands.check(out)
        if message:
            errors.append(f"{case.name} tokens={tokens}: {message}")
    return errors


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("sparse_opt")
    parser.add_argument("llvm_bin")
    parser.add_argument("--only", default="")
    parser.add_argument("--targets", default="x86-64,x86-64-v3,x86-64-v4")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--keep", default=None, help="folder for the programs")
    args = parser.parse_args()
    tools = kernel_program.Tools(args.sparse_opt, args.llvm_bin, args.keep)
    passed = failed = 0
    for target in args.targets.split(","):
        if not kernel_program.runs_here(target):
            print(f"skipped: this machine does not run {target}")
            continue
        for portable in (False, True):
            cases = [
                case
                for case in kernel_cases.all_cases(args.quick, portable)
                if args.only in case.name
            ]
            if not cases:
                continue
            text = kernel_program.module_text(cases, target)
            library = tools.build(text, target, portable)
            rng = np.random.default_rng(7)
            for case in cases:
                function = getattr(library, "_mlir_ciface_" + case.symbol)
                errors = run_case(case, function, rng)
                for error in errors:
                    print(f"FAIL {target} portable={portable} {error}")
                passed, failed = passed + (not errors), failed + bool(errors)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
