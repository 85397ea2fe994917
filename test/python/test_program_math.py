"""Functions of numbers: accurate to a few units in the last place, in every element type."""

import numpy as np
import pytest
from programs import generic

import sparse_opt as so

pytest.importorskip("sparse_opt._sparse_opt")
torch = pytest.importorskip("torch")

FUNCTIONS = ("exp exp2 expm1 erf erfc tanh log log2 log10 log1p sin cos tan atan asin acos sinh cosh"
             " asinh acosh atanh rsqrt sqrt").split()
ARRAYS = {"f64": np.float64, "f32": np.float32, "f16": np.float16}


def numbers():
    """Of all sizes: about 1, large angles, subnormal ones."""
    random = np.random.default_rng(0)
    wide = random.standard_normal(4000) * 10.0 ** random.integers(-38, 38, 4000)
    special = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan]
    return np.concatenate([random.uniform(-1, 1, 4000), random.uniform(-100, 100, 4000), wide,
                           10.0 ** random.uniform(-45, -37, 500), special])


@pytest.mark.parametrize("kind", ARRAYS)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_functions(function, kind):
    with np.errstate(over="ignore"):
        x = numbers().astype(ARRAYS[kind])
    program = so.compile_mlir(generic(f"%q = math.{function} %a0 : {kind}", kind))
    y = program(x)
    exact = getattr(torch, function)(torch.tensor(x, dtype=torch.float64)).numpy()
    with np.errstate(over="ignore"):
        expected = exact.astype(ARRAYS[kind])
    info = np.finfo(ARRAYS[kind])
    normal = np.isfinite(expected) & (np.abs(exact) > info.tiny)
    assert normal.sum() > 2000
    with np.errstate(invalid="ignore"):
        error = np.abs(y.astype(np.float64) - exact)
    limit = 5e-7 if kind == "f32" else 4 * float(info.eps)
    assert (error[normal] <= limit * np.abs(exact[normal])).all()
    assert (error[np.isfinite(expected) & ~normal] <= 2 * info.tiny).all()
    np.testing.assert_array_equal(y[~np.isfinite(expected)], expected[~np.isfinite(expected)])


def test_exp_of_what_gives_subnormal_numbers():
    x = np.linspace(-104, -87, 4001, dtype=np.float32)
    y = so.compile_mlir(generic("%q = math.exp %a0 : f32", "f32"))(x)
    assert (np.abs(y - np.exp(x.astype(np.float64))) <= 2 * 2.0 ** -149).all()


def test_erf_reaches_one():
    """Else GELU of large negative numbers would not vanish."""
    x = np.array([-np.inf, -1e10, -50, -9, -6, 6, 9, 1e10, np.inf, np.nan], np.float32)
    y = so.compile_mlir(generic("%q = math.erf %a0 : f32", "f32"))(np.tile(x, 5))
    np.testing.assert_array_equal(y, np.tile(np.append(np.sign(x[:-1]), np.nan), 5))


DIVIDE = """
func.func @divide(%x: tensor<?xf32>, %s: tensor<f32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %y = linalg.generic {
      indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>, affine_map<(d0) -> (d0)>],
      iterator_types = ["parallel"]}
      ins(%x, %s : tensor<?xf32>, tensor<f32>) outs(%e : tensor<?xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %q = arith.divf %a, %b : f32
    linalg.yield %q : f32
  } -> tensor<?xf32>
  return %y : tensor<?xf32>
}
"""


def test_divisions_by_one_number_of_any_size():
    program = so.compile_mlir(DIVIDE)
    random = np.random.default_rng(0)
    sizes = np.concatenate([10.0 ** np.arange(-45, 39), [np.inf, np.nan, 0.0, 3.4e38, 2.0 ** -100, 2.0 ** 100]])
    x = (random.standard_normal(999) * 10.0 ** random.integers(-45, 38, 999)).astype(np.float32)
    x = np.concatenate([x, sizes, -sizes]).astype(np.float32)
    for size in sizes.astype(np.float32):
        for factor in (1, -1, 1.7):
            with np.errstate(all="ignore"):
                divisor = size * np.float32(factor)
                expected = x / divisor
                exact = np.isfinite(expected) & (np.abs(expected) > 1e-30) & (np.abs(x) > 1e-30)
            y = program(x, np.array(divisor))
            np.testing.assert_array_equal(y[exact], expected[exact])
            signed = ~np.isnan(expected)
            np.testing.assert_array_equal(np.signbit(y[signed]), np.signbit(expected[signed]))
            np.testing.assert_allclose(y, expected, rtol=2.0 ** -23, atol=2.0 ** -149, err_msg=str(divisor))


@pytest.mark.parametrize("op, reference", [
    ("divsi", lambda a, b: np.trunc(a / b)), ("remsi", np.fmod), ("floordivsi", np.floor_divide),
    ("ceildivsi", lambda a, b: np.ceil(a / b))])
@pytest.mark.parametrize("oracle", [False, True])
def test_divisions_of_integers(op, reference, oracle):
    program = so.compile_mlir(generic(f"%q = arith.{op} %a0, %a1 : i64", "i64", "i64"), oracle=oracle)
    a = np.array([7, -7, 9, 0, 129], np.int64)
    b = np.array([2, 2, -3, 5, -1], np.int64)
    np.testing.assert_array_equal(program(a, b), reference(a, b).astype(np.int64))
    for bad in (0, -1):
        b[3] = bad
        a[3] = np.iinfo(np.int64).min
        with pytest.raises(RuntimeError, match="expected a divisor other than 0 and a quotient"):
            program(a, b, threads=1)
    program = so.compile_mlir(generic("%q = arith.remui %a0, %a1 : i32", "i32", "i32"), oracle=oracle)
    with pytest.raises(RuntimeError, match="expected a divisor other than 0"):
        program(np.ones(1000, np.int32), np.zeros(1000, np.int32))
