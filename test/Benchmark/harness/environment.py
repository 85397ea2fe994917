"""Where things lie, and the benchmarks' own Python environment. Standard library only."""

from __future__ import annotations

import os
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[1]
ROOT = BENCHMARKS.parents[1]
BUILD = Path(os.environ.get("SPARSE_OPT_BUILD", ROOT / "build"))
PACKAGE = BUILD / "python"
CACHE = BUILD / "benchmark"


def enter() -> None:
    """Starts the script again in .venv-peers, or in .venv where there are no peers."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ["PYTHONPATH"] = os.pathsep.join(map(str, (PACKAGE, BENCHMARKS)))
    for name in (".venv-peers", ".venv"):
        python = ROOT / name / "bin" / "python"
        if python.exists():
            break
    else:
        sys.exit("expected the environment .venv, found none; run tools/setup.sh")
    if Path(sys.prefix).resolve() != (ROOT / name).resolve():
        os.execv(python, [str(python), *sys.argv])
    sys.path[:0] = [str(PACKAGE), str(BENCHMARKS)]
