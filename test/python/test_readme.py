"""The README's Python tour runs as it is written."""

import re
from pathlib import Path

import pytest

pytest.importorskip("torch")
README = Path(__file__).resolve().parents[2] / "README.md"


def test_tour(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    tour, = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    exec(compile(tour, "README.md", "exec"), {})
    assert "nm_format<2:4>" in capsys.readouterr().out
    assert {path.name for path in tmp_path.iterdir()} == {"m.so", "m.h", "m.weights"}
