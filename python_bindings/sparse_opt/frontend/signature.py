"""How a Python call maps to the flat tensors of the program, and its results back to Python."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy
import torch
from torch.export import ExportedProgram
from torch.export._tree_utils import reorder_kwargs
from torch.export.graph_signature import (
    ConstantArgument,
    InputKind,
    OutputKind,
    SymIntArgument,
    TensorArgument,
)
from torch.utils import _pytree as pytree

from .errors import ExportError

Size = int | sympy.Expr


@dataclass(frozen=True)
class TensorInfo:
    """One argument or result of the function. A symbolic size is an expression in the names of
    the dynamic dimensions."""

    name: str
    dtype: torch.dtype
    shape: tuple[Size, ...]

    def __str__(self) -> str:
        sizes = "x".join(str(size) for size in self.shape)
        return f"{self.name}: {sizes} {str(self.dtype).removeprefix('torch.')}"


@dataclass(frozen=True)
class SizeSource:
    """Where a dynamic size is read: (extent `axis` of input `index` - offset) / scale."""

    index: int
    axis: int
    scale: int
    offset: int

    def extent(self, size: int) -> int:
        """The extent that says `size`."""
        return self.scale * size + self.offset


@dataclass(frozen=True)
class CallSignature:
    """The two trees of a call, and which of their leaves are arguments and results.

    A leaf is an index into `inputs` / `outputs`, or a constant that the example call had there.
    `ranges` gives the smallest and largest size of each dynamic dimension, `sources` where the
    sizes that inputs have in common are read."""

    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    ranges: Mapping[str, tuple[int, int | None]]
    sources: Mapping[sympy.Symbol, SizeSource]
    _in_spec: pytree.TreeSpec
    _out_spec: pytree.TreeSpec
    _in_constants: Mapping[int, Any]
    _out_constants: Mapping[int, Any]
    _positional: tuple[str, ...] = ()

    def flatten(self, args: Sequence[Any], kwargs: Mapping[str, Any] | None = None) -> list[torch.Tensor]:
        """The tensors to call the program with; an error if the call is not of the exported form."""
        args, kwargs = self._place(tuple(args), dict(kwargs or {}))
        self._check_arguments(args, kwargs)
        ordered = reorder_kwargs(kwargs, self._in_spec)
        leaves, spec = pytree.tree_flatten((tuple(args), ordered))
        if spec != self._in_spec:
            raise ValueError(f"expected arguments like the example's, {self._in_spec}, got {spec}")
        tensors = []
        for index, leaf in enumerate(leaves):
            if index not in self._in_constants:
                tensors.append(_as_tensor(leaf))
            elif leaf != self._in_constants[index]:
                raise ValueError(f"expected {self._in_constants[index]!r}, fixed at export, got {leaf!r}")
        self._check(tensors)
        return tensors

    def _place(self, args: tuple[Any, ...], kwargs: dict[str, Any]):
        """Moves what the example gave by position and this call by name to its position."""
        for name in self._positional[len(args):]:
            if name not in kwargs:
                break
            args += (kwargs.pop(name),)
        return args, kwargs

    def _check_arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        by_position, by_name = self._in_spec.children()
        names = list(by_name.context or ())
        unknown = sorted(kwargs.keys() - set(names) - set(self._positional))
        if unknown:
            known = ", ".join((*self._positional, *names)) or "none by name"
            raise TypeError(f"the module was compiled without an argument '{unknown[0]}', with {known}")
        if len(args) != by_position.num_children:
            wanted = f" ({', '.join(self._positional)})" if self._positional else ""
            raise TypeError(f"expected {by_position.num_children} arguments by position{wanted}, got {len(args)}")
        missing = [name for name in names if name not in kwargs]
        if missing:
            raise TypeError(f"expected a value for argument '{missing[0]}', got none")

    def unflatten(self, results: Sequence[Any]) -> Any:
        """The result of the module from the results of the program."""
        pending = iter(results)
        leaves = [
            self._out_constants[index] if index in self._out_constants else next(pending)
            for index in range(self._out_spec.num_leaves)
        ]
        return pytree.tree_unflatten(leaves, self._out_spec)

    def _check(self, tensors: Sequence[Any]) -> None:
        for info, tensor in zip(self.inputs, tensors):
            _check_type(info, tensor)
        sizes = {}
        for symbol, source in self.sources.items():
            extent = tensors[source.index].shape[source.axis]
            sizes[symbol] = size = (extent - source.offset) // source.scale
            low, high = self.ranges.get(str(symbol), (0, None))
            if size < low:
                self._refuse(source, f"at least {source.extent(low)}", extent)
            if high is not None and size > high:
                self._refuse(source, f"at most {source.extent(high)}", extent)
        for info, tensor in zip(self.inputs, tensors):
            _check_sizes(info, tensor, sizes)

    def _refuse(self, source: SizeSource, bound: str, extent: int) -> None:
        name = self.inputs[source.index].name
        raise ValueError(f"expected size of '{name}' in dimension {source.axis} to be {bound}, got {extent}")


def _as_tensor(leaf: Any) -> Any:
    """A numpy array as a tensor of the same memory; programs do not write to it."""
    if not isinstance(leaf, np.ndarray):
        return leaf
    # What torch cannot look at is copied: other byte orders, steps backwards.
    leaf = leaf.astype(leaf.dtype.newbyteorder("="), copy=False)
    if any(stride < 0 for stride in leaf.strides):
        leaf = leaf.copy()
    is_bfloat16 = leaf.dtype.name == "bfloat16"
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*not writable.*")
        tensor = torch.from_numpy(leaf.view(np.uint16) if is_bfloat16 else leaf)
    return tensor.view(torch.bfloat16) if is_bfloat16 else tensor


def _check_type(info: TensorInfo, tensor: Any) -> None:
    if not isinstance(tensor, torch.Tensor):
        raise TypeError(f"expected a tensor for '{info.name}', got {type(tensor).__name__}")
    if tensor.dtype != info.dtype or tensor.dim() != len(info.shape):
        raise ValueError(f"expected {info}, got {tuple(tensor.shape)} {tensor.dtype}")


def _check_sizes(info: TensorInfo, tensor: torch.Tensor, sizes: Mapping[sympy.Symbol, int]) -> None:
    for axis, (expected, found) in enumerate(zip(info.shape, tensor.shape)):
        size = expected.subs(sizes) if isinstance(expected, sympy.Expr) else expected
        if size != found:
            raise ValueError(f"expected size {size} of '{info.name}' in dimension {axis}, got {found}")


def _info(name: str, value: Any, names: Mapping[sympy.Symbol, sympy.Symbol]) -> TensorInfo:
    if not isinstance(value, torch.Tensor):
        raise ExportError(f"expected tensors as arguments and results, got the number '{name}' that"
                          " depends on dynamic sizes (torch.tensor(...) makes a tensor of it)")
    shape = tuple(_size(size, names) for size in value.shape)
    return TensorInfo(name, value.dtype, shape)


def _find_sources(inputs: Sequence[TensorInfo]) -> dict[sympy.Symbol, SizeSource]:
    """For each symbol the first extent that is it, or else the first that is a multiple of it
    plus a number; an error where only products and quotients of symbols are known."""
    extents = [(size, index, axis) for index, info in enumerate(inputs)
               for axis, size in enumerate(info.shape) if isinstance(size, sympy.Expr)]
    sources: dict[sympy.Symbol, SizeSource] = {}
    for size, index, axis in sorted(extents, key=lambda extent: not extent[0].is_Symbol):
        unknown = size.free_symbols - sources.keys()
        if len(size.free_symbols) != 1 or not unknown or not size.is_polynomial(*unknown):
            continue
        terms = sympy.Poly(size, *unknown)
        if terms.degree() == 1:
            scale, offset = int(terms.LC()), int(terms.TC())
            sources[unknown.pop()] = SizeSource(index, axis, scale, offset)
    for size, index, _ in extents:
        if missing := size.free_symbols - sources.keys():
            raise ExportError(f"expected an argument whose size is '{missing.pop()}', which the size"
                              f" '{size}' of '{inputs[index].name}' depends on")
    return sources


def _size(size: Any, names: Mapping[sympy.Symbol, sympy.Symbol]) -> Size:
    return size if isinstance(size, int) else size.node.expr.xreplace(dict(names))


@dataclass
class DynamicSymbols:
    """torch's symbol -> the name that the user gave, and the symbols without a smallest size."""

    names: dict[sympy.Symbol, sympy.Symbol] = field(default_factory=dict)
    free: set[sympy.Symbol] = field(default_factory=set)


