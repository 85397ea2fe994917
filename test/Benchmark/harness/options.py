"""The command line that all benchmarks share."""

from __future__ import annotations

import argparse
from fnmatch import fnmatchcase
from pathlib import Path


def parse(description: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", type=Path, metavar="FILE",
                        help="write the rows; a PNG and an HTML page go beside it")
    parser.add_argument("--filter", default="*", metavar="GLOB", help="only bars that match")
    parser.add_argument("--quick", action="store_true", help="smaller cases, at most 60 s")
    parser.add_argument("--list", action="store_true", help="print the bars and stop")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def select(bars: list[str], glob: str) -> list[str]:
    chosen = [bar for bar in bars if fnmatchcase(bar, glob)]
    if not chosen:
        raise SystemExit(f"no bar matches '{glob}'; --list prints them")
    return chosen
