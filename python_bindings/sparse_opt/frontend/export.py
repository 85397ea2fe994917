"""The entry of the front end: torch.export, checks, and the import to linalg."""

from __future__ import annotations

import inspect
import operator
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.export import ExportedProgram
from torch.fx.experimental.symbolic_shapes import free_unbacked_symbols
from torch.utils import _pytree as pytree

from .aliases import free_views
from .attention import (
    AttentionForm,
    decomposition_table,
    is_undropped,
    legal_ops,
    widen_masks,
)
from .checks import add_checks
from .dynamic import dynamic_dims
from .errors import ExportError
from .importer import import_text
from .program import ImportedProgram
from .pruned import masked_weights
from .signature import call_signature, dynamic_symbols
from .weights import WeightTable

FUNCTION = "forward"


def export_torch(
    module: torch.nn.Module,
    args: Sequence[Any],
    kwargs: Mapping[str, Any] | None = None,
    dynamic_shapes: Any = None,
    attention: AttentionForm = "decomposed",
    locations: bool = False,
) -> ImportedProgram:
    """Turns a torch module and one example call into a linalg program `@forward` and its weights.

    `dynamic_shapes` is torch.export's; `attention` says in which form attention arrives
    (`attention.py`); with `locations` each op of the text says which submodule and line it comes
    from. The module itself is not changed, and the weights are not copied, except those that
    torch.nn.utils.prune masks."""
    if not isinstance(args, (tuple, list)):
        raise TypeError(f"expected the example's arguments as a tuple, got {type(args).__name__}")
    args, kwargs = _plain((tuple(args), dict(kwargs or {})))
    with masked_weights(module):
        _check_weights(module)
        return _import(module, args, kwargs, dynamic_shapes, attention, locations)


def _import(module, args, kwargs, dynamic_shapes, attention, locations) -> ImportedProgram:
    table = decomposition_table(attention)
    dims = dynamic_dims(_bind(module, args, kwargs), args, kwargs, dynamic_shapes)
    program = _export(module, args, kwargs, dynamic_shapes, table)
    _check_deterministic(program)
    _check_loops(program)
    _check_sizes(program)
    symbols = dynamic_symbols(program, dims)
    signature = call_signature(program, symbols, _positional(module, args))
    if attention == "opaque":
        widen_masks(program)
    weights = WeightTable(module)
    if hazard := _find_hazard(program):
        _try_apart(lambda: import_text(program, WeightTable(module), signature, FUNCTION,
                                       legal_ops(attention), locations), hazard)
    text = import_text(program, weights, signature, FUNCTION, legal_ops(attention), locations)
    text = add_checks(text, signature, FUNCTION)
    return ImportedProgram(text, weights.blobs, weights.aliases, signature, FUNCTION)


def _bind(module: torch.nn.Module, args: Sequence[Any], kwargs: Mapping[str, Any]) -> inspect.BoundArguments:
    try:
        return inspect.signature(module.forward).bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"the example does not fit the module's forward: {error}") from None


def _check_weights(module: torch.nn.Module) -> None:
    for named in (module.named_parameters, module.named_buffers):
        for name, tensor in named():
            if tensor.layout is not torch.strided:
                raise ExportError(f"expected '{name}' as a dense tensor, got layout {tensor.layout}:"
                                  " zeros are found in its .to_dense()")
            if tensor.is_meta:
                raise ExportError(f"expected '{name}' with values, got a meta tensor: load the weights first")


def _plain(call):
    """An example that says nothing about later calls but types and shapes: torch.export guards on
    strides, and takes the same tensor given twice for one input."""
    seen: set[int] = set()

    def plain(tensor: torch.Tensor) -> torch.Tensor:
        if tensor.layout is torch.strided:
            tensor = tensor.contiguous()
        if id(tensor) in seen:
            tensor = tensor.clone()
        seen.add(id(tensor))
        return tensor

    return pytree.tree_map_only(torch.Tensor, plain, call)


def _positional(module: torch.nn.Module, args: Sequence[Any]) -> tuple[str, ...]:
    """The parameters of `forward` that the example gave by position; none where it takes any."""
    parameters = list(inspect.signature(module.forward).parameters.values())[: len(args)]
    named = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return tuple(p.name for p in parameters) if all(p.kind is named for p in parameters) else ()


def _export(module, args, kwargs, dynamic_shapes, table) -> ExportedProgram:
    try:
        with torch.no_grad():
            program = torch.export.export(
                module, args, kwargs, dynamic_shapes=dynamic_shapes, strict=False
            )
        free_views(program)
        # Writes to buffers and random numbers show only once the graph is functional.
        return program.run_decompositions(table)
    except Exception as error:  # Whatever the module's own code may raise.
        kind = "" if isinstance(error, (ValueError, RuntimeError)) else f"{type(error).__name__}: "
        raise ExportError(f"torch.export cannot trace the module: {kind}{error}") from error


def _find_hazard(program: ExportedProgram) -> str:
    """What torch-mlir's lowerings of products and reductions may die of, and what to do; empty if
    there is none of it."""
    values = [node.meta.get("val") for node in program.graph.nodes]
    tensors = [value for value in values if isinstance(value, torch.Tensor)]
    if any(tensor.dtype in (torch.int8, torch.uint8) for tensor in tensors):
        return ("operations on 8-bit integers: convert them, for example to int32, before products"
                " and reductions")
    if any(isinstance(size, int) and size == 0 for tensor in tensors for size in tensor.shape):
        return "tensors without elements: give an example with some, and dynamic_shapes from 0 on"
    return ""


def _try_apart(run: Callable[[], Any], hazard: str) -> None:
    """Runs in a process of its own, which may die."""
    child = os.fork()
    if child == 0:
        try:
            silence = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silence, 1)
            os.dup2(silence, 2)
            run()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        raise ExportError(f"torch-mlir ends by signal {os.WTERMSIG(status)} and cannot lower the"
                          f" module's {hazard}")


def _check_loops(program: ExportedProgram) -> None:
    for node in program.graph.nodes:
        if node.target is torch.ops.higher_order.while_loop:
            raise ExportError("expected loops with as many rounds as the example has, got"
                              " torch.while_loop: torch-mlir drops its condition")


def _check_sizes(program: ExportedProgram) -> None:
    for node in program.graph.nodes:
        value = node.meta.get("val")
        if isinstance(value, torch.Tensor) and free_unbacked_symbols(value):
            op = node.args[0] if node.target is operator.getitem else node
            raise ExportError(f"the size of the result of '{op.target}' depends on data: write it"
                              " with a size that inputs have, for example with torch.where")


def _check_deterministic(program: ExportedProgram) -> None:
    for node in program.graph.nodes:
        seeded = torch.Tag.nondeterministic_seeded in getattr(node.target, "tags", ())
        if seeded and not is_undropped(node):
            raise ExportError(f"'{node.target}' draws random numbers (in training mode? call .eval())")
