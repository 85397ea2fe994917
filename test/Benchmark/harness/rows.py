"""The rows of a benchmark: written as JSON, printed as a Markdown table."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Row:
    """One figure. Without a value, `missing` says why."""

    bar: str
    value: float | None
    unit: str
    #: What the bar wants: ">= 0.6", "<= 5e-06", or "" where it wants nothing.
    wanted: str = ""
    peer: str | None = None
    peer_ms: float | None = None
    ours_ms: float | None = None
    error: float | None = None
    missing: str | None = None
    noisy: bool = False
    #: Milliseconds of every engine of the run, or why there are none.
    engines: dict[str, float | str] = field(default_factory=dict)
    case: dict[str, Any] = field(default_factory=dict)

    @property
    def holds(self) -> bool | None:
        """Whether the bar is held; None if it wants nothing."""
        if not self.wanted:
            return None
        relation, bound = self.wanted.split()
        if self.value is None:
            return False
        return self.value >= float(bound) if relation == ">=" else self.value <= float(bound)


class Table:
    """All rows of one run."""

    def __init__(self, host: dict):
        self.host = host
        self.rows: list[Row] = []

    def add(self, row: Row) -> None:
        self.rows.append(row)

    def write(self, path: Path) -> None:
        rows = [{key: value for key, value in asdict(row).items()
                 if value not in (None, {}, "", False)} | {"value": row.value}
                for row in self.rows]
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(path.name + ".new")
        beside.write_text(json.dumps({"host": self.host, "rows": rows}, indent=1) + "\n")
        beside.replace(path)

    def markdown(self) -> str:
        host = self.host
        lines = [f"{host['cpu']} ({host['family']}), {host['threads']} of {host['cores']} cores, "
                 f"{' '.join(host['features'])}", "; ".join(host["versions"]), "",
                 "| bar | value | wanted | ours | fastest peer | error | |",
                 "|---|---|---|---|---|---|---|"]
        return "\n".join(lines + [_line(row) for row in self.rows])


def _number(value: float | None, unit: str = "") -> str:
    if value is None:
        return ""
    text = f"{value:.1e}" if 0 < abs(value) < 1e-3 else f"{value:.3g}"
    return f"{text} {unit}".strip()


def _line(row: Row) -> str:
    verdict = {None: "", True: "ok", False: "MISSED"}[row.holds]
    notes = ", ".join(filter(None, (verdict, "noisy" if row.noisy else "", row.missing)))
    peer = f"{_number(row.peer_ms, 'ms')} {row.peer or ''}".strip()
    return (f"| {row.bar} | {_number(row.value, row.unit)} | {row.wanted} | "
            f"{_number(row.ours_ms, 'ms')} | {peer} | {_number(row.error)} | {notes} |")
