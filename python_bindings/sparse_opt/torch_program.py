"""A program that was a torch module: called as the module is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy
import torch
from torch.utils import _pytree as pytree

from . import _sparse_opt
from .frontend.signature import CallSignature
from .program import Program, by_name


class TorchProgram(Program):
    """Takes and gives what the module does, with numpy arrays in place of tensors as well; sizes
    with one name must agree.

    An input named `threads` can only be given by position. After `save` and `load` only the
    tensors are left: call it with the leaves, in order or by the names in `inputs`."""

    def __init__(self, native: _sparse_opt.NativeProgram, signature: CallSignature,
                 aliases: Mapping[str, str]):
        super().__init__(native)
        self._signature = signature
        self._aliases = dict(aliases)
        self._quick = _QuickCheck.of(signature)

    def __call__(self, *args: Any, threads: int = 0, **kwargs: Any) -> Any:
        quick = self._quick
        if quick is not None and not kwargs and quick.accepts(args):
            return self._native.call(self._function, args, threads, True)[0]
        leaves = pytree.tree_leaves((args, kwargs))
        as_torch = (any(isinstance(leaf, torch.Tensor) for leaf in leaves)
                    or not any(isinstance(leaf, np.ndarray) for leaf in leaves))
        results = self._native.call(self._function, self._tensors(args, kwargs), threads, as_torch)
        return self._signature.unflatten(results)

    def _tensors(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        return self._signature.flatten(args, kwargs)

    def set_weights(self, weights: Mapping[str, Any]) -> None:
        """As for Program; tied weights may be given under any of their names, but only once."""
        values: dict[str, Any] = {}
        for name, value in by_name(weights).items():
            stored = self._aliases.get(name, name)
            if stored in values:
                raise ValueError(f"'{name}' is tied to a weight that is given as well")
            values[stored] = value
        super().set_weights(values)


class _QuickCheck:
    """The checks of a signature whose arguments and result are plain tensors, in a microsecond.

    Says yes or no; the signature itself says what is wrong."""

    def __init__(self, signature: CallSignature):
        self._dtypes = [info.dtype for info in signature.inputs]
        self._fixed = [[(axis, size) for axis, size in enumerate(info.shape) if isinstance(size, int)]
                       for info in signature.inputs]
        self._named = [[(axis, str(size)) for axis, size in enumerate(info.shape)
                        if not isinstance(size, int)] for info in signature.inputs]
        self._ranks = [len(info.shape) for info in signature.inputs]
        self._ranges = {name: (low, float("inf") if high is None else high)
                        for name, (low, high) in signature.ranges.items()}

    @staticmethod
    def of(signature: CallSignature) -> _QuickCheck | None:
        flat = pytree.tree_structure((tuple(range(len(signature.inputs))), {}))
        plain = (not signature._in_constants and signature._in_spec == flat
                 and not signature._out_constants
                 and signature._out_spec == pytree.tree_structure(0))
        simple = all(isinstance(size, (int, sympy.Symbol))
                     for info in signature.inputs for size in info.shape)
        return _QuickCheck(signature) if plain and simple else None

    def accepts(self, args: tuple[Any, ...]) -> bool:
        if len(args) != len(self._ranks):
            return False
        sizes: dict[str, int] = {}
        for index, arg in enumerate(args):
            if not isinstance(arg, torch.Tensor) or arg.dtype != self._dtypes[index]:
                return False
            shape = arg.shape
            if len(shape) != self._ranks[index]:
                return False
            for axis, size in self._fixed[index]:
                if shape[axis] != size:
                    return False
            for axis, name in self._named[index]:
                if sizes.setdefault(name, shape[axis]) != shape[axis]:
                    return False
        ranges = self._ranges
        return all(ranges[name][0] <= size <= ranges[name][1]
                   for name, size in sizes.items() if name in ranges)
