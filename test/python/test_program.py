"""Compiling MLIR and calling the program: arrays in and out, names, files, weights."""

import subprocess
import sys
import threading

import numpy as np
import pytest
from programs import IDENTITY, IN_PLACE, LINEAR, TWO_RESULTS, elementwise

import sparse_opt as so

pytest.importorskip("sparse_opt._sparse_opt")

WEIGHT = np.array([[1, 2], [3, 4], [5, 6]], np.float32)


@pytest.fixture(scope="module")
def linear():
    return so.compile_mlir(LINEAR, {"fc.weight": WEIGHT.copy()})


@pytest.fixture(scope="module")
def add():
    return so.compile_mlir(elementwise("f32"))


def test_calls_with_numpy(linear):
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    y = linear(x)
    assert isinstance(y, np.ndarray) and y.dtype == np.float32
    np.testing.assert_array_equal(y, x @ WEIGHT)


@pytest.mark.parametrize("rows", [0, 1, 3, 17, 129])
def test_dynamic_extents(linear, rows):
    x = np.ones((rows, 3), np.float32)
    np.testing.assert_array_equal(linear(x), x @ WEIGHT)


def test_views_are_taken_as_they_are(add):
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    for view in (x.T, x[::2], x[:, ::-1], np.asfortranarray(x), np.broadcast_to(x[:1], (3, 4))):
        np.testing.assert_array_equal(add(view, np.ones_like(view)), view + 1)


def test_read_only_inputs(add):
    x = np.ones((2, 2), np.float32)
    x.flags.writeable = False
    np.testing.assert_array_equal(add(x, x), [[2, 2], [2, 2]])
    np.testing.assert_array_equal(x, np.ones((2, 2)))


def test_results_outlive_the_program():
    y = so.compile_mlir(elementwise("f32"))(*[np.ones((300, 300), np.float32)] * 2)
    assert (y == 2).all()
    y[:] = 3
    assert y.base is not None


def test_results_never_share_memory_with_inputs():
    program = so.compile_mlir(IDENTITY)
    x = np.ones(5, np.float32)
    y = program(x)
    y[:] = 7
    assert (x == 1).all()


def test_inputs_are_never_written():
    x = np.ones(5, np.float32)
    assert (so.compile_mlir(IN_PLACE)(x, x) == 2).all()
    assert (x == 1).all()


def test_several_results():
    x, i = np.ones(4, np.float32), np.array([3, 4])
    first, second = so.compile_mlir(TWO_RESULTS)(x, i)
    np.testing.assert_array_equal(first, i)
    np.testing.assert_array_equal(second, x)


@pytest.mark.parametrize("dtype, op, numpy_type", [
    ("f64", "arith.addf", np.float64), ("f16", "arith.addf", np.float16),
    ("i64", "arith.addi", np.int64), ("i32", "arith.addi", np.uint32),
    ("i8", "arith.addi", np.int8), ("i1", "arith.ori", np.bool_)])
def test_element_types(dtype, op, numpy_type):
    x = np.array([[1, 0], [1, 1]]).astype(numpy_type)
    y = so.compile_mlir(elementwise(dtype, op))(x, x.T)
    assert y.itemsize == x.itemsize
    expected = x | x.T if dtype == "i1" else x + x.T
    np.testing.assert_array_equal(y.astype(numpy_type), expected)


def test_bfloat16():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    x = np.array([[1.5, 2]]).astype(ml_dtypes.bfloat16)
    y = so.compile_mlir(elementwise("bf16"))(x, x)
    assert y.dtype == ml_dtypes.bfloat16
    np.testing.assert_array_equal(y.astype(np.float32), [[3, 4]])


def test_keywords(add):
    x, y = np.ones((1, 2), np.float32), np.full((1, 2), 5, np.float32)
    first, second = (tensor.name for tensor in add.inputs)
    np.testing.assert_array_equal(add(x, **{second: y}), [[6, 6]])
    with pytest.raises(TypeError, match="two values for input"):
        add(x, **{first: y})
    with pytest.raises(TypeError, match="expected a value for input"):
        add(**{first: y})
    with pytest.raises(TypeError, match="no input 'nope'"):
        add(x, nope=y)


def test_functions():
    text = elementwise("f32", name="plus") + elementwise("f32", "arith.mulf", name="times")
    program = so.compile_mlir(text)
    assert program.functions == ("plus", "times")
    x = np.full((2, 2), 3, np.float32)
    assert (program.function("times")(x, x) == 9).all()
    with pytest.raises(ValueError, match="expected one of the functions"):
        program.function("minus")


def test_description(linear):
    assert linear.inputs[0].dtype == "f32"
    assert linear.inputs[0].shape == (-1, 3)
    assert linear.results[0].shape == (-1, 2)
    parameter, = linear.parameters
    assert (parameter.name, parameter.shape) == ("fc.weight", (3, 2))
    assert parameter.bytes >= 24
    assert linear.report() is not None


def test_measures_operations():
    linear = so.compile_mlir(LINEAR, {"fc.weight": WEIGHT.copy()})
    rows = linear.measure(np.ones((2, 3), np.float32), threads=1)["operations"]
    assert rows and all(row["measured_us"] >= 0 for row in rows)
    product = next(row for row in rows if "weights" in row)
    weight = next(row for row in linear.report()["weights"] if row["name"] in product["weights"])
    assert weight["measured_us"] == product["measured_us"]
    assert "measured: " in str(linear.report())
    assert "roofline: " in str(linear.report())


