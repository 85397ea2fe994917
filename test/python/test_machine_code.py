"""The main loops of products as machine code: no sum leaves its register, no scalar is left over,
operands come from memory where that is planned. Compiled for machines that this one may not be."""

import re
import shutil
import subprocess

import numpy as np
import pytest

import sparse_opt as so
from programs import with_zeros

pytest.importorskip("sparse_opt._sparse_opt")

OBJDUMP = shutil.which("llvm-objdump-22") or shutil.which("llvm-objdump", path="/usr/lib/llvm-22/bin")
pytestmark = pytest.mark.skipif(OBJDUMP is None, reason="llvm-objdump is missing")

#: Target -> the registers of its full width.
REGISTERS = {"x86-64-v3": "ymm", "x86-64-v4": "zmm", "znver4": "zmm", "znver5": "zmm"}


def weight(format):
    values = np.random.default_rng(0).standard_normal((384, 384)).astype(np.float32)
    return with_zeros(values, format)


def program(format, target, folder):
    text = """
func.func @f(%x: tensor<?x384xf32>, %e: tensor<?x384xf32>) -> tensor<?x384xf32> {
  %w = arith.constant dense_resource<w> : tensor<384x384xf32>
  %y = sparsity.matmul ins(%x, %w : tensor<?x384xf32>, tensor<384x384xf32>) outs(%e : tensor<?x384xf32>)
      transpose_rhs -> tensor<?x384xf32>
  return %y : tensor<?x384xf32>
}"""
    path = folder / "p.so"
    so.compile_mlir(text, {"w": weight(format)}, target=target, format=format).save(path)
    return path


def inner_loops(path):
    """The innermost loops of the kernels: lists of (mnemonic, operands)."""
    text = subprocess.run([OBJDUMP, "-d", "--no-show-raw-insn", path], capture_output=True, text=True, check=True).stdout
    found = []
    for function in re.split(r"\n(?=[0-9a-f]+ <)", text):
        if not re.match(r"[0-9a-f]+ <sparsity_matmul", function):
            continue
        code = [(int(at, 16), name, operands) for at, name, operands
                in re.findall(r"^\s*([0-9a-f]+):\s+(\S+)[ \t]*(.*)$", function, re.M)]
        jumps = [(int(operands.split()[0], 16), at) for at, name, operands in code
                 if name.startswith("j") and operands.startswith("0x")]
        loops = [(begin, end) for begin, end in jumps if code[0][0] <= begin < end]
        for begin, end in loops:
            if not any((begin, end) != other and begin <= other[0] and other[1] <= end for other in loops):
                found.append([(name, operands) for at, name, operands in code if begin <= at <= end])
    return found


def multiply_adds(loop, kind="ps"):
    return [operands for name, operands in loop if name.startswith("vfmadd") and name.endswith(kind)]


def spills(loop, register):
    """Stores of whole vectors to the stack."""
    return [operands for name, operands in loop
            if name.startswith("vmov") and re.match(rf"%{register}\d+, .*\(%r[sb]p", operands)]


def stack_accesses(loop):
    return [operands for _, operands in loop if re.search(r"\(%r[sb]p", operands)]


def main_loops(format, target, folder, count):
    """Loops with the full register tile, or more of them: `count` multiply-adds."""
    loops = [loop for loop in inner_loops(program(format, target, folder)) if len(multiply_adds(loop)) >= count]
    assert loops, f"expected a loop with {count} multiply-adds"
    return loops


#: Multiply-adds of a step: 6 tokens by 4 (2) vectors, a block of 16 outputs, 8 vectors of tokens.
TILES = {("dense", "zmm"): 24, ("dense", "ymm"): 12, ("bsr", "zmm"): 8, ("bsr", "ymm"): 8,
         ("stream", "zmm"): 8, ("stream", "ymm"): 4, ("nm", "zmm"): 16, ("nm", "ymm"): 8}


@pytest.mark.parametrize("target", REGISTERS)
@pytest.mark.parametrize("format", ["dense", "nm", "bsr", "stream"])
def test_main_loops(format, target, tmp_path):
    register = REGISTERS[target]
    for loop in main_loops(format, target, tmp_path, TILES[format, register]):
        assert not multiply_adds(loop, "ss")
        assert all(register in operands for operands in multiply_adds(loop))
        permutes = sum(name.startswith("vperm") for name, _ in loop)
        assert not spills(loop, register), loop
        if format != "bsr":  # LLVM keeps a stride there in one of the smaller tiles
            assert len(stack_accesses(loop)) <= 1, loop
        if format in ("nm", "stream") and not permutes:
            assert all("(" in operands for operands in multiply_adds(loop))


def test_slots_are_loaded_in_words(tmp_path):
    """Two vectors of tokens: values and offsets of four outputs are one load each, not one for each output."""
    loops = [loop for loop in inner_loops(program("nm", "x86-64-v3", tmp_path)) if len(multiply_adds(loop)) == 32
             and not any(name.startswith("vpermil") and "%ymm" in operands.split(", ")[0] for name, operands in loop)]
    assert loops
    for loop in loops:
        from_memory = [name for name, operands in loop if "(" in operands and not name.startswith("vfmadd")]
        assert from_memory.count("vbroadcastf128") == 4, loop
        assert not {"vbroadcastss", "movzwl"} & set(from_memory), loop
