"""Products of a packed operand: shapes, and their text."""

import random
from itertools import product as pairs

from elements import (dense_attr, flatten, product, random_matrix, tensor,
                      transpose)
from formats import Format
from program import Program

SIZES = [1, 3, 17, 129]
ALL = tuple(pairs(SIZES, SIZES))  # rows x cols of the weight
FEW = ((1, 1), (3, 17), (17, 129), (129, 3), (0, 3), (3, 0))
OUTER = [3, 0, 17, 1, 129]  # rows of the dense operand; 0 is an empty batch


def packed_value(program: Program, packed: str, kind: str, buffers,
                 constant: bool) -> str:
    """Text that defines %w: a parameter, or buffers known at run time."""
    attrs = [dense_attr(of or kind, [len(values)], values)
             for of, values in buffers]
    if constant:
        name = f"w{len(program.names)}"
        program.globals.append(
            f"sparsity.parameter @{name} : {packed} = [{', '.join(attrs)}]")
        return f"  %w = sparsity.load @{name} : {packed}"
    lines = [f"  %b{i} = arith.constant {attr}" for i, attr in enumerate(attrs)]
    names = ", ".join(f"%b{i}" for i in range(len(attrs)))
    types = ", ".join(tensor(of or kind, [len(values)])
                      for of, values in buffers)
    return "\n".join(
        lines + [f"  %w = sparsity.assemble {names} : {types} -> {packed}"])


def add_product(program: Program, rng: random.Random, fmt: Format, kind: str,
                shape: tuple[int, int, int], lhs_packed: bool,
                constant: bool) -> None:
    """outer x cols times the transpose of a packed rows x cols, or, with a
    packed lhs, rows x cols times cols x outer; plus a bias of the rows."""
    outer, rows, cols = shape
    weight, dense = fmt.sample(rng, rows, cols), random_matrix(rng, outer, cols)
    bias = random_matrix(rng, 1, rows)[0]
    packed = f"!sparsity.packed<{rows}x{cols}x{kind}, {fmt.attr}>"
    result = [[value + b for value, b in zip(row, bias)]
              for row in product(dense, weight)]
    out_shape, in_shape = [outer, rows], [outer, cols]
    if lhs_packed:
        dense, result = transpose(dense, cols), transpose(result, rows)
        out_shape, in_shape = [rows, outer], [cols, outer]
    x, y = tensor(kind, in_shape), tensor(kind, out_shape)
    operands = (f"%w, %x : {packed}, {x}" if lhs_packed
                else f"%x, %w : {x}, {packed}")
    body = "\n".join([
        packed_value(program, packed, kind, fmt.encode(weight, cols), constant),
        f"  %x = arith.constant {dense_attr(kind, in_shape, flatten(dense))}",
        f"  %bias = arith.constant {dense_attr(kind, [rows], bias)}",
        f"  %e = tensor.empty() : {y}",
        f"  %y = sparsity.matmul ins({operands})"
        f" bias(%bias : {tensor(kind, [rows])}) outs(%e : {y}) -> {y}"])
    name = (f"{fmt.attr} {kind} {rows}x{cols} by {outer}"
            f"{' lhs' if lhs_packed else ''}{' constant' if constant else ''}")
    program.add(name, body, kind, out_shape, flatten(result))


def add_shapes(program: Program, fmt: Format, kind: str = "f32",
               constant: bool = False, sizes=ALL) -> None:
    """Weights of all these rows x cols, on either side of a product."""
    rng = random.Random(f"{fmt.attr} {kind}")
    for index, (rows, cols) in enumerate(sizes):
        for lhs_packed in (False, True):
            outer = OUTER[(index + 2 * lhs_packed) % len(OUTER)]
            add_product(program, rng, fmt, kind, (outer, rows, cols),
                        lhs_packed, constant)
