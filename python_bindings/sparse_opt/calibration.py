"""Statistics of what meets a program's weights."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from . import _sparse_opt

if TYPE_CHECKING:
    from .program import Program


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

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the profile, a safetensors file. More may be added and saved later."""
        self._native.save(os.fspath(path))
