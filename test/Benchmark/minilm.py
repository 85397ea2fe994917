"""MiniLM (all-MiniLM-L6-v2, f32), dense and sparse, against the peers and against torch.

Ratios are those of one run in which all engines take turns; see harness/turns.py. Exports and
compiled programs are kept in build/benchmark, by the contents of what they are made from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from harness import environment, options

PROGRAMS = ("dense", "nm2x4", "nm1x4", "bsr16x75", "unstructured80")
TIMED_CASES = ("b1s16", "b1s128", "b8s128", "b32s128")
ERROR_CASES = ("b1s16", "b1s128", "b8s128", "b3s37", "b1s1", "b64s5")
#: Peer -> the step of networks/minilm.py that makes its model; None = runs the module itself.
PEERS = {"openvino": "openvino", "onnxruntime": "onnx", "iree": "vmfb",
         "torch-compile": None, "torch": None}
SUFFIXES = {"openvino": "xml", "onnx": "onnx", "vmfb": "vmfb"}
QUICK_PEERS = ("openvino", "onnxruntime")
QUICK_PROGRAMS = ("dense", "nm2x4")
LARGEST_ERROR = 5e-6
WANTED_OVER_PEERS = {("nm2x4", "b1s16"): 1.8, ("nm2x4", "b1s128"): 1.35, ("nm2x4", "b8s128"): 1.4,
                     ("nm1x4", "b8s128"): 1.95, ("bsr16x75", "b8s128"): 2.3,
                     ("unstructured80", "b8s128"): 1.75}
WANTED_OVER_DENSE = {("nm2x4", "b1s16"): 1.3, ("nm2x4", "b8s128"): 1.25}
WANTED_BYTES = {"nm2x4": 0.55, "nm1x4": 0.29, "bsr16x75": 0.27}
SOURCES = ("test/Benchmark/networks", "test/python/minilm.py", "tools/constraints.txt",
           "python_bindings/sparse_opt/frontend", "test/Benchmark/requirements.txt")
RECIPES = environment.BENCHMARKS / "recipes"


def bars(quick: bool) -> list[str]:
    programs = QUICK_PROGRAMS if quick else PROGRAMS
    timed = ("b1s16",) if quick else TIMED_CASES
    checked = ("b1s16", "b3s37") if quick else ERROR_CASES
    return ([f"minilm/{name}/{case}" for case in timed for name in programs]
            + [f"minilm/over-dense/{name}/{case}"
               for case in timed for name in programs if name != "dense"]
            + [f"minilm/error/{name}/{case}" for name in programs for case in checked]
            + [f"minilm/bytes/{name}" for name in programs]
            + ["minilm/compile-seconds", "minilm/compile-rss-gb", "minilm/call-us"])


def wanted(bar: str) -> str:
    """What the bar asks for."""
    kind, *rest = bar.split("/")[1:]
    if kind == "dense":
        return ">= 0.97"
    if kind in PROGRAMS:
        bound = WANTED_OVER_PEERS.get((kind, rest[0]))
        return f">= {bound}" if bound else ""
    if kind == "over-dense":
        return f">= {WANTED_OVER_DENSE.get(tuple(rest), 1.0)}"
    if kind == "error":
        return f"<= {LARGEST_ERROR:g}"
    if kind == "bytes" and rest[0] in WANTED_BYTES:
        return f"<= {WANTED_BYTES[rest[0]]}"
    return {"compile-seconds": "<= 20", "compile-rss-gb": "<= 1.0",
            "call-us": "<= 20"}.get(kind, "")


def say(text: str) -> None:
    print(f"minilm: {text}", file=sys.stderr, flush=True)


class Models:
    """Exports, oracles and compiled programs, made when they are asked for."""

    def __init__(self):
        from harness import cache

        self.folder = cache.folder("minilm", [environment.ROOT / place for place in SOURCES])
        self.compiler = environment.BUILD / "bin" / "sparse-compile"
        self.programs = cache.folder("minilm-programs", [
            self.compiler, RECIPES, self.made("minilm.mlir", "program")])
        #: Program -> (seconds, peak memory in GB) of compilations of this run.
        self.costs: dict[str, tuple[float, float]] = {}

    def made(self, file: str, *step: str) -> Path:
        path = self.folder / file
        if not path.exists():
            say(f"making {file}")
            script = environment.BENCHMARKS / "networks" / "minilm.py"
            done = subprocess.run([sys.executable, str(script), step[0], str(self.folder),
                                   *step[1:]], capture_output=True, text=True)
            if done.returncode:
                lines = done.stderr.strip().splitlines() or ["no output"]
                lines = [line for line in lines if "error: " in line.lower()] or lines[-1:]
                raise RuntimeError(f"{file}: {lines[0]}")
        return path

    def inputs(self, case: str) -> Path:
        return self.made(f"{case}.npz", "inputs", case)

    def oracle(self, name: str, case: str) -> Path:
        return self.made(f"{name}-{case}.npy", "oracle", name, case)

    def peer(self, peer: str, case: str) -> dict[str, str]:
        step = PEERS[peer]
        if step is None:
            return {"torch": "networks.minilm:load"}
        return {step: str(self.made(f"{case}.{SUFFIXES[step]}", step, case))}

    def program(self, name: str, fresh: bool = False) -> Path:
        """The shared library; `fresh` compiles it even if it is there, for its cost."""
        path = self.programs / f"{name}.so"
        if fresh and name not in self.costs or not path.exists():
            self._compile(name, path)
        return path

    def report(self, name: str) -> dict:
        return json.loads(self.program(name).with_suffix(".json").read_text())

    def _compile(self, name: str, path: Path) -> None:
        say(f"compiling {name}")
        command = [str(self.compiler), str(self.folder / "minilm.mlir"), "-o", str(path),
                   "--weights", str(self.folder / "minilm.safetensors"),
                   "--report", str(path.with_suffix(".json"))]
        if name != "dense":
            command += ["--recipe", str(RECIPES / f"{name}.yaml")]
        start = time.perf_counter()
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            lines = errors.strip().splitlines() or [f"exit code {process.returncode}"]
            raise RuntimeError(f"compiling {name}: {lines[0]}")
        self.costs[name] = (seconds, usage.ru_maxrss * 1024 / 1e9)


class Benchmark:
    def __init__(self, chosen: list[str], arguments):
        from harness import host
        from harness.rows import Table

        self.chosen = chosen
        self.arguments = arguments
        self.cores = host.cores(arguments.threads)
        self.models = Models()
        self.versions: set[str] = set()
        self.table = Table(host.describe() | {"threads": arguments.threads, "versions": []})
        self.idle: bool | None = None
        self.errors: dict[tuple[str, str], float | str] = {}

    def run(self) -> None:
        self.compile()
        for case in TIMED_CASES:
            timed = [bar for bar in self.chosen if bar.split("/")[1] != "error"
                     and bar.endswith(f"/{case}")]
            if timed:
                self.race(case, timed)
        for bar in self.chosen:
            kind, *rest = bar.split("/")[1:]
            if kind == "error":
                self.add(bar, *self.error(*rest))
            elif kind == "bytes":
                self.attempt(bar, "x", lambda: self.bytes(rest[0]))
        if "minilm/call-us" in self.chosen:
            self.attempt("minilm/call-us", "us", self.call)
        self.table.host["versions"] = sorted(self.versions)

    def add(self, bar: str, value: float | None, unit: str, missing: str | None = None,
            **fields) -> None:
        from harness.rows import Row

        self.table.add(Row(bar, value, unit, wanted(bar), missing=missing, **fields))

    def attempt(self, bar: str, unit: str, measure) -> None:
        try:
            self.add(bar, measure(), unit)
        except (RuntimeError, OSError) as error:
            self.add(bar, None, unit, str(error))

    def compile(self) -> None:
        """Before anything else, so that nothing competes: the most costly program counts."""
        units = {"minilm/compile-seconds": "s", "minilm/compile-rss-gb": "GB"}
        rows = [bar for bar in self.chosen if bar in units]
        if not rows:
            return
        try:
            for name in QUICK_PROGRAMS if self.arguments.quick else PROGRAMS:
                self.models.program(name, fresh=True)
        except RuntimeError as error:
            for bar in rows:
                self.add(bar, None, units[bar], str(error))
            return
        for bar in rows:
            self.add(bar, max(cost[bar.endswith("gb")] for cost in self.models.costs.values()),
                     units[bar])

    def race(self, case: str, timed: list[str]) -> None:
        """One run with every engine that the bars of a case compare."""
        from harness import host, turns

        names = sorted({bar.split("/")[-2] for bar in timed} | {"dense"}, key=PROGRAMS.index)
        against_peers = any("over-dense" not in bar for bar in timed)
        peers = QUICK_PEERS if self.arguments.quick else tuple(PEERS)
        with turns.Race(self.cores) as race:
            for peer in peers if against_peers else ():
                self.enter(race, case, peer, peer, "dense")
            for name in names:
                self.enter(race, case, f"ours {name}", "sparse-opt", name)
            if self.idle is None:
                say("waiting for idle cores")
                self.idle = host.wait_until_idle(self.cores)
            say(f"{case}: {len(race.workers)} engines take turns")
            race.run(rounds=6, seconds=0.2)
            for bar in timed:
                self.compare(race, bar)

    def enter(self, race, case: str, worker: str, engine: str, name: str) -> None:
        """An engine takes part if its result is that of the oracle for program `name`."""
        say(f"{case}: loading {worker}")
        try:
            model = (self.models.peer(engine, case) if engine in PEERS
                     else {"program": str(self.models.program(name))})
            race.enter(worker, engine, model, self.models.inputs(case))
        except RuntimeError as error:
            race.missing[worker] = str(error)
        if worker not in race.workers:
            if engine == "sparse-opt":
                self.errors[name, case] = race.missing[worker]
            return
        error = self.distance(race.results[worker], name, case)
        if engine == "sparse-opt":
            self.errors[name, case] = error
        else:
            self.versions.add(race.workers[worker].version)
        if not error <= (LARGEST_ERROR if engine == "sparse-opt" else 1e-4):
            race.missing[worker] = f"wrong result, error {error:.1e}"
            race.workers.pop(worker).close()

    def distance(self, result, name: str, case: str) -> float:
        import numpy as np

        expected = np.load(self.models.oracle(name, case))
        if result.shape != expected.shape:
            return float("inf")
        return float(np.abs(result - expected).max(initial=0.0))

    def compare(self, race, bar: str) -> None:
        kind, *_, case = bar.split("/")[1:]
        name = bar.split("/")[-2]
        engines = {worker: race.best(worker) * 1e3 for worker in race.workers} | race.missing
        engines = {race.workers[key].version if key in PEERS and key in race.workers else key: value
                   for key, value in engines.items()}
        ours = engines.get(f"ours {name}")
        rivals = ({"our dense": engines.get("ours dense")} if kind == "over-dense" else
                  {key: value for key, value in engines.items() if not key.startswith("ours")})
        rivals = {key: value for key, value in rivals.items() if isinstance(value, float)}
        error = self.errors.get((name, case))
        fields = {"engines": engines, "noisy": not self.idle,
                  "error": error if isinstance(error, float) else None,
                  "case": dict(zip(("batch", "length"), map(int, case[1:].split("s"))))}
        if not isinstance(ours, float) or not rivals:
            reason = str(ours) if not isinstance(ours, float) else "no peer ran"
            self.add(bar, None, "x", reason, **fields)
            return
        peer = min(rivals, key=rivals.__getitem__)
        self.add(bar, rivals[peer] / ours, "x", peer=peer, peer_ms=rivals[peer], ours_ms=ours,
                 **fields)

    def error(self, name: str, case: str) -> tuple[float | None, str, str | None]:
        """Of the run that was timed, or of a run for this."""
        from harness import turns

        if (name, case) not in self.errors:
            with turns.Race(self.cores) as race:
                self.enter(race, case, f"ours {name}", "sparse-opt", name)
        error = self.errors[name, case]
        return (error, "", None) if isinstance(error, float) else (None, "", error)

    def bytes(self, name: str) -> float:
        """Resident bytes of the encoder's linear weights, all copies, over dense f32."""
        rows = [row for row in self.models.report(name)["weights"]
                if row["name"].startswith("encoder.layer.") and len(row["shape"]) == 2]
        dense = {row["name"]: row["bytes_dense"] for row in rows}
        if not rows:
            raise RuntimeError("the report has no linear weights")
        return sum(row["bytes"] for row in rows) / sum(dense.values())

    def call(self) -> float:
        """The larger of the two ways of calling."""
        script = environment.BENCHMARKS / "networks" / "call_overhead.py"
        done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError((done.stderr.strip().splitlines() or ["no output"])[-1])
        return max(map(float, done.stdout.split()))


if __name__ == "__main__":
    options.run(__doc__.splitlines()[0], bars, Benchmark, "MiniLM, f32")
