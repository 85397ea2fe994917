"""The dynamic dimensions of a call: what they are called, and whether the example shows them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch.export import Dim
from torch.utils import _pytree as pytree

from .errors import ExportError

# What a path in the tree of arguments looks like in torch's dynamic_shapes: nested dicts and lists.
Spec = Any


def dynamic_dims(
    bound: inspect.BoundArguments, args: Sequence[Any], kwargs: Mapping[str, Any], shapes: Spec
) -> dict[tuple[int, int], str | None]:
    """(leaf of the flattened call, dimension) -> name, for each dimension that is declared dynamic;
    None for a hint (Dim.AUTO, Dim.DYNAMIC) that says nothing of the smallest size. `bound` is the
    call with the names of `forward`.

    torch.export takes a size of 0 or 1 in the example for a constant, so that is an error here,
    where the argument's name can be given."""
    if shapes is None or hasattr(shapes, "dynamic_shapes"):
        return {}  # One of torch's own collections, which torch checks.
    if not isinstance(shapes, (Mapping, tuple, list)):
        raise TypeError(f"expected dynamic_shapes as a mapping or sequence, got {type(shapes).__name__}")
    leaf_of = {id(leaf): i for i, leaf in enumerate(pytree.tree_leaves((tuple(args), dict(kwargs))))}
    names: dict[tuple[int, int], str | None] = {}
    for path, tensor, axis, dim in _walk_call(bound, shapes):
        if tensor.shape[axis] < 2:
            raise ExportError(
                f"dimension {axis} of argument '{path}' is dynamic, expected an example size of 2 or"
                f" more, got {tensor.shape[axis]}: torch.export takes sizes 0 and 1 for constants"
                " (a compiled program may still be called with size 1)"
            )
        name = getattr(dim, "__name__", None)
        is_free = isinstance(dim, type(Dim.AUTO)) and getattr(dim, "min", None) is None
        if (name is not None or is_free) and id(tensor) in leaf_of:
            names[(leaf_of[id(tensor)], axis)] = name
    return names


def _walk_call(bound: inspect.BoundArguments, shapes: Spec) -> Iterator[tuple]:
    if not isinstance(shapes, Mapping):
        shapes = dict(zip(bound.arguments, shapes))
    for name, value in bound.arguments.items():
        kind = bound.signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_KEYWORD and name not in shapes:
            for key, item in value.items():
                yield from _walk(key, item, shapes.get(key))
        else:
            yield from _walk(name, value, shapes.get(name))


def _walk(path: str, value: Any, spec: Spec) -> Iterator[tuple]:
    if spec is None or isinstance(value, int):
        return  # An int has no dimensions; it is dynamic as a whole or fixed.
    if not isinstance(spec, (Mapping, tuple, list)):
        raise ExportError(f"expected a mapping or sequence as the dynamic shape of '{path}', got"
                          f" {spec!r}")
    if isinstance(value, torch.Tensor):
        dims = spec.items() if isinstance(spec, Mapping) else enumerate(spec)
        for axis, dim in dims:
            if dim is not None and not isinstance(dim, int) and dim != Dim.STATIC:
                yield path, value, axis, dim
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _walk(f"{path}.{key}", item, spec.get(key))
    elif isinstance(value, (tuple, list)):
        for index, (item, item_spec) in enumerate(zip(value, spec)):
            yield from _walk(f"{path}[{index}]", item, item_spec)
