"""A call asks for memory once per result: all else is in the arena, which the runtime keeps."""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

import minilm
import sparse_opt as so
from programs import with_zeros

native = pytest.importorskip("sparse_opt._sparse_opt")

ROOT = Path(__file__).resolve().parents[2]
CLANG = Path("/usr/lib/llvm-22/bin/clang")
RUNTIME = Path(so.__file__).absolute().parents[2] / "lib"
pytestmark = pytest.mark.skipif(not CLANG.exists() or not (RUNTIME / "libsparse_opt_runtime.so").exists(),
                                reason="clang or the runtime is missing")

#: A product into another type and one with many tokens, both over numbers of rows and columns that no tile divides.
TEXT = """
func.func @f(%x: tensor<?x129xf32>) -> tensor<?x67xTYPE> {
  %w = arith.constant dense_resource<w> : tensor<67x129xf32>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x129xf32>
  %e = tensor.empty(%n) : tensor<?x67xf32>
  %y = sparsity.matmul ins(%x, %w : tensor<?x129xf32>, tensor<67x129xf32>) outs(%e : tensor<?x67xf32>)
      transpose_rhs -> tensor<?x67xf32>
  %o = tensor.empty(%n) : tensor<?x67xTYPE>
  %z = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]} ins(%y : tensor<?x67xf32>) outs(%o : tensor<?x67xTYPE>) {
    ^bb0(%a: f32, %b: TYPE):
      BODY
      linalg.yield %c : TYPE
  } -> tensor<?x67xTYPE>
  return %z : tensor<?x67xTYPE>
}"""
BODIES = {"f32": "%c = math.absf %a : f32", "f16": "%c = arith.truncf %a : f32 to f16"}


@pytest.fixture(scope="session")
def driver(tmp_path_factory):
    path = tmp_path_factory.mktemp("driver") / "count_allocations"
    source = Path(__file__).parent / "Inputs" / "count_allocations.c"
    subprocess.run([CLANG, "-O1", source, f"-I{ROOT / 'include'}", f"-L{RUNTIME}", "-lsparse_opt_runtime",
                    f"-Wl,-rpath,{RUNTIME}", "-o", path], check=True)
    return path


def requests(driver, program, *extents):
    """(requests for memory, results) of ten calls."""
    done = subprocess.run([driver, program, *map(str, extents)], capture_output=True, text=True,
                          env=os.environ | {"OMP_NUM_THREADS": "2"})
    assert done.returncode == 0, done.stderr
    return tuple(map(int, done.stdout.split()))


@pytest.mark.parametrize("format", ["dense", "nm", "bsr", "stream"])
@pytest.mark.parametrize("element", BODIES)
def test_product(driver, tmp_path, format, element):
    weight = with_zeros(np.random.default_rng(0).standard_normal((67, 129)).astype(np.float32), format)
    text = TEXT.replace("BODY", BODIES[element]).replace("TYPE", element)
    so.compile_mlir(text, {"w": weight}, format=format).save(tmp_path / "p.so")
    for tokens in (1, 3, 17, 129, 1000):
        asked, results = requests(driver, tmp_path / "p.so", tokens)
        assert asked <= results


def test_network(driver, tmp_path):
    program = so.compile(minilm.load("sdpa"), minilm.example(2, 7), dynamic_shapes=minilm.DYNAMIC_SHAPES)
    program.save(tmp_path / "p.so")
    for extents in ((1, 16), (3, 37), (8, 128)):
        asked, results = requests(driver, tmp_path / "p.so", *extents)
        assert asked <= results
