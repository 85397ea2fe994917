"""Any number of threads and any place in memory give the same bits."""

import threading

import numpy as np
import pytest

import sparse_opt as so
from programs import with_zeros

pytest.importorskip("sparse_opt._sparse_opt")

INPUTS, OUTPUTS = 96, 80
#: A product, then a norm over its rows.
TEXT = f"""
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
func.func @f(%x: tensor<?x{INPUTS}xf32>) -> tensor<?x{OUTPUTS}xf32> {{
  %w = arith.constant dense_resource<w> : tensor<{OUTPUTS}x{INPUTS}xf32>
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x{INPUTS}xf32>
  %e = tensor.empty(%n) : tensor<?x{OUTPUTS}xf32>
  %p = sparsity.matmul ins(%x, %w : tensor<?x{INPUTS}xf32>, tensor<{OUTPUTS}x{INPUTS}xf32>)
      outs(%e : tensor<?x{OUTPUTS}xf32>) transpose_rhs -> tensor<?x{OUTPUTS}xf32>
  %r = tensor.empty(%n) : tensor<?xf32>
  %z = linalg.fill ins(%zero : f32) outs(%r : tensor<?xf32>) -> tensor<?xf32>
  %s = linalg.generic {{indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}}
      ins(%p : tensor<?x{OUTPUTS}xf32>) outs(%z : tensor<?xf32>) {{
  ^bb0(%a: f32, %sum: f32):
    %q = arith.mulf %a, %a : f32
    %t = arith.addf %sum, %q : f32
    linalg.yield %t : f32
  }} -> tensor<?xf32>
  %y = linalg.generic {{indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}}
      ins(%p, %s : tensor<?x{OUTPUTS}xf32>, tensor<?xf32>) outs(%e : tensor<?x{OUTPUTS}xf32>) {{
  ^bb0(%a: f32, %sum: f32, %out: f32):
    %one = arith.constant 1.0 : f32
    %t = arith.addf %sum, %one : f32
    %root = math.rsqrt %t : f32
    %v = arith.mulf %a, %root : f32
    linalg.yield %v : f32
  }} -> tensor<?x{OUTPUTS}xf32>
  return %y : tensor<?x{OUTPUTS}xf32>
}}"""


def weight(format):
    values = np.random.default_rng(0).standard_normal((OUTPUTS, INPUTS)).astype(np.float32)
    return with_zeros(values, format)


@pytest.fixture(scope="module", params=["dense", "nm", "bsr", "stream"])
def compiled(request):
    return so.compile_mlir(TEXT, {"w": weight(request.param)}, format=request.param), weight(request.param)


def expected(x, w):
    p = x.astype(np.float64) @ w.T
    return p / np.sqrt((p * p).sum(-1, keepdims=True) + 1)


@pytest.mark.parametrize("tokens", [1, 3, 17, 129, 700])
def test_threads(compiled, tokens):
    program, w = compiled
    x = np.random.default_rng(tokens).standard_normal((tokens, INPUTS)).astype(np.float32)
    one = program(x, threads=1)
    np.testing.assert_allclose(one, expected(x, w), atol=2e-6)
    for threads in (2, 3, 64):
        np.testing.assert_array_equal(program(x, threads=threads), one)


@pytest.mark.parametrize("tokens", [1, 17, 129])
def test_places_in_memory(compiled, tokens):
    """Every other row or column, transposed, turned around, and off by one element."""
    program, _ = compiled
    random = np.random.default_rng(tokens)
    x = random.standard_normal((tokens, INPUTS)).astype(np.float32)
    y = program(x)
    flat = np.zeros(tokens * INPUTS + 1, np.float32)
    wide = np.zeros((2 * tokens, 2 * INPUTS), np.float32)
    views = [flat[1:].reshape(tokens, INPUTS), wide[::2, ::2], wide[tokens - 1::-1, :INPUTS],
             wide[:tokens, INPUTS - 1::-1], np.zeros((INPUTS, tokens), np.float32).T]
    for view in views:
        view[...] = x
        np.testing.assert_array_equal(program(view), y)
    packed = np.zeros(x.nbytes + 1, np.uint8)[1:].view(np.float32).reshape(x.shape)
    packed[...] = x
    np.testing.assert_array_equal(program(packed), y)


def test_beside_another_runtime(compiled):
    """torch brings an OpenMP runtime of its own; both have threads at work at the same time."""
    torch = pytest.importorskip("torch")
    program, w = compiled
    random = np.random.default_rng(0)
    x = random.standard_normal((129, INPUTS)).astype(np.float32)
    one = program(x, threads=1)
    a = torch.from_numpy(random.standard_normal((512, 512)).astype(np.float32))
    wanted = a @ a
    stop, wrong = threading.Event(), []

    def multiply():
        while not stop.is_set():
            if not torch.allclose(a @ a, wanted, atol=1e-3):
                wrong.append(True)

    worker = threading.Thread(target=multiply)
    worker.start()
    try:
        for threads in (2, 3) * 20:
            np.testing.assert_array_equal(program(x, threads=threads), one)
    finally:
        stop.set()
        worker.join()
    assert not wrong
