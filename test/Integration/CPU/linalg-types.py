# RUN: %python %s %llvm_lib_dir
"""The oracle is right for every type that weights have; half-precision sums
are rounded once."""

import sys

import formats
from cases import FEW, add_shapes
from program import Program

program = Program()
for kind in ("f64", "f16", "bf16", "i8"):
    for fmt in (formats.dense(32), formats.nm(2, 4), formats.bsr(4, 4),
                formats.stream()):
        add_shapes(program, fmt, kind, sizes=FEW)
sys.exit(program.run("--convert-sparsity-to-linalg"))
