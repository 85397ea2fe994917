"""Reads a module from stdin with the parsers of later versions of LLVM, which torch-mlir and IREE
bring; fails with what they say."""

import sys

from iree.compiler import ir as iree
from torch_mlir import ir as torch_mlir

text = sys.stdin.read()
if not text.strip():
    sys.exit("expected a module, found nothing")
for parser in (torch_mlir, iree):
    with parser.Context():
        module = parser.Module.parse(text)
        assert module.operation.verify(), parser.__name__
