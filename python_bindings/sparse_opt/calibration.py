"""Statistics of what meets a program's weights."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from . import _sparse_opt

if TYPE_CHECKING:
    from .program import Program


Path_ = str | os.PathLike[str]


class Calibration:
    """What one function of a program that is compiled with `statistics` has added up, from 0 on.

    With x the rows that meet a weight, each of K elements, these are sums over all rows: `squares`
    of x[i]^2, `magnitudes` of |x[i]|, `zeros` of 1 where x[i] is 0 (K numbers in f64), and `gram`
    of x[i] x[j] (K x K numbers in f32, or f64 where x is). Importances such as wanda read them."""

    def __init__(self, program: Program):
        self._program = program
        self._native = _sparse_opt.NativeCalibration(program._native, program._function)

    def add(self, *args: Any, threads: int = 0, **kwargs: Any) -> None:
        """Adds what a call of the program with these arguments sees. A NaN in them is an error
        that adds nothing."""
        self._native.add(self._program._tensors(args, kwargs), threads)

    def save(self, path: Path_) -> None:
        """Writes the profile, a safetensors file. More may be added and saved later."""
        self._native.save(os.fspath(path))


def calibrate(
    module: Any,
    calls: Iterable[Any],
    path: Path_,
    *,
    statistics: Sequence[str] = ("squares",),
    observe: str = "*",
    dynamic_shapes: Any = None,
    threads: int = 0,
) -> None:
    """Collects `statistics` of what meets a torch module's weights in `calls`, and writes the
    profile `path`: a recipe's importances read it. Each call is a tuple of the module's arguments,
    or the only one; their shapes are those of the first, unless `dynamic_shapes` says which extents
    differ."""
    from .compiler import compile

    if not statistics:
        raise ValueError("expected statistics to collect, got none")
    first, rest = split_calls(calls)
    program = compile(module, first, statistics=statistics, observe=observe,
                      dynamic_shapes=dynamic_shapes)
    calibration = program.calibration()
    for args in chain([first], rest):
        calibration.add(*args, threads=threads)
    calibration.save(path)


def split_calls(calls: Iterable[Any]) -> tuple[tuple[Any, ...], Iterable[tuple[Any, ...]]]:
    """The first call and the others, each as a tuple of arguments."""
    as_args = (call if isinstance(call, tuple) else (call,) for call in calls)
    first = next(as_args, None)
    if first is None:
        raise ValueError("expected at least one call, got none")
    return first, as_args
