#!/usr/bin/env python3
"""Compiles random programs of sparse products and compares them with NumPy, exactly.

    fuzz.py [--count 500] [--seed 0] [--out FOLDER]     many cases
    fuzz.py --replay FOLDER/fuzz-17.json                one of them again

Prints the seed and `N passed, N failed`. A failing case is made smaller and written to
FOLDER as fuzz-SEED.json and fuzz-SEED.mlir. Needs sparse_opt on PYTHONPATH.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np

import cases
from program import Program

TRIES = 80      # programs that making one case smaller may compile
SECONDS = 120   # that one case may take
FAILURES = 20   # after which there is no point in going on


def runs_here(target: str) -> bool:
    """Whether this machine has what programs for `target` use."""
    flags = set(Path("/proc/cpuinfo").read_text().split("flags", 1)[-1].split("\n")[0].split())
    needed = {"x86-64-v3": {"avx2", "fma", "bmi2", "f16c"},
              "x86-64-v4": {"avx512f", "avx512bw", "avx512dq", "avx512vl"}}
    return needed.get(target, set()) <= flags


def run(case: dict) -> str:
    """Nothing, or what is wrong."""
    import sparse_opt

    program = Program(case)
    target = case["target"] if runs_here(case["target"]) else "host"
    try:
        compiled = sparse_opt.compile_mlir(program.text(), program.arrays(), target=target,
                                           format=case["format"])
    except sparse_opt.CompileError as error:
        return f"refused: {error}"
    for x in program.inputs():
        given = x.copy()
        results = compiled(x, threads=case["threads"])
        if not np.array_equal(x, given):
            return f"wrong: the program wrote to its input of {x.shape}"
        results = results if isinstance(results, tuple) else (results,)
        for got, expected in zip(results, program.evaluate(x)):
            if got.shape != expected.shape:
                return f"wrong: shape {got.shape}, expected {expected.shape}"
            got = np.asarray(got, np.float64)
            if not np.array_equal(got, expected):
                at = tuple(int(i) for i in np.argwhere(got != expected)[0])
                return (f"wrong: {(got != expected).sum()} of {got.size} elements for an input of "
                        f"{x.shape}, first {got[at]} at {at}, expected {expected[at]}")
    return ""


# --- workers: a case may end its process ---------------------------------------


def work() -> None:
    """Runs the cases on stdin, one JSON object a line, until they end."""
    for line in sys.stdin:
        try:
            message = run(json.loads(line))
        except Exception as error:  # a finding, whatever it is
            message = f"error: {type(error).__name__}: {error}"
        print(json.dumps(message), flush=True)


class Worker:
    """A process that runs cases one after another; a new one after each crash."""

    def __init__(self):
        self.process = None

    def run(self, case: dict) -> str:
        if not self.process:
            self.process = subprocess.Popen(
                [sys.executable, __file__, "--worker"], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        timer = threading.Timer(SECONDS, self.process.kill)
        timer.start()
        self.process.stdin.write(json.dumps(case) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        timer.cancel()
        if line:
            return json.loads(line)
        code, self.process = self.process.wait(), None
        return "timeout" if code == -signal.SIGKILL else f"crash: exit code {code}"

    def close(self) -> None:
        if self.process:
            self.process.stdin.close()
            self.process.wait()


def kind_of(message: str) -> str:
    """What failures have in common: their text without places and numbers."""
    first = message.split("\n")[0].replace("<text>", "")
    return re.sub(r"[-\d.,()]+", "", first)[:60] if first.startswith("refused") else \
        message.split(":")[0]


def minimise(worker: Worker, case: dict, message: str) -> tuple:
    """A smaller case that fails in the same way."""
    tries, progress = 0, True
    while progress and tries < TRIES:
        progress = False
        for candidate in cases.simpler(case):
            tries += 1
            found = worker.run(candidate)
            if kind_of(found) == kind_of(message):
                case, message, progress = candidate, found, True
                break
            if tries >= TRIES:
                break
    return case, message


def report(worker: Worker, case: dict, message: str, out: Path) -> None:
    seed = case["seed"]
    print(f"seed {seed}: {message}", flush=True)
    case, message = minimise(worker, case, message)
    out.mkdir(parents=True, exist_ok=True)
    (out / f"fuzz-{seed}.json").write_text(json.dumps(case, indent=1))
    (out / f"fuzz-{seed}.mlir").write_text(f"// {message}\n{Program(case).text()}")
    print(f"  smaller, in {out}/fuzz-{seed}.json: {message}", flush=True)


def fuzz(first: int, count: int, out: Path) -> int:
    """Runs `count` cases in as many processes as there are cores."""
    seeds = iter(range(first, first + count))
    failures, lock = [], threading.Lock()

    def drain() -> None:
        worker = Worker()
        while True:
            with lock:
                seed = next(seeds, None)
            if seed is None or len(failures) >= FAILURES:
                break
            case = cases.random_case(seed)
            message = worker.run(case)
            if message:
                failures.append(seed)
                report(worker, case, message, out)
        worker.close()

    drains = [threading.Thread(target=drain) for _ in range(min(os.cpu_count() or 1, 4))]
    for thread in drains:
        thread.start()
    for thread in drains:
        thread.join()
    return len(failures)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0, help="of the first case")
    parser.add_argument("--out", type=Path, default=Path("build/fuzz"), help="for failing cases")
    parser.add_argument("--replay", type=Path, help="a written case")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        return work()
    if args.replay:
        message = Worker().run(json.loads(args.replay.read_text()))
        print(message or "passed")
        return bool(message)
    print(f"seeds {args.seed} to {args.seed + args.count - 1}", flush=True)
    started = time.time()
    failed = fuzz(args.seed, args.count, args.out)
    print(f"{time.time() - started:.0f} s")
    print(f"{args.count - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