def dynamic_symbols(
    program: ExportedProgram, dims: Mapping[tuple[int, int], str | None]
) -> DynamicSymbols:
    """`dims` is that of `dynamic_dims`."""
    symbols = DynamicSymbols()
    values = {node.name: node.meta.get("val") for node in program.graph.nodes}
    user_inputs = [s for s in program.graph_signature.input_specs if s.kind is InputKind.USER_INPUT]
    for (leaf, axis), name in dims.items():
        value = values.get(user_inputs[leaf].arg.name)
        size = value.shape[axis] if isinstance(value, torch.Tensor) else None
        if not isinstance(size, torch.SymInt) or not isinstance(size.node.expr, sympy.Symbol):
            continue
        if name is None:
            symbols.free.add(size.node.expr)
        else:
            symbols.names.setdefault(size.node.expr, sympy.Symbol(name, integer=True, positive=True))
    return symbols


def call_signature(
    program: ExportedProgram,
    symbols: DynamicSymbols,
    positional: tuple[str, ...] = (),
) -> CallSignature:
    """Reads the call signature of a program that mutates nothing."""
    values = {node.name: node.meta.get("val") for node in program.graph.nodes}
    user_inputs = [s for s in program.graph_signature.input_specs if s.kind is InputKind.USER_INPUT]
    inputs, in_constants = _leaves(user_inputs, values, symbols.names)
    outputs, out_constants = _leaves(_user_outputs(program), values, symbols.names)
    return CallSignature(
        inputs=inputs,
        outputs=outputs,
        ranges=_ranges(program, symbols),
        sources=_find_sources(inputs),
        _in_spec=program.call_spec.in_spec,
        _out_spec=program.call_spec.out_spec,
        _in_constants=in_constants,
        _out_constants=out_constants,
        _positional=positional,
    )


