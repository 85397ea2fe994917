"""Compiling and loading: the entries of the package."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import _sparse_opt
from .errors import CompileError
from .program import Program

if TYPE_CHECKING:
    from .torch_program import TorchProgram

Path_ = str | os.PathLike[str]


def compile_mlir(
    source: Path_,
    weights: Mapping[str, Any] | Path_ | None = None,
    recipe: Path_ | None = None,
    target: str = "host",
    *,
    format: str = "",
    oracle: bool = False,
    profile: Path_ | None = None,
    statistics: Sequence[str] = (),
    observe: str = "*",
) -> Program:
    """Compiles linalg text, or the file that has it, to a program in this process.

    `weights` gives the program's resources their values: arrays by name, which are borrowed and
    must not change while the program is in use, or a safetensors file. `recipe` is a YAML text or
    the file that has it. A string with line breaks or braces is a text. `format` stores every
    weight as dense, nm, bsr or stream instead of choosing. `target` is "host" or the name of an
    x86-64 CPU, or several with commas between them: formats are chosen for the first, and the code
    of the first whose instruction sets the machine has runs. `oracle` compiles the dense meaning
    instead of the fast program. `profile` is for importances of the recipe that read one and name
    none. `statistics`, of gram, magnitudes, squares and zeros, makes a
    program that collects these of what meets weights whose names match the glob `observe`, instead
    of computing results: see `Program.calibration`."""
    text, file = (source, "") if is_text(source) else ("", os.fspath(source))
    return Program(_compile(text, file, weights, recipe, profile, target, oracle, format,
                            statistics, observe))


def compile(
    module: Any,
    args: Sequence[Any],
    kwargs: Mapping[str, Any] | None = None,
    *,
    recipe: Path_ | None = None,
    target: str = "host",
    dynamic_shapes: Any = None,
    oracle: bool = False,
    profile: Path_ | None = None,
    statistics: Sequence[str] = (),
    observe: str = "*",
) -> TorchProgram:
    """Compiles a torch module with the shapes of one example call; `dynamic_shapes` is that of
    torch.export, `recipe`, `profile`, `statistics` and `observe` are as in `compile_mlir`. The program is called as the module is. Its weights
    are the module's own memory, unless torch.nn.utils.prune masks them: the module must not be
    trained while the program is in use. For this machine the example is
    also run and timed, for the report."""
    from .frontend import export_torch
    from .torch_program import TorchProgram

    imported = export_torch(module, args, kwargs, dynamic_shapes)
    native = _compile(imported.text, "", imported.blobs, recipe, profile, target, oracle, "",
                      statistics, observe)
    program = TorchProgram(native, imported.signature, imported.aliases)
    if target == "host" and not oracle and not statistics:
        with contextlib.suppress(RuntimeError):  # An example need not be a valid call.
            program._measure(program._tensors(tuple(args), kwargs or {}), threads=0, calls=3)
    return program


def load(path: Path_) -> Program:
    """Loads a saved program and the weights beside it; both are checked completely."""
    return Program(_sparse_opt.load(os.fspath(path)))


def is_text(source: Path_ | None) -> bool:
    # No path is longer than 4096 characters (Linux' PATH_MAX).
    return isinstance(source, str) and (len(source) > 4096 or any(m in source for m in "\n{"))


def _compile(text: str, file: str, weights: Mapping[str, Any] | Path_ | None, recipe: Path_ | None,
             profile: Path_ | None, target: str, oracle: bool, format: str = "",
             statistics: Sequence[str] = (), observe: str = "*") -> _sparse_opt.NativeProgram:
    for name, value in {"target": target, "format": format, "observe": observe}.items():
        if not isinstance(value, str):
            raise TypeError(f"expected {name} as a str, got {type(value).__name__}")
    if isinstance(statistics, str) or not all(isinstance(kind, str) for kind in statistics):
        raise TypeError(f"expected statistics as a list of str, got {statistics!r}")
    return result_of(_sparse_opt.compile(
        **request(text, file, weights, recipe, profile), target=target, format=format, oracle=oracle,
        statistics=list(statistics), observe=observe))


def request(text: str, file: str, weights: Mapping[str, Any] | Path_ | None,
            recipe: Path_ | None, profile: Path_ | None) -> dict[str, Any]:
    """What compiling and pruning have in common, as the native module takes it."""
    is_file = isinstance(weights, (str, os.PathLike))
    is_recipe = is_text(recipe)
    recipe_file = "" if recipe is None or is_recipe else os.fspath(recipe)
    arrays = {} if weights is None or is_file else dict(weights)
    if recipe == "":
        raise ValueError("expected a recipe's text or file, got ''; None is no recipe")
    profile_file = "" if profile is None else os.fspath(profile)
    for name in filter(None, (file, recipe_file, profile_file)):
        if not Path(name).is_file():
            raise FileNotFoundError(f"expected a file, found none: '{name}'")
    return {"text": text, "file": file, "weights": arrays,
            "weights_file": os.fspath(weights) if is_file else "",
            "recipe": recipe if is_recipe else None, "recipe_file": recipe_file,
            "profile": profile_file}


def result_of(result: Any) -> Any:
    """What the native module gave, unless it is the text of an error."""
    if isinstance(result, str):
        raise CompileError(result)
    return result
