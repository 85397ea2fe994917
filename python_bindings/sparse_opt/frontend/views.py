"""Views of tensors with dynamic sizes, which torch-mlir gets wrong.

torch-mlir lowers `[b, t, 48] -> [b * t, 48]` as if t were 1. Here every view whose shape is symbolic
becomes flattens and unflattens, for which no guess is needed, and these become
`tensor.collapse_shape` and `tensor.expand_shape` before torch-mlir's lowering to linalg."""

from __future__ import annotations

import sympy
import torch
from torch.export import ExportedProgram
from torch_mlir import ir

from .errors import ExportError

_VIEWS = (torch.ops.aten.view.default, torch.ops.aten._unsafe_view.default)
_FLATTEN = torch.ops.aten.flatten.using_ints
_UNFLATTEN = torch.ops.aten.unflatten.int

#: The ops that torch-mlir must leave alone between the two halves of this file.
LEGAL_OPS = ("aten.flatten.using_ints", "aten.unflatten.int")

Expr = int | sympy.Expr
Group = tuple[range, range]


def split_dynamic_views(program: ExportedProgram) -> None:
    """Rewrites each view with a symbolic size into flattens, then unflattens."""
    for target in _VIEWS:
        for node in program.graph.find_nodes(op="call_function", target=target):
            before = _exprs(node.args[0].meta["val"].shape)
            after = _exprs(node.meta["val"].shape)
            if any(isinstance(size, sympy.Expr) for size in before + after):
                value = _split(program.graph, node, reassociate(before, after))
                program.graph_signature.replace_all_uses(node.name, value.name)
                node.replace_all_uses_with(value)
                program.graph.erase_node(node)
    program.graph.eliminate_dead_code()


def reassociate(before: list[Expr], after: list[Expr]) -> list[Group]:
    """The finest groups of neighbouring dimensions that provably hold equally many elements:
    [b, t, 48] -> [b*t, 6, 8] gives (0..1 -> 0), (2 -> 1..2). The last group takes what is left."""
    groups: list[Group] = []
    i = j = 0
    while i < len(before) and j < len(after):
        start = (i, j)
        left, right = before[i], after[j]
        i, j = i + 1, j + 1
        while sympy.expand(left - right) != 0 and (i < len(before) or j < len(after)):
            if i < len(before) and (j == len(after) or not _divides(right, left)):
                left, i = left * before[i], i + 1
            else:
                right, j = right * after[j], j + 1
        groups.append((range(start[0], i), range(start[1], j)))
    last = groups.pop()
    groups.append((range(last[0].start, len(before)), range(last[1].start, len(after))))
    return groups


def _divides(divisor: Expr, value: Expr) -> bool:
    return sympy.fraction(sympy.cancel(sympy.sympify(value) / divisor))[1] == 1


def _exprs(shape: torch.Size) -> list[Expr]:
    return [size if isinstance(size, int) else size.node.expr for size in shape]


def _split(graph: torch.fx.Graph, view: torch.fx.Node, groups: list[Group]) -> torch.fx.Node:
    value, sizes = view.args
    with graph.inserting_before(view):
        # From the last group to the first, so that the positions of earlier ones stay right.
        for before, after in reversed(groups):
            if len(before) > 1:
                value = _emit(graph, _FLATTEN, (value, before.start, before.stop - 1), view)
            if len(after) > 1:
                parts = [sizes[axis] for axis in after]
                value = _emit(graph, _UNFLATTEN, (value, before.start, parts), view)
    return value


def _emit(graph: torch.fx.Graph, target, args: tuple, like: torch.fx.Node) -> torch.fx.Node:
    node = graph.call_function(target, args)
    node.meta = {key: like.meta[key] for key in ("stack_trace", "nn_module_stack") if key in like.meta}
    node.meta["val"] = target(*torch.fx.map_arg(args, lambda argument: argument.meta["val"]))
    return node


def lower_flattens(module: ir.Module) -> None:
    """Replaces the flattens and unflattens of a module in torch's backend form."""
    found: list[ir.Operation] = []
    wrong: list[str] = []  # an error of its own type does not get through `walk`

    def visit(op):
        if op.name.removeprefix("torch.") in LEGAL_OPS:
            found.append(op.operation)
        elif op.name == "torch.aten.view" and "?" in f"{op.operands[0].type}{op.results[0].type}":
            wrong.append(str(op))
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    if wrong:
        raise ExportError(f"torch-mlir made a view with dynamic sizes, which it gets wrong: {wrong[0]}")
    for op in found:
        with op.location, ir.InsertionPoint(op):
            lower = _lower_flatten if op.name.endswith("using_ints") else _lower_unflatten
            op.results[0].replace_all_uses_with(lower(op))
        op.erase()


