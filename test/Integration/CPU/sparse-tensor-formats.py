# RUN: %python %s %llvm_lib_dir csr
# RUN: %python %s %llvm_lib_dir csc
# RUN: %python %s %llvm_lib_dir coo
"""Products through upstream's sparsifier have right numbers: unstructured
matrices in three layouts, ragged blocks, underfull and short N:M groups."""

import sys

import formats
from cases import FEW, add_shapes
from program import Program

layout, program = sys.argv[2], Program()
add_shapes(program, formats.stream(), constant=True)
if layout == "csr":
    for fmt in (formats.nm(2, 4), formats.bsr(2, 3)):
        add_shapes(program, fmt, constant=True)
    for fmt in (formats.nm(7, 16), formats.nm(1, 1), formats.nm(4, 4),
                formats.bsr(16, 16), formats.bsr(1, 4), formats.bsr(4, 1),
                formats.dense(16)):
        add_shapes(program, fmt, constant=True, sizes=FEW)
    for kind in ("f64", "f16", "bf16", "i8"):
        for fmt in (formats.stream(), formats.nm(2, 4), formats.bsr(4, 4)):
            add_shapes(program, fmt, kind, constant=True, sizes=[(3, 17)])
sys.exit(program.run(f"--convert-sparsity-to-sparse-tensor=layout={layout}",
                     "--sparsity-sparsify-kernels",
                     "--convert-sparsity-to-linalg"))
