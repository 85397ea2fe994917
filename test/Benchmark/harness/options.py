"""The command line that all benchmarks share."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from . import environment


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


def run(description: str, bars: Callable[[bool], list[str]],
        benchmark: Callable[[list[str], argparse.Namespace], Any], title: str) -> None:
    """The main function of a benchmark: `benchmark` makes, of the chosen bars and the arguments,
    what has a method `run` that fills its `table`."""
    arguments = parse(description)
    chosen = select(bars(arguments.quick), arguments.filter)
    if arguments.list:
        print("\n".join(chosen))
        return
    environment.enter()
    from . import plots

    made = benchmark(chosen, arguments)
    made.run()
    print(made.table.markdown())
    if arguments.json:
        made.table.write(arguments.json)
        plots.write(made.table, arguments.json, title)
