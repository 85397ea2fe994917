"""Makes the package of the source tree importable, and skips what this machine cannot run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
# The built package has the native module and links to the source tree; without
# a build the source tree itself serves the tests that need no native module.
_BUILT = _ROOT / "build" / "python"
sys.path.insert(0, str(_BUILT if any(_BUILT.glob("sparse_opt/_sparse_opt*.so"))
                       else _ROOT / "python_bindings"))

collect_ignore: list[str] = []
try:
    import torch  # noqa: F401
    import torch_mlir  # noqa: F401
except ImportError:
    collect_ignore += [path.name for pattern in ("test_frontend*.py", "test_torch*.py")
                       for path in Path(__file__).parent.glob(pattern)]


@pytest.fixture(scope="session")
def upstream_tools():
    """Skips a test that needs the tools of LLVM 22 where they are missing."""
    import upstream

    missing = [name for name in ("mlir-opt", "mlir-translate", "clang") if upstream.tool(name) is None]
    if missing:
        pytest.skip(f"LLVM 22 lacks {', '.join(missing)}")
