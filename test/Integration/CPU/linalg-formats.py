# RUN: %python %s %llvm_lib_dir constants
# RUN: %python %s %llvm_lib_dir buffers
"""The oracle computes right numbers for every storage format, as constants and
from buffers known at run time only, at shapes that fit no format."""

import sys

import formats
from cases import FEW, add_shapes
from program import Program

mode, program = sys.argv[2], Program()
for fmt in (formats.dense(64), formats.nm(2, 4), formats.bsr(2, 3),
            formats.stream()):
    add_shapes(program, fmt, constant=mode == "constants")
for fmt in (formats.dense(16), formats.nm(7, 16), formats.nm(1, 1),
            formats.bsr(16, 16)):
    add_shapes(program, fmt, constant=mode == "constants", sizes=FEW)
sys.exit(program.run("--convert-sparsity-to-linalg"))
