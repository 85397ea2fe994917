"""The commands of tools/: a second set-up, and how test.sh closes."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def script(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/bash\n" + text)
    path.chmod(0o755)


def test_second_setup_touches_nothing(tmp_path):
    for tool in ("apt-get", "pip"):
        script(tmp_path / tool, "exit 1\n")
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = subprocess.run([ROOT / "tools/setup.sh"], text=True, check=True,
                          capture_output=True, env={**os.environ, "PATH": path})
    assert done.stdout == "set-up: ready\n"


@pytest.fixture
def tree(tmp_path):
    """A checkout in which set-up and build are nothing and no test exists."""
    for name in ("tools/test.sh", "tools/dev/count_results.py",
                 "tools/dev/checks.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    for name in ("tools/setup.sh", "tools/dev/build.sh"):
        script(tmp_path / name, "exit 0\n")
    python = tmp_path / ".venv/bin/python"
    script(python, f'exec {ROOT}/.venv/bin/python "$@"\n')
    return tmp_path


def run_tests(tree):
    done = subprocess.run([tree / "tools/test.sh"], text=True, capture_output=True)
    return done.returncode, done.stdout.splitlines()


def test_missing_runners_fail(tree):
    code, lines = run_tests(tree)
    assert code == 1
    assert re.fullmatch(r"\d+ passed, [1-9]\d* failed", lines[-1])
    assert "names: 0 passed, 1 failed" in "\n".join(lines)


def test_failed_build_is_the_end(tree):
    script(tree / "tools/dev/build.sh", "echo broken >&2; exit 3\n")
    code, lines = run_tests(tree)
    assert code == 1
    assert lines[-2:] == ["test: tools/dev/build.sh failed", "0 passed, 1 failed"]


def test_counts_add_up(tree):
    passing = "echo 2 passed, 0 failed\n"
    lines = [line for line in (tree / "tools/test.sh").read_text().splitlines()
             if not line.startswith("run ")]
    lines[-1:] = ["run a plain tools/a.sh", "run b plain tools/a.sh", "finish"]
    (tree / "tools/test.sh").write_text("\n".join(lines) + "\n")
    script(tree / "tools/a.sh", passing)
    code, lines = run_tests(tree)
    assert code == 0
    assert [line.split(" (")[0] for line in lines] == [
        "a: 2 passed, 0 failed", "b: 2 passed, 0 failed", "4 passed, 0 failed"]
