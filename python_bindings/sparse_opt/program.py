"""A program that can be called."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import _sparse_opt
from .calibration import Calibration
from .report import Report


@dataclass(frozen=True)
class Tensor:
    """An input or result; an extent of -1 may be anything. An input that is `updated` is read and
    written where it is; `statistic` is the kind of what the program adds to it, or ""."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    updated: bool = False
    statistic: str = ""


@dataclass(frozen=True)
class Parameter:
    """A weight: what it is to the user, the format it is stored in ("" = as it is), its bytes."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    format: str
    bytes: int


class Program:
    """A compiled program and its weights.

    A call takes one array per input, in order or by name, from numpy or torch, and gives arrays
    of the same kind: torch if any argument is torch's. Nothing is copied, except arguments that
    are not row-major. Inputs that are `updated` get their new values in place.
    `threads` = 0 leaves the number of threads to OMP_NUM_THREADS."""

    def __init__(self, native: _sparse_opt.NativeProgram, function: str | None = None):
        self._native = native
        #: What operations did, the machine's peaks, and in which call.
        self._measured: tuple[list[tuple[float, float, float]], tuple[float, float], str] | None = None
        functions = native.functions()
        names = [name for name, _, _ in functions]
        if not names or (function is not None and function not in names):
            raise ValueError(f"expected one of the functions {names}, got {function!r}")
        self._function = 0 if function is None else names.index(function)
        _, inputs, results = functions[self._function]
        self.functions: tuple[str, ...] = tuple(names)
        self.inputs: tuple[Tensor, ...] = tuple(Tensor(*info) for info in inputs)
        self.results: tuple[Tensor, ...] = tuple(Tensor(*info) for info in results)
        self._names = [info.name for info in self.inputs if not info.statistic]

    def __call__(self, *args: Any, threads: int = 0, **kwargs: Any) -> Any:
        """The result, or a tuple of results if there are several."""
        if kwargs:
            args = self._tensors(args, kwargs)
        results = self._run(args, threads)
        return results[0] if len(results) == 1 else tuple(results)

    def function(self, name: str) -> Program:
        """Another function of the same program, with the same weights."""
        return Program(self._native, name)

    def calibration(self) -> Calibration:
        """Begins to add up what this function, compiled with `statistics`, sees in its calls."""
        return Calibration(self)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return tuple(Parameter(name, dtype, shape, format, size)
                     for (name, dtype, shape, *_), format, size in self._native.parameters())

    @property
    def target(self) -> str:
        """What the code that runs is compiled for: of the targets that the program was compiled
        for, the first whose instruction sets this machine has."""
        return self._native.target()

    def measure(self, *args: Any, threads: int = 0, calls: int = 5, **kwargs: Any) -> Report:
        """Calls the program `calls` times and gives the report with what each operation, and each
        weight's products, took in the fastest of them, its GFLOP/s and GB/s, and the share of this
        machine's roofline that it reached; later reports keep these figures."""
        if calls < 1:
            raise ValueError(f"expected calls >= 1, got {calls}")
        self._measure(self._tensors(args, kwargs), threads, calls)
        return self.report()

    def _measure(self, tensors: Any, threads: int, calls: int) -> None:
        def total(operations: list[tuple[float, float, float]]) -> float:
            return sum(microseconds for microseconds, _, _ in operations)

        done = min((self._native.time(self._function, tensors, threads) for _ in range(calls)),
                   key=total)
        shapes = ", ".join("x".join(map(str, tensor.shape)) or "scalar" for tensor in tensors)
        self._measured = done, _sparse_opt.measure_peaks(threads), (
            f"{self.functions[self._function]}({shapes}), {total(done) / 1e3:.3f} ms, "
            f"best of {calls}")

    def report(self) -> Report:
        """What the compiler decided, and why: one row per weight and operation, with the times of
        the last `measure`; printed, a table."""
        text = self._native.report()
        return Report(_sparse_opt.add_measured_times(text, *self._measured)
                      if self._measured else text)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the shared library `path`, and beside it a C header and the present weights."""
        self._native.save(os.fspath(path))

    def set_weights(self, weights: Mapping[str, Any]) -> None:
        """Replaces weights by dense arrays of the same shape, packed as the program stores them:
        all, or none if one of them does not fit. Calls that run meanwhile see the old ones."""
        self._native.set_weights(dict(by_name(weights)))

    def _run(self, args: Any, threads: int) -> list[Any]:
        return self._native.call(self._function, args, threads, _has_torch(args))

    def _tensors(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """The inputs in order."""
        if not kwargs:
            return args
        values = dict(zip(self._names, args))
        for name, value in kwargs.items():
            if name not in self._names:
                raise TypeError(f"the program has no input '{name}', only {', '.join(self._names)}")
            if name in values:
                raise TypeError(f"got two values for input '{name}'")
            values[name] = value
        missing = [name for name in self._names if name not in values]
        if missing:
            raise TypeError(f"expected a value for input '{missing[0]}', got none")
        return [values[name] for name in self._names] + list(args[len(self._names):])


def by_name(weights: Any) -> Mapping[str, Any]:
    """The weights themselves, an error if they are no mapping."""
    if not isinstance(weights, Mapping):
        raise TypeError(f"expected weights by name, got {type(weights).__name__}")
    return weights


def _has_torch(args: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and any(isinstance(arg, torch.Tensor) for arg in args)
