"""sparse-opt, a sparsity compiler. Importing the package imports neither torch nor MLIR."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import CompileError

if TYPE_CHECKING:
    from .calibration import Calibration, calibrate
    from .compiler import compile, compile_mlir, load
    from .program import Parameter, Program, Tensor
    from .pruning import PrunedWeights, prune, prune_mlir

__all__ = ["Calibration", "CompileError", "Parameter", "Program", "PrunedWeights", "Tensor",
           "calibrate", "compile", "compile_mlir", "load", "prune", "prune_mlir"]


def __getattr__(name: str) -> Any:
    """Loads the compiler when something of it is asked for."""
    from importlib import import_module

    for module in ("compiler", "program", "calibration", "pruning"):
        if name in __all__ and hasattr(found := import_module(f".{module}", __name__), name):
            return getattr(found, name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
