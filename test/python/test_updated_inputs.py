"""Inputs that a program updates where they are: memref arguments."""

import re

import numpy as np
import pytest

import sparse_opt as so

pytest.importorskip("sparse_opt._sparse_opt")

#: Adds x's Gram matrix, its columns' squares and its number of rows to what is there.
OBSERVE = """
#ij = affine_map<(i, j) -> (i, j)>
#j = affine_map<(i, j) -> (j)>
#i = affine_map<(i) -> (i)>
func.func @observe(%x: tensor<?x20xf32> {sparsity.name = "x"}, %g: memref<20x20xf32> {sparsity.name = "g"},
                   %n: memref<20xf64> {sparsity.name = "n"}, %r: memref<1xi64> {sparsity.name = "r"}) {
  %c0 = arith.constant 0 : index
  %e = tensor.empty() : tensor<20x20xf32>
  %d = sparsity.matmul ins(%x, %x : tensor<?x20xf32>, tensor<?x20xf32>) outs(%e : tensor<20x20xf32>)
      transpose_lhs -> tensor<20x20xf32>
  %g0 = bufferization.to_tensor %g restrict writable : memref<20x20xf32> to tensor<20x20xf32>
  %g1 = linalg.add ins(%d, %g0 : tensor<20x20xf32>, tensor<20x20xf32>) outs(%g0 : tensor<20x20xf32>) -> tensor<20x20xf32>
  bufferization.materialize_in_destination %g1 in restrict writable %g : (tensor<20x20xf32>, memref<20x20xf32>) -> ()
  %n0 = bufferization.to_tensor %n restrict writable : memref<20xf64> to tensor<20xf64>
  %n1 = linalg.generic {indexing_maps = [#ij, #j], iterator_types = ["reduction", "parallel"]}
      ins(%x : tensor<?x20xf32>) outs(%n0 : tensor<20xf64>) {
  ^bb0(%a: f32, %o: f64):
    %w = arith.extf %a : f32 to f64
    %q = arith.mulf %w, %w : f64
    %s = arith.addf %o, %q : f64
    linalg.yield %s : f64
  } -> tensor<20xf64>
  bufferization.materialize_in_destination %n1 in restrict writable %n : (tensor<20xf64>, memref<20xf64>) -> ()
  %r0 = bufferization.to_tensor %r restrict writable : memref<1xi64> to tensor<1xi64>
  %rows = tensor.dim %x, %c0 : tensor<?x20xf32>
  %count = arith.index_cast %rows : index to i64
  %r1 = linalg.generic {indexing_maps = [#i], iterator_types = ["parallel"]} outs(%r0 : tensor<1xi64>) {
  ^bb0(%o: i64):
    %s = arith.addi %o, %count : i64
    linalg.yield %s : i64
  } -> tensor<1xi64>
  bufferization.materialize_in_destination %r1 in restrict writable %r : (tensor<1xi64>, memref<1xi64>) -> ()
  return
}
"""


@pytest.fixture(scope="module")
def observe():
    return so.compile_mlir(OBSERVE)


def zeros():
    return np.zeros((20, 20), np.float32), np.zeros(20), np.zeros(1, np.int64)


def raises(message):
    return pytest.raises(ValueError, match=re.escape(message))


