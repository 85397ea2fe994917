"""Figures of a run: bars of milliseconds per engine and case, as PNG and as one HTML page."""

from __future__ import annotations

import base64
import html
from pathlib import Path

from .rows import Row, Table


def write(table: Table, json_path: Path, title: str) -> None:
    """Writes the PNG, where there is something to draw and matplotlib, and the HTML page."""
    figure = json_path.with_suffix(".png")
    drawn = _draw(table, figure, title)
    image = base64.b64encode(figure.read_bytes()).decode() if drawn else ""
    picture = f'<img alt="times" src="data:image/png;base64,{image}">' if drawn else ""
    rows = "\n".join(_row(row) for row in table.rows)
    json_path.with_suffix(".html").write_text(_PAGE.format(
        title=html.escape(title), picture=picture, rows=rows,
        host=html.escape(f"{table.host['cpu']}; " + "; ".join(table.host["versions"]))))


def _draw(table: Table, path: Path, title: str) -> bool:
    cases: dict[str, dict[str, float]] = {}
    for row in table.rows:
        for engine, value in row.engines.items():
            if isinstance(value, float):
                cases.setdefault(row.bar.rsplit("/", 1)[-1], {})[engine] = value
    try:
        import matplotlib
    except ImportError:
        return False
    if not cases:
        return False
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(cases), figsize=(5 * len(cases), 4), squeeze=False)
    for axis, (case, times) in zip(axes[0], sorted(cases.items())):
        names = sorted(times, key=times.__getitem__, reverse=True)
        colours = ["tab:blue" if name.startswith("ours") else "tab:gray" for name in names]
        bars = axis.barh(names, [times[name] for name in names], color=colours)
        axis.bar_label(bars, fmt="%.3g")
        axis.set(title=case, xlabel="ms")
    figure.suptitle(title)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
    return True


def _row(row: Row) -> str:
    value = "" if row.value is None else f"{row.value:.4g} {row.unit}"
    cells = (row.bar, value, row.wanted, "" if row.ours_ms is None else f"{row.ours_ms:.3g}",
             "" if row.peer_ms is None else f"{row.peer_ms:.3g}", row.peer or "",
             "" if row.error is None else f"{row.error:.1e}",
             row.missing or ("noisy" if row.noisy else ""))
    kind = {None: "", True: "ok", False: "missed"}[row.holds]
    return f'<tr class="{kind}">' + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"


_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>body{{font:14px sans-serif;margin:2em}}td,th{{padding:.2em .8em;text-align:left}}
tr:nth-child(even){{background:#f4f4f4}}.missed td:nth-child(2){{color:#b00}}
.ok td:nth-child(2){{color:#070}}img{{max-width:100%}}</style>
<h1>{title}</h1><p>{host}</p>{picture}
<table><tr><th>bar<th>value<th>wanted<th>ours, ms<th>peer, ms<th>peer<th>error<th></tr>
{rows}
</table></html>
"""
