"""Runs an imported program with the upstream MLIR tools only: the reference for our own compiler.

Weights become arguments of the function, so they are passed without a copy."""

from __future__ import annotations

import ctypes
import functools
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import opaque_attention
import torch
from sparse_opt.frontend import ImportedProgram

_PASSES = (
    "func.func(linalg-generalize-named-ops)",
    "one-shot-bufferize{bufferize-function-boundaries=true"
    " function-boundary-type-conversion=identity-layout-map}",
    "buffer-results-to-out-params{modify-public-functions=true hoist-static-allocs=true}",
    "func.func(llvm-request-c-wrappers)",
    "convert-linalg-to-loops",
    "math-expand-ops{ops=fpowi}",
    "convert-scf-to-cf",
    "expand-strided-metadata",
    "lower-affine",
    "convert-math-to-llvm",
    "convert-math-to-libm",
    "convert-arith-to-llvm",
    "convert-index-to-llvm",
    "finalize-memref-to-llvm",
    "convert-func-to-llvm",
    "convert-cf-to-llvm",
    "convert-ub-to-llvm",
    "reconcile-unrealized-casts",
)
_CONSTANT = re.compile(
    r'^ *(%\w+) = arith\.constant dense_resource<"?([^">]+)"?> : (tensor<[^>]*>)\n', re.MULTILINE
)
_EXPAND = re.compile(
    r"^( *)(%\w+) = tensor\.expand_shape (%\w+) (\[\[.*\]\]) output_shape \[([^]]*)\]"
    r" : (tensor<.*>) into (tensor<.*>)\n",
    re.MULTILINE,
)


def tool(name: str) -> str | None:
    """The path of a tool of LLVM 22, or None."""
    found = shutil.which(f"{name}-22")
    return found or shutil.which(name, path="/usr/lib/llvm-22/bin")


def run_tool(name: str, *arguments: str) -> None:
    done = subprocess.run([tool(name), *arguments], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{name} failed:\n{done.stderr[:4000]}")


def verify(text: str) -> None:
    """Parses and verifies text with MLIR 22; only attention may be unregistered."""
    allow = ["--allow-unregistered-dialect"] if '"tm_tensor.attention"' in text else []
    with tempfile.NamedTemporaryFile("w", suffix=".mlir") as file:
        file.write(text)
        file.flush()
        run_tool("mlir-opt", *allow, file.name, "-o", "/dev/null")


def weights_as_arguments(text: str, function: str) -> tuple[str, list[str]]:
    """Replaces each weight constant by an argument; returns the handles in the arguments' order."""
    weights = _CONSTANT.findall(text)
    text = _CONSTANT.sub("", text)
    extra = [f"{value}: {type_} {{bufferization.writable = false}}" for value, _, type_ in weights]
    head = f"func.func @{function}("
    before, after = text.split(head)
    arguments, rest = after.split(")", 1)
    arguments = ", ".join(filter(None, [arguments, *extra]))
    return before + head + arguments + ")" + rest, [handle for _, handle, _ in weights]


def expands_as_reshapes(text: str) -> str:
    """expand-strided-metadata of 22.1 crashes where one dimension expands to two dynamic ones."""
    return _EXPAND.sub(_reshape, text)


def _reshape(expand: re.Match) -> str:
    indent, result, source, groups, sizes, from_type, to_type = expand.groups()
    sizes = sizes.split(", ")
    if max(sum(sizes[int(at)][0] == "%" for at in group.split(", ")) for group in groups[2:-2].split("], [")) < 2:
        return expand.group(0)
    lines, values = [], []
    for axis, size in enumerate(sizes):
        if size[0] != "%":
            lines.append(f"{result}_size{axis} = arith.constant {size} : index")
            size = f"{result}_size{axis}"
        values.append(size)
    shape = f"tensor<{len(sizes)}xindex>"
    lines.append(f"{result}_shape = tensor.from_elements {', '.join(values)} : {shape}")
    lines.append(f"{result} = tensor.reshape {source}({result}_shape) : ({from_type}, {shape}) -> {to_type}")
    return "".join(f"{indent}{line}\n" for line in lines)


class UpstreamProgram:
    """An imported program compiled with mlir-opt, mlir-translate and clang."""

    def __init__(self, program: ImportedProgram, directory: Path):
        text, handles = weights_as_arguments(program.text, program.function)
        self._program = program
        self._weights = [program.blobs[handle] for handle in handles]
        mlir, lowered, llvm, library = (directory / f"p.{e}" for e in ("mlir", "ll.mlir", "ll", "so"))
        mlir.write_text(opaque_attention.expand(expands_as_reshapes(text)))
        pipeline = f"--pass-pipeline=builtin.module({','.join(_PASSES)})"
        run_tool("mlir-opt", str(mlir), pipeline, "-o", str(lowered))
        run_tool("mlir-translate", "--mlir-to-llvmir", str(lowered), "-o", str(llvm))
        flags = ("-O1", "-fPIC", "-shared", "-w", "-lm")
        runtime = Path(tool("mlir-opt")).resolve().parents[1] / "lib" / "libmlir_c_runner_utils.so"
        run_tool("clang", *flags, str(llvm), str(runtime), f"-Wl,-rpath,{runtime.parent}", "-o", str(library))
        self._entry = getattr(ctypes.CDLL(str(library)), f"_mlir_ciface_{program.function}")
        self._entry.restype = None

    def __call__(self, *args: Any) -> Any:
        signature = self._program.signature
        inputs = [tensor.contiguous() for tensor in signature.flatten(args)]
        sizes = _sizes(signature.inputs, inputs)
        outputs = [_empty(info, sizes) for info in signature.outputs]
        descriptors = [_descriptor(t) for t in (*inputs, *self._weights, *outputs)]
        self._entry(*(ctypes.byref(d) for d in descriptors))
        return signature.unflatten(outputs)


def _sizes(infos, tensors: Sequence[torch.Tensor]) -> dict:
    return {
        size: found
        for info, tensor in zip(infos, tensors)
        for size, found in zip(info.shape, tensor.shape)
        if not isinstance(size, int)
    }


def _empty(info, sizes: dict) -> torch.Tensor:
    shape = [size if isinstance(size, int) else int(size.subs(sizes)) for size in info.shape]
    return torch.empty(shape, dtype=info.dtype)


@functools.cache
def _descriptor_type(rank: int) -> type[ctypes.Structure]:
    array = ctypes.c_int64 * rank
    fields = [("allocated", ctypes.c_void_p), ("aligned", ctypes.c_void_p), ("offset", ctypes.c_int64)]
    if rank:
        fields += [("sizes", array), ("strides", array)]
    return type(f"MemRef{rank}", (ctypes.Structure,), {"_fields_": fields})


def _descriptor(tensor: torch.Tensor) -> ctypes.Structure:
    type_ = _descriptor_type(tensor.dim())
    tail = (tuple(tensor.shape), tuple(tensor.stride())) if tensor.dim() else ()
    return type_(tensor.data_ptr(), tensor.data_ptr(), 0, *tail)
