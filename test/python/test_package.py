"""The package itself: what importing it costs, and installing it with pip."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(*command, **environment):
    return subprocess.run(command, check=True, text=True, capture_output=True,
                          env={**os.environ, **environment}).stdout


def test_import_is_light():
    program = "import sys, sparse_opt; print(*sys.modules)"
    built = str(ROOT / "build/python")
    modules = run(sys.executable, "-c", program, PYTHONPATH=built).split()
    assert "sparse_opt" in modules
    assert not {"torch", "torch_mlir", "transformers"} & set(modules)


def test_pip_install(tmp_path):
    """Takes the build folder of this checkout, so that nothing compiles twice."""
    run(sys.executable, "-m", "pip", "install", "--disable-pip-version-check",
        "--no-build-isolation", "--no-deps", "--no-index", "--target", tmp_path,
        "--config-settings", f"build-dir={ROOT / 'build'}", str(ROOT / "python_bindings"))
    program = "import sparse_opt; print(sparse_opt.__file__)"
    place = run(sys.executable, "-c", program, PYTHONPATH=str(tmp_path))
    assert Path(place).is_relative_to(tmp_path)
