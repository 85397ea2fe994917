# RUN: %python %s %llvm_lib_dir
"""The oracle's products of dense operands: transposes, batches, bias, types."""

import random
import sys
from itertools import product as pairs

from elements import (dense_attr, flatten, product, random_matrix, tensor,
                      transpose)
from program import Program


def add_case(program: Program, rng: random.Random, kind: str, batch: list[int],
             shape: tuple[int, int, int], lhs_t: bool, rhs_t: bool,
             bias: bool) -> None:
    """batch x rows x inner times batch x inner x cols."""
    rows, inner, cols = shape
    count = batch[0] * batch[-1] if len(batch) == 2 else sum(batch or [1])
    xs, ws, ys = [], [], []
    b = random_matrix(rng, 1, cols)[0] if bias else [0] * cols
    for _ in range(count):
        x, w = random_matrix(rng, rows, inner), random_matrix(rng, cols, inner)
        ys += [v + add for row in product(x, w) for v, add in zip(row, b)]
        xs += flatten(transpose(x, inner) if lhs_t else x)
        ws += flatten(w if rhs_t else transpose(w, inner))
    x_shape = batch + ([inner, rows] if lhs_t else [rows, inner])
    w_shape = batch + ([cols, inner] if rhs_t else [inner, cols])
    x, w = tensor(kind, x_shape), tensor(kind, w_shape)
    y, b_type = tensor(kind, batch + [rows, cols]), tensor(kind, [cols])
    program.add(
        f"{kind} {batch} {shape} {lhs_t} {rhs_t} {bias}", f"""
  %x = arith.constant {dense_attr(kind, x_shape, xs)}
  %w = arith.constant {dense_attr(kind, w_shape, ws)}
  %bias = arith.constant {dense_attr(kind, [cols], b)}
  %e = tensor.empty() : {y}
  %y = sparsity.matmul ins(%x, %w : {x}, {w})
      {f"bias(%bias : {b_type})" if bias else ""} outs(%e : {y})
      {"transpose_lhs" if lhs_t else ""} {"transpose_rhs" if rhs_t else ""}
      -> {y}""", kind, batch + [rows, cols], ys)


program, generator = Program(), random.Random(0)
for transposed in pairs((False, True), repeat=2):
    for leading in ([], [3], [0], [2, 3]):
        for extents in ((3, 17, 1), (17, 3, 5), (1, 1, 3), (0, 3, 3)):
            add_case(program, generator, "f32", leading, extents, *transposed,
                     bias=len(program.names) % 2 == 0)
for element in ("f64", "f16", "bf16", "i8", "i32"):
    add_case(program, generator, element, [2], (3, 129, 17), False, True, True)
sys.exit(program.run("--convert-sparsity-to-linalg"))