def test_measures_rates():
    """2 * 512 * 96 * 64 operations of a product on its operands, in the time that it took."""
    x, weight = np.ones((512, 96), np.float32), np.ones((64, 96), np.float32)
    product = so.compile_mlir("""
func.func @f(%x: tensor<512x96xf32>) -> tensor<512x64xf32> {
  %w = arith.constant dense_resource<w> : tensor<64x96xf32>
  %e = tensor.empty() : tensor<512x64xf32>
  %y = sparsity.matmul ins(%x, %w : tensor<512x96xf32>, tensor<64x96xf32>) outs(%e : tensor<512x64xf32>)
      transpose_rhs -> tensor<512x64xf32>
  return %y : tensor<512x64xf32>
}""", {"w": weight})
    report = product.measure(x, threads=1)
    row = next(row for row in report["operations"] if row["op"] == "matmul")
    assert row["gflops"] == pytest.approx(2 * 512 * 96 * 64 / row["measured_us"] / 1e3, abs=1e-3, rel=0.01)
    moved = 4 * (512 * 96 + 64 * 96 + 512 * 64)
    assert row["gbytes_per_second"] == pytest.approx(moved / row["measured_us"] / 1e3, abs=1e-3, rel=0.01)
    assert 0 < row["roofline"] < 1.5
    assert report["peak_gflops"] > 1 and report["peak_gbytes_per_second"] > 0.1


def test_measures_no_calls(linear):
    with pytest.raises(ValueError, match="calls >= 1"):
        linear.measure(np.ones((2, 3), np.float32), calls=0)


def test_save_and_load(linear, tmp_path):
    path = tmp_path / "model.so"
    linear.save(path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["model.h", "model.so", "model.weights"]
    x = np.ones((2, 3), np.float32)
    np.testing.assert_array_equal(so.load(path)(x), linear(x))
    assert so.load(path).report() == linear.report()


def test_a_saved_program_needs_no_compiler(linear, tmp_path):
    path = tmp_path / "model.so"
    linear.save(path)
    (tmp_path / "model.weights").rename(tmp_path / "away")
    with pytest.raises(OSError, match="model.weights"):
        so.load(path)


def test_a_process_may_close_all_its_files(linear, tmp_path):
    """As daemons do: what is loaded again has a file to save from, and nobody else's file is closed."""
    linear.save(tmp_path / "m.so")
    subprocess.run([sys.executable, "-c", """
import os, sys
import sparse_opt as so

path, copy = sys.argv[1:]
first = so.load(path)
os.closerange(3, 1000)
held = os.open(path + ".other", os.O_CREAT | os.O_WRONLY)  # takes the number that the program had
second = so.load(path)
second.save(copy)
assert open(copy, "rb").read() == open(path, "rb").read()
os.closerange(3, 1000)
other = os.open(path + ".other", os.O_RDONLY)
try:
    first.save(copy)
except OSError as error:
    assert "this process has closed its file" in str(error), error
else:
    assert False
del first, second
os.fstat(other)
""", tmp_path / "m.so", tmp_path / "copy.so"], check=True, timeout=60)


def test_set_weights():
    program = so.compile_mlir(LINEAR, {"fc.weight": WEIGHT.copy()})
    x = np.ones((1, 3), np.float32)
    program.set_weights({"fc.weight": WEIGHT * 2})
    np.testing.assert_array_equal(program(x), x @ WEIGHT * 2)
    with pytest.raises(ValueError, match="no parameter 'nope'"):
        program.set_weights({"nope": WEIGHT})
    with pytest.raises(ValueError, match=r"expected shape \[3, 2\] for parameter 'fc.weight'"):
        program.set_weights({"fc.weight": WEIGHT.T.copy()})
    with pytest.raises(TypeError, match="expected element type f32"):
        program.set_weights({"fc.weight": WEIGHT.astype(np.float64)})
    np.testing.assert_array_equal(program(x), x @ WEIGHT * 2)


def test_weights_are_kept_alive(linear):
    import gc

    program = so.compile_mlir(LINEAR, {"fc.weight": np.full((3, 2), 7, np.float32)})
    gc.collect()
    trash = [np.zeros((3, 2), np.float32) for _ in range(1000)]
    assert (program(np.ones((1, 3), np.float32)) == 21).all()
    del trash


def test_threads_run_calls_at_once(add):
    x = np.ones((64, 64), np.float32)
    errors = []

    def work(number):
        for _ in range(100):
            if not (add(x * number, x, threads=1 + number % 2) == number + 1).all():
                errors.append(number)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors


def test_compiling_releases_the_interpreter():
    ticks, stop = 0, threading.Event()

    def count():
        nonlocal ticks
        while not stop.wait(0.001):
            ticks += 1

    thread = threading.Thread(target=count)
    thread.start()
    before = ticks
    so.compile_mlir(elementwise("f32"))
    during = ticks - before
    stop.set()
    thread.join()
    # One at most if the other thread had to wait for the compiler.
    assert during >= 5


def test_memory_does_not_grow(add):
    program = "\n".join([
        "import resource, numpy as np, sparse_opt as so, sys",
        "from programs import elementwise",
        "add = so.compile_mlir(elementwise('f32'))",
        "x = np.ones((512, 512), np.float32)",
        "for _ in range(50): add(x, x)",
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss",
        "for _ in range(2000): add(x, x)",
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"])
    path = ":".join(sys.path)
    out = subprocess.run([sys.executable, "-c", program], check=True, text=True,
                         capture_output=True, env={"PYTHONPATH": path}).stdout
    assert int(out) < 20_000
