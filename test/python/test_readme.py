"""The README's tours run as they are written."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def block(heading: str, language: str = "") -> str:
    """The first code block of a language after a heading."""
    found = re.search(rf"^{heading}.*?^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    return found.group(1)


@pytest.fixture(scope="module")
def tour(tmp_path_factory):
    """What the Python tour prints, and the folder where it ran."""
    folder = tmp_path_factory.mktemp("tour")
    done = subprocess.run([sys.executable], input=block("## Ten lines of Python", "python"),
                          cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout, folder


def test_python(tour):
    output, folder = tour
    assert "nm_format<2:4>" in output
    names = {"m.so", "m.h", "m.weights", "model.mlir", "model.safetensors"}
    assert names <= {path.name for path in folder.iterdir()}


def with_weights(folder: Path) -> str:
    """model.mlir with the data of its resources in it."""
    from safetensors.numpy import load_file

    resources = ", ".join(
        f'"{name}": "0x{(64).to_bytes(4, "little").hex()}{data.tobytes().hex()}"'
        for name, data in load_file(folder / "model.safetensors").items())
    text = (folder / "model.mlir").read_text()
    return f"{text}\n{{-# dialect_resources: {{ builtin: {{ {resources} }} }} #-}}\n"


def test_shell(tour):
    _, folder = tour
    (folder / "in.mlir").write_text(with_weights(folder))
    (folder / "r.yaml").write_text(block("A recipe is", "yaml"))
    np.save(folder / "x.npy", np.ones((8, 384), np.float32))
    script = block("## Ten lines of shell").replace(
        "build/lib/SparsityPlugin.so", str(ROOT / "build/lib/SparsityPlugin.so"))
    path = f"{ROOT / 'build/bin'}:/usr/lib/llvm-22/bin:{os.environ['PATH']}"
    done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", script], cwd=folder,
                          env={**os.environ, "PATH": path}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "2.weight: bsr" in done.stderr and "0.weight: nm" in done.stderr
    assert np.load(folder / "y.npy").shape == (8, 384)
    assert {"model.so", "model.h", "model.weights", "report.json"} <= {p.name for p in folder.iterdir()}


def test_calibration(tour):
    _, folder = tour
    (folder / "r.yaml").write_text(block("A recipe is", "yaml"))
    program = block("## Ten lines of Python", "python") + "batches = [x, torch.randn(8, 384)]\n"
    program += block("Importances that look at data", "python") + "print(prog(x).shape, prog.report())\n"
    program += block("To train on", "python") + "print(model[0].weight_mask.mean())\n"
    done = subprocess.run([sys.executable], input=program, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "torch.Size([8, 384])" in done.stdout and "nm_format<2:4>" in done.stdout
    assert "tensor(0.5000)" in done.stdout