@pytest.mark.parametrize("rows", [0, 1, 3, 17, 129])
def test_calls_add_up(observe, rows):
    rng = np.random.default_rng(rows)
    gram, squares, count = zeros()
    xs = [rng.standard_normal((rows, 20)).astype(np.float32) for _ in range(3)]
    for x in xs:
        assert observe(x, gram, squares, count) == ()
    all_rows = np.concatenate(xs).astype(float)
    np.testing.assert_allclose(gram, all_rows.T @ all_rows, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(squares, (all_rows**2).sum(0), rtol=1e-13)
    assert count == [3 * rows]


def test_same_bits_on_any_number_of_threads(observe):
    x = np.random.default_rng(0).standard_normal((300, 20)).astype(np.float32)
    states = []
    for threads in (1, 2):
        states.append(zeros())
        observe(x, *states[-1], threads=threads)
    for one, two in zip(*states):
        np.testing.assert_array_equal(one, two)


def test_described(observe):
    assert [(info.name, info.updated) for info in observe.inputs] == [
        ("x", False), ("g", True), ("n", True), ("r", True)]


def test_saved_programs_update(observe, tmp_path):
    observe.save(tmp_path / "m.so")
    gram, squares, count = zeros()
    so.load(tmp_path / "m.so")(x=np.ones((5, 20), np.float32), g=gram, n=squares, r=count)
    assert (gram == 5).all() and (squares == 5).all() and count == [5]


def test_torch_tensors(observe):
    torch = pytest.importorskip("torch")
    gram, squares, count = (torch.from_numpy(array) for array in zeros())
    observe(torch.ones(5, 20), gram, squares, count)
    assert (gram == 5).all() and (squares == 5).all() and count == 5
    with raises("expected an array for input 'g' that the program can update, got one with gradients"):
        observe(torch.ones(5, 20), gram.requires_grad_(), squares, count)


def test_memory_that_cannot_be_updated(observe):
    x = np.ones((5, 20), np.float32)
    gram, squares, count = zeros()
    with raises("expected row-major, aligned elements for input 'g', which the program updates, got others"):
        observe(x, gram.T, squares, count)
    gram.flags.writeable = False
    with raises("expected an array for input 'g' that the program can update, got a read-only one"):
        observe(x, gram, squares, count)


def test_shared_memory(observe):
    gram, squares, count = zeros()
    with raises("expected memory of its own for input 'g', which the program updates; input 'x' shares it"):
        observe(gram[3:5], gram, squares, count)
    with raises("expected memory of its own for input 'n', which the program updates; input 'r' shares it"):
        observe(np.ones((5, 20), np.float32), gram, squares, squares.view(np.int64)[19:])
    assert not gram.any() and not squares.any()


READ = "%t = bufferization.to_tensor %m restrict writable : memref<5x5xf32> to tensor<5x5xf32>"
WRITE = "bufferization.materialize_in_destination %r in restrict writable %m : (tensor<5x5xf32>, memref<5x5xf32>) -> ()"


def updates(body, results="", returned="", x="tensor<5x5xf32>"):
    return f"""
#ij = affine_map<(i, j) -> (i, j)>
func.func @main(%m: memref<5x5xf32> {{sparsity.name = "m"}}, %x: {x} {{sparsity.name = "x"}}) {results} {{
  %zero = arith.constant 0.0 : f32
  {READ}
  %e = tensor.empty() : tensor<5x5xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<5x5xf32>) -> tensor<5x5xf32>
  {body}
  {WRITE}
  return {returned}
}}"""


PRODUCT = "linalg.matmul ins({}, {} : tensor<5x5xf32>, tensor<5x5xf32>) outs({} : tensor<5x5xf32>) -> tensor<5x5xf32>"
GATHER = """%r = linalg.generic {indexing_maps = [#ij], iterator_types = ["parallel", "parallel"]} outs(%e : tensor<5x5xf32>) {
  ^bb0(%o: f32):
    %c4 = arith.constant 4 : index
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %k = arith.subi %c4, %i : index
    %v = tensor.extract %t[%k, %j] : tensor<5x5xf32>
    linalg.yield %v : f32
  } -> tensor<5x5xf32>"""


@pytest.mark.parametrize("oracle", [False, True])
@pytest.mark.parametrize("body, wanted", [
    ("%r = linalg.transpose ins(%t : tensor<5x5xf32>) outs(%e : tensor<5x5xf32>) permutation = [1, 0]", lambda m, x: m.T),
    (GATHER, lambda m, x: m[::-1]),
    (f"%r = {PRODUCT.format('%t', '%x', '%f')}", lambda m, x: m @ x),
    (f"%r = {PRODUCT.format('%x', '%t', '%f')}", lambda m, x: x @ m),
    (f"%r = {PRODUCT.format('%x', '%t', '%t')}", lambda m, x: m + x @ m),
    (f"%s = {PRODUCT.format('%t', '%t', '%f')}\n  %r = {PRODUCT.format('%s', '%t', '%f')}", lambda m, x: m @ m @ m),
    ("%r = linalg.copy ins(%x : tensor<5x5xf32>) outs(%e : tensor<5x5xf32>) -> tensor<5x5xf32>", lambda m, x: x),
])
def test_updates_that_read_other_elements(body, wanted, oracle):
    rng = np.random.default_rng(2)
    m, x = rng.standard_normal((2, 5, 5)).astype(np.float32)
    expected = wanted(m.astype(np.float64), x)
    so.compile_mlir(updates(body), oracle=oracle)(m, x)
    np.testing.assert_allclose(m, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("oracle", [False, True])
def test_old_values_as_results(oracle):
    m, x = np.ones((5, 5), np.float32), np.full((5, 5), 2, np.float32)
    body = "%r = linalg.add ins(%t, %x : tensor<5x5xf32>, tensor<5x5xf32>) outs(%e : tensor<5x5xf32>) -> tensor<5x5xf32>"
    old = so.compile_mlir(updates(body, "-> tensor<5x5xf32>", "%t : tensor<5x5xf32>"), oracle=oracle)(m, x)
    assert (old == 1).all() and (m == 3).all()


@pytest.mark.parametrize("oracle", [False, True])
def test_extents_that_differ(oracle):
    program = so.compile_mlir("""
func.func @main(%m: memref<?x5xf32> {sparsity.name = "m"}, %x: tensor<?x5xf32> {sparsity.name = "x"}) {
  bufferization.materialize_in_destination %x in restrict writable %m : (tensor<?x5xf32>, memref<?x5xf32>) -> ()
  return
}""", oracle=oracle)
    memory = np.zeros((60, 5), np.float32)
    with pytest.raises(RuntimeError, match="expected a tensor of the extents of the memref that it is written to"):
        program(memory[:1], np.ones((50, 5), np.float32))
    assert not memory[1:].any()
    program(memory[:3], np.ones((3, 5), np.float32))
    assert memory[:3].all() and not memory[3:].any()


@pytest.mark.parametrize("use", ["memref.copy %m, %n : memref<?xf32> to memref<?xf32>",
                                 "%c = arith.constant 7 : index\n  %v = memref.load %m[%c] : memref<?xf32>",
                                 "linalg.copy ins(%m : memref<?xf32>) outs(%n : memref<?xf32>)"])
def test_other_uses_are_refused(use):
    with pytest.raises(so.CompileError, match=":[34]:.*expected the memrefs of a program to be read by bufferization.to_tensor and written by"):
        so.compile_mlir(f"""
func.func @main(%m: memref<?xf32>, %n: memref<?xf32>) {{
  {use}
  return
}}""")
