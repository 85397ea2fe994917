"""What the machine is, and whether it is idle."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path

FEATURES = ("avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "avx512_vbmi", "amx_tile")


def cores(threads: int) -> list[int]:
    """The cores that all engines are pinned to."""
    mine = sorted(os.sched_getaffinity(0))
    if len(mine) < threads:
        raise SystemExit(f"expected {threads} cores, found {len(mine)}")
    return mine[:threads]


def describe() -> dict:
    fields = {}
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip(), value.strip())
    flags = set(fields.get("flags", "").split())
    family = "/".join(fields.get(key, "?") for key in ("cpu family", "model", "stepping"))
    return {"cpu": fields.get("model name", platform.machine()), "family": family,
            "features": [name for name in FEATURES if name in flags],
            "cores": len(os.sched_getaffinity(0)), "kernel": platform.release()}


def _busy_and_all(chosen: list[int]) -> tuple[int, int]:
    busy = total = 0
    for line in Path("/proc/stat").read_text().splitlines():
        name, *fields = line.split()
        if name[:3] == "cpu" and name[3:].isdigit() and int(name[3:]) in chosen:
            ticks = [int(field) for field in fields[:8]]
            total += sum(ticks)
            busy += sum(ticks) - ticks[3] - ticks[4]
    return busy, total


def wait_until_idle(chosen: list[int], seconds: float = 120, share: float = 0.95) -> bool:
    """True once the cores were idle for `share` of two seconds; False when time is up."""
    end = time.monotonic() + seconds
    while True:
        before = _busy_and_all(chosen)
        time.sleep(2)
        after = _busy_and_all(chosen)
        if after[0] - before[0] <= (1 - share) * (after[1] - before[1]):
            return True
        if time.monotonic() > end:
            return False
