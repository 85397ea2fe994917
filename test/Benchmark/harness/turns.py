"""Engines that take turns on the same cores: each is a process, stopped while others run."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

#: One engine must not hang the benchmark: torch.compile on a busy machine takes minutes.
ANSWER_SECONDS = 600


class WorkerError(Exception):
    """The engine is missing, or failed."""


class Worker:
    """The process of one engine with one model."""

    def __init__(self, name: str, engine: str, cores: list[int]):
        self.name = name
        self.engine = engine
        self.version = name
        self.times: list[float] = []
        self._cores = cores
        self._log = tempfile.TemporaryFile("w+")
        environment = {**os.environ, "OMP_NUM_THREADS": str(len(cores)),
                       "MKL_NUM_THREADS": str(len(cores))}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "harness.worker"], env=environment, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log,
            preexec_fn=lambda: os.sched_setaffinity(0, cores))

    def load(self, model: dict[str, str], inputs: Path) -> np.ndarray:
        """Loads the model and gives the output of one call; the process is stopped after it."""
        with tempfile.NamedTemporaryFile(suffix=".npy") as output:
            answer = self._ask({"do": "load", "engine": self.engine, "model": model,
                                "inputs": str(inputs), "output": output.name,
                                "threads": len(self._cores)})
            self.version = answer["version"]
            result = np.load(output.name)
        self._signal(signal.SIGSTOP)
        return result

    def turn(self, calls: int, seconds: float) -> None:
        """At least `calls` timed calls after two to warm up, for at least `seconds`."""
        self._signal(signal.SIGCONT)
        try:
            answer = self._ask({"do": "run", "warmup": 2 if seconds else 1, "calls": calls,
                                "seconds": seconds})
        finally:
            self._signal(signal.SIGSTOP)
        self.times += answer["times"]

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._log):
            stream.close()

    def _signal(self, number: signal.Signals) -> None:
        if self._process.poll() is None:
            self._process.send_signal(number)

    def _ask(self, request: dict) -> dict:
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
        except BrokenPipeError:
            raise WorkerError(self._last_words()) from None
        if not select.select([self._process.stdout], [], [], ANSWER_SECONDS)[0]:
            raise WorkerError(f"no answer in {ANSWER_SECONDS} s")
        line = self._process.stdout.readline()
        if not line:
            raise WorkerError(self._last_words())
        answer = json.loads(line)
        if "error" in answer:
            raise WorkerError(answer["error"])
        return answer

    def _last_words(self) -> str:
        code = self._process.wait()
        self._log.seek(0)
        lines = [line for line in self._log.read().splitlines() if line.strip()]
        return f"the process ended with code {code}: {lines[-1] if lines else 'no output'}"


@dataclass
class Race:
    """Engines on one case: who is in, with which result, and who is not, and why."""

    cores: list[int]
    workers: dict[str, Worker] = field(default_factory=dict)
    results: dict[str, np.ndarray] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def enter(self, name: str, engine: str, model: dict[str, str], inputs: Path) -> None:
        worker = Worker(name, engine, self.cores)
        try:
            self.results[name] = worker.load(model, inputs)
            self.workers[name] = worker
        except WorkerError as error:
            self.missing[name] = str(error)
            worker.close()

    def run(self, rounds: int, seconds: float) -> None:
        """`rounds` turns for each, in order: one call in the first, then at least three. Engines
        that need over two seconds for a call have three turns of one call."""
        for index in range(rounds):
            for name, worker in list(self.workers.items()):
                slow = bool(worker.times) and min(worker.times) > 2
                if slow and index >= 3:
                    continue
                try:
                    worker.turn(1 if slow or not index else 3, 0 if slow else seconds)
                except WorkerError as error:
                    self.missing[name] = str(error)
                    self.workers.pop(name).close()

    def best(self, name: str) -> float:
        """Seconds of the fastest call."""
        return min(self.workers[name].times)

    def close(self) -> None:
        for worker in self.workers.values():
            worker.close()

    def __enter__(self) -> Race:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