def _lower_flatten(op: ir.Operation) -> ir.Value:
    source = _to_builtin(op.operands[0])
    rank, target = source.type.rank, _builtin_type(op.results[0].type)
    first = _constant(op.operands[1])
    count = rank - target.rank + 1
    attributes = {"reassociation": _reassociation(target.rank, first, count)}
    collapsed = ir.Operation.create(
        "tensor.collapse_shape", results=[target], operands=[source], attributes=attributes
    )
    return _from_builtin(collapsed.result, op.results[0].type)


def _lower_unflatten(op: ir.Operation) -> ir.Value:
    source, target = _to_builtin(op.operands[0]), _builtin_type(op.results[0].type)
    first = _constant(op.operands[1])
    parts = list(op.operands[2].owner.operands)
    dynamic = []
    for axis in range(target.rank):
        if target.is_dynamic_dim(axis):
            inside = first <= axis < first + len(parts)
            outer = axis if axis < first else axis - len(parts) + 1
            dynamic.append(_part(source, first, parts, axis - first) if inside else _dim(source, outer))
    attributes = {
        "reassociation": _reassociation(source.type.rank, first, len(parts)),
        "static_output_shape": ir.DenseI64ArrayAttr.get(target.shape),
    }
    expanded = ir.Operation.create(
        "tensor.expand_shape", results=[target], operands=[source, *dynamic], attributes=attributes
    )
    return _from_builtin(expanded.result, op.results[0].type)


def _part(source: ir.Value, axis: int, parts: list[ir.Value], index: int) -> ir.Value:
    """The size of one part; a size of -1 is what the others leave."""
    if _constant(parts[index]) != -1:
        return _to_index(parts[index])
    size = _dim(source, axis)
    for other in (part for at, part in enumerate(parts) if at != index):
        size = _create("arith.divsi", [size, _to_index(other)], size.type)
    return size


def _reassociation(groups: int, wide: int, count: int) -> ir.ArrayAttr:
    """`groups` groups of one dimension, except that group number `wide` has `count`."""
    lengths = [count if group == wide else 1 for group in range(groups)]
    starts = [sum(lengths[:group]) for group in range(groups)]
    i64 = ir.IntegerType.get_signless(64)
    return ir.ArrayAttr.get([
        ir.ArrayAttr.get([ir.IntegerAttr.get(i64, start + k) for k in range(length)])
        for start, length in zip(starts, lengths)
    ])


def _builtin_type(type_: ir.Type) -> ir.RankedTensorType:
    """The builtin tensor type of a torch type, whose integers have signs that linalg drops."""
    sizes, element = str(type_).removeprefix("!torch.vtensor<[").removesuffix(">").rsplit("],", 1)
    shape = "".join(f"{size}x" for size in sizes.split(",") if size)
    return ir.Type.parse(f"tensor<{shape}{element.removeprefix('s').replace('ui', 'i')}>")


def _constant(value: ir.Value) -> int | None:
    owner = value.owner
    if not isinstance(owner, ir.Block) and owner.name == "torch.constant.int":
        return ir.IntegerAttr(owner.attributes["value"]).value
    return None


def _create(name: str, operands: list[ir.Value], result: ir.Type, **attributes) -> ir.Value:
    return ir.Operation.create(name, results=[result], operands=operands, attributes=attributes).result


def _to_builtin(value: ir.Value) -> ir.Value:
    return _create("torch_c.to_builtin_tensor", [value], _builtin_type(value.type))


def _from_builtin(value: ir.Value, type_: ir.Type) -> ir.Value:
    return _create("torch_c.from_builtin_tensor", [value], type_)


def _to_index(value: ir.Value) -> ir.Value:
    number = _create("torch_c.to_i64", [value], ir.IntegerType.get_signless(64))
    return _create("arith.index_cast", [number], ir.IndexType.get())


def _dim(source: ir.Value, axis: int) -> ir.Value:
    index = ir.IndexType.get()
    at = _create("arith.constant", [], index, value=ir.IntegerAttr.get(index, axis))
    return _create("tensor.dim", [source, at], index)
