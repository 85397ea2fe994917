"""Views of an exported program, which share memory with what they are views of."""

from __future__ import annotations

import operator
from collections.abc import Iterator

import torch
from torch.export import ExportedProgram
from torch.fx import Node


def free_views(program: ExportedProgram) -> None:
    """Turns views into reshapes, which may copy. A view holds for the strides that an op has in
    torch; what the op is decomposed to may have others, and compiled programs have none at all.
    Views of memory that is written stay: they have to see it, or to write it."""
    written = {_owner(node) for node in _written(program)}
    for node in program.graph.nodes:
        if node.target is torch.ops.aten.view.default and _owner(node) not in written:
            node.target = torch.ops.aten.reshape.default


def _owner(node: Node) -> Node:
    """The value whose memory a view of a view of ... it may share."""
    while node.target is operator.getitem or _is_view(node):
        node = node.args[0]
    return node


def _is_view(node: Node) -> bool:
    schema = getattr(node.target, "_schema", None)
    return (schema is not None and bool(node.args)
            and any(result.alias_info is not None for result in schema.returns))


def _written(program: ExportedProgram) -> Iterator[Node]:
    for node in program.graph.nodes:
        schema = getattr(node.target, "_schema", None)
        if schema is None or not schema.is_mutable:
            continue
        for index, argument in enumerate(schema.arguments):
            if argument.alias_info is None or not argument.alias_info.is_write:
                continue
            value = node.args[index] if index < len(node.args) else node.kwargs.get(argument.name)
            yield from (part for part in (value if isinstance(value, (list, tuple)) else [value])
                        if isinstance(part, Node))
