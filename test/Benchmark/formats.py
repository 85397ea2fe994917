"""Single products in every format against the peers' dense ones, f32.

Products of many columns are compared with the fastest peer; one column with the bandwidth that a
sum over an array of the weight's size reaches (dense) and with our dense program (the others)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from harness import environment, options

MANY = ("m128k384n1536", "m128k768n3072", "m1024k384n1536", "m256k4096n4096")
ONE = ("m1k4096n4096", "m1k4096n11008")
QUICK_MANY, QUICK_ONE = ("m128k384n1536",), ("m1k4096n4096",)
PATTERNS = ("dense", "nm2x4")
PEERS = ("onnxruntime", "openvino", "torch")
SUFFIXES = {"openvino": "xml", "onnx": "onnx"}
SOURCES = ("test/Benchmark/networks/linear.py", "tools/constraints.txt",
           "test/Benchmark/requirements.txt")
#: Bytes of a stored weight over those of a dense one: two values and 4 bits of four.
STORED = {"nm2x4": (2 * 4 + 0.5) / (4 * 4)}
WANTED = {"dense-f32": ">= 1.0", "nm2x4-f32": ">= 1.35", "decode-dense-f32": ">= 0.9",
          "byte-ratio": ">= 0.92"}
#: Of the largest magnitude in the result.
LARGEST_ERROR = 1e-5


def bars(quick: bool) -> list[str]:
    many, one = (QUICK_MANY, QUICK_ONE) if quick else (MANY, ONE)
    return ([f"formats/{pattern}-f32/{case}" for case in many for pattern in PATTERNS]
            + [f"formats/decode-{pattern}-f32/{case}" for case in one for pattern in PATTERNS]
            + [f"formats/byte-ratio/{pattern}-f32/{case}" for case in one for pattern in STORED])


def wanted(bar: str) -> str:
    """What the bar asks for."""
    return WANTED.get(bar.split("/")[1], "")


def say(text: str) -> None:
    print(f"formats: {text}", file=sys.stderr, flush=True)


def run(command: list[str], what: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no output"]
        raise RuntimeError(f"{what}: {lines[-1]}")


class Models:
    """Exports, oracles and compiled programs, made when they are asked for."""

    def __init__(self):
        from harness import cache

        self.folder = cache.folder("formats", [environment.ROOT / place for place in SOURCES])
        self.compiler = environment.BUILD / "bin" / "sparse-compile"
        self.programs = cache.folder("formats-programs", [self.compiler])

    def made(self, file: str, step: str, case: str) -> Path:
        path = self.folder / file
        if not path.exists():
            say(f"making {file}")
            script = environment.BENCHMARKS / "networks" / "linear.py"
            run([sys.executable, str(script), step, str(self.folder), case], file)
        return path

    def oracle(self, pattern: str, case: str) -> Path:
        if pattern == "dense":
            return self.made(f"{case}.npy", "data", case)
        return self.made(f"{case}-{pattern}.npy", "pruned", case)

    def peer(self, peer: str, case: str) -> dict[str, str]:
        if peer in ("torch", "bandwidth"):
            return {"torch": f"networks.linear:{case}"}
        step = {"onnxruntime": "onnx"}.get(peer, peer)
        return {step: str(self.made(f"{case}.{SUFFIXES[step]}", step, case))}

    def program(self, pattern: str, case: str) -> dict[str, str]:
        path = self.programs / f"{case}-{pattern}.so"
        if not path.exists():
            weights = self.made(f"{case}.npy", "data", case).with_suffix(".safetensors")
            command = [str(self.compiler), str(weights.with_suffix(".mlir")),
                       "--weights", str(weights), "-o", str(path)]
            if pattern != "dense":
                recipe = self.programs / f"{pattern}.yaml"
                n, m = pattern.removeprefix("nm").split("x")
                recipe.write_text(
                    f'version: 1\nrules:\n  - match: "weight"\n    pattern: "{n}:{m}"\n')
                command += ["--recipe", str(recipe)]
            run(command, f"compiling {path.stem}")
        return {"program": str(path)}


class Benchmark:
    def __init__(self, chosen: list[str], arguments):
        from harness import host
        from harness.rows import Table

        self.chosen = chosen
        self.cores = host.cores(arguments.threads)
        self.models = Models()
        self.versions: set[str] = set()
        self.table = Table(host.describe() | {"threads": arguments.threads, "versions": []})
        self.idle: bool | None = None
        #: Of the largest magnitude in the result.
        self.errors: dict[tuple[str, str], float] = {}

    def run(self) -> None:
        for case in dict.fromkeys(bar.rsplit("/", 1)[-1] for bar in self.chosen):
            self.race(case, [bar for bar in self.chosen if bar.endswith(f"/{case}")])
        self.table.host["versions"] = sorted(self.versions)

    def race(self, case: str, timed: list[str]) -> None:
        """One run with every engine that the bars of a case compare."""
        from harness import host, turns

        peers = PEERS if case in MANY else ("bandwidth",)
        with turns.Race(self.cores) as race:
            for peer in peers:
                self.enter(race, case, peer, peer, "dense")
            for pattern in PATTERNS:
                self.enter(race, case, f"ours {pattern}", "sparse-opt", pattern)
            if self.idle is None:
                say("waiting for idle cores")
                self.idle = host.wait_until_idle(self.cores)
            say(f"{case}: {len(race.workers)} engines take turns")
            race.run(rounds=12, seconds=0.2)
            for bar in timed:
                self.compare(race, bar, peers)

    def enter(self, race, case: str, worker: str, engine: str, pattern: str) -> None:
        """An engine takes part if its result is the oracle's; a sum has none."""
        import numpy as np

        say(f"{case}: loading {worker}")
        try:
            model = (self.models.program(pattern, case) if engine == "sparse-opt"
                     else self.models.peer(engine, case))
            inputs = self.models.made(f"{case}.npy", "data", case).with_suffix(".npz")
            race.enter(worker, engine, model, inputs)
        except RuntimeError as error:
            race.missing[worker] = str(error)
        if worker not in race.workers:
            return
        if engine != "sparse-opt":
            self.versions.add(race.workers[worker].version)
        if engine == "bandwidth":
            return
        expected = np.load(self.models.oracle(pattern, case))
        error = float(np.abs(race.results[worker] - expected).max() / np.abs(expected).max())
        self.errors[worker, case] = error
        if not error <= LARGEST_ERROR:
            race.missing[worker] = f"wrong result, error {error:.1e}"
            race.workers.pop(worker).close()

    def compare(self, race, bar: str, peers: tuple[str, ...]) -> None:
        from harness.rows import Row

        _, *kind, case = bar.split("/")
        pattern = kind[-1].removeprefix("decode-").removesuffix("-f32")
        engines = {worker: race.best(worker) * 1e3 for worker in race.workers} | race.missing
        ours = engines.get(f"ours {pattern}")
        rivals = peers if case in MANY or pattern == "dense" else ("ours dense",)
        times = {name: engines[name] for name in rivals if isinstance(engines.get(name), float)}
        sizes = map(int, case.replace("m", " ").replace("k", " ").replace("n", " ").split())
        fields = {"engines": engines, "noisy": not self.idle, "case": dict(zip("mkn", sizes)),
                  "error": self.errors.get((f"ours {pattern}", case))}
        if not isinstance(ours, float) or not times:
            reason = str(ours) if not isinstance(ours, float) else "no peer ran"
            self.table.add(Row(bar, None, "x", wanted(bar), missing=reason, **fields))
            return
        peer = min(times, key=times.__getitem__)
        value = times[peer] / ours
        if kind[0] == "byte-ratio":
            value *= STORED[pattern]
        self.table.add(Row(bar, value, "x", wanted(bar), peer=peer, peer_ms=times[peer],
                           ours_ms=ours, **fields))


if __name__ == "__main__":
    options.run(__doc__.splitlines()[0], bars, Benchmark, "Single products, f32")
