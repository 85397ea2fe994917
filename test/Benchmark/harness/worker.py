"""One engine in a process of its own: loads a model, runs it when told, says how long it took.

Requests come as lines of JSON on stdin, answers go to stdout; what libraries print goes to
stderr. The parent stops the process between its turns."""

from __future__ import annotations

import json
import os
import sys
import time
import traceback

import numpy as np

from . import engines


def _run(engine: engines.Engine, request: dict) -> dict:
    for _ in range(request["warmup"]):
        engine.run()
    times: list[float] = []
    end = time.perf_counter() + request["seconds"]
    while len(times) < request["calls"] or time.perf_counter() < end:
        start = time.perf_counter()
        engine.run()
        times.append(time.perf_counter() - start)
    return {"times": times}


def _load(request: dict) -> tuple[engines.Engine, dict]:
    inputs = dict(np.load(request["inputs"]))
    engine = engines.ENGINES[request["engine"]](request["threads"])
    engine.load(request["model"], inputs)
    np.save(request["output"], np.asarray(engine.result(), dtype=np.float64))
    return engine, {"version": engine.version()}


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    engine = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "load":
                engine, answer = _load(request)
            else:
                answer = _run(engine, request)
        except Exception as error:  # An engine that fails is a row that says so.
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
        answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