def _user_outputs(program: ExportedProgram) -> list[Any]:
    outputs = []
    for spec in program.graph_signature.output_specs:
        if spec.kind is OutputKind.TOKEN:
            raise ExportError(f"expected ops without effects, got '{spec.arg.name}', by which torch"
                              " orders checks that it makes while the module runs")
        if spec.kind is not OutputKind.USER_OUTPUT:
            what = spec.target or spec.arg.name
            raise ExportError(f"the module writes '{what}' when called; only pure modules compile"
                              " (a module in training mode updates statistics: call .eval())")
        outputs.append(spec)
    return outputs


def _leaves(specs, values, names) -> tuple[tuple[TensorInfo, ...], dict[int, Any]]:
    infos, constants = [], {}
    for index, spec in enumerate(specs):
        if isinstance(spec.arg, ConstantArgument):
            constants[index] = spec.arg.value
        elif isinstance(spec.arg, (TensorArgument, SymIntArgument)):
            infos.append(_info(spec.arg.name, values[spec.arg.name], names))
        else:
            raise ExportError(f"expected a tensor, an integer or a constant, got {spec.arg}")
    return tuple(infos), constants


def _ranges(program: ExportedProgram, symbols: DynamicSymbols) -> dict[str, tuple[int, int | None]]:
    ranges = {}
    for symbol, bounds in program.range_constraints.items():
        # No bound is an infinity of torch's own, which says that it is finite.
        low, high = (int(bound) if isinstance(bound, (int, sympy.Integer)) else None
                     for bound in (bounds.lower, bounds.upper))
        if low is None or (low == 2 and symbol in symbols.free and symbol not in symbols.names):
            low = 0  # torch writes 2 where nobody said a smallest size.
        ranges[str(symbols.names.get(symbol, symbol))] = (low, high)
    return ranges
