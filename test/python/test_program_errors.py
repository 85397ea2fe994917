"""Bad input: every error names what was expected and what was found, and nothing crashes."""

import re

import numpy as np
import pytest
from programs import LINEAR, elementwise

import sparse_opt as so

pytest.importorskip("sparse_opt._sparse_opt")

WEIGHT = np.ones((3, 2), np.float32)


@pytest.fixture(scope="module")
def linear():
    return so.compile_mlir(LINEAR, {"fc.weight": WEIGHT})


def raises(error, message):
    return pytest.raises(error, match=re.escape(message))


def test_counts(linear):
    with raises(ValueError, "expected 1 inputs for 'main', got 0"):
        linear()
    with raises(ValueError, "expected 1 inputs for 'main', got 2"):
        linear(WEIGHT, WEIGHT)


def test_names(linear):
    x = np.ones((1, 3), np.float32)
    name = linear.inputs[0].name
    with raises(TypeError, f"got two values for input '{name}'"):
        linear(x, **{name: x})
    with raises(TypeError, f"the program has no input 'y', only {name}"):
        linear(y=x)


@pytest.mark.parametrize("x, error, message", [
    (np.ones((1, 3)), TypeError, "expected element type f32 for input '{}', got f64"),
    (np.ones(3, np.float32), ValueError, "expected rank 2 for input '{}', got 1"),
    (np.ones((1, 4), np.float32), ValueError, "expected shape [?, 3] for input '{}', got [1, 4]"),
    (3.0, TypeError, "expected a numpy array or torch tensor for input '{}', got float"),
    (None, TypeError, "expected a numpy array or torch tensor for input '{}', got NoneType"),
    ([[1.0]], TypeError, "expected a numpy array or torch tensor for input '{}', got list"),
    (np.ones((1, 3), ">f4"), TypeError, "expected a numpy array or torch tensor for input '{}', got ndarray of >f4"),
    (np.ones((1, 3), np.complex64), TypeError, "for input '{}'"),
    (np.array([["a", "b", "c"]]), TypeError, "for input '{}'"),
    (np.array([[None] * 3]), TypeError, "for input '{}'")])
def test_arguments(linear, x, error, message):
    with raises(error, message.format(linear.inputs[0].name)):
        linear(x)


def test_extents_that_must_agree():
    add = so.compile_mlir(elementwise("f32"))
    for shape in ((2, 3), (3, 2), (0, 0), (1, 3)):
        with pytest.raises(RuntimeError, match=r"extent [01] of input 1 to be extent [01] of"):
            add(np.ones((3, 3), np.float32), np.ones(shape, np.float32))


def test_threads(linear):
    with raises(ValueError, "expected 0 to 1024 threads, got -1"):
        linear(WEIGHT.T.copy(), threads=-1)


@pytest.mark.parametrize("threads", ["two", 1.5, None, 2**40])
def test_threads_of_another_type(linear, threads):
    with raises(TypeError, f"expected threads as an int, got {threads!r}"):
        linear(WEIGHT.T.copy(), threads=threads)


@pytest.mark.parametrize("options", [{"target": None}, {"target": 3}, {"format": b"nm"}])
def test_options_of_another_type(options):
    (name, value), = options.items()
    with raises(TypeError, f"expected {name} as a str, got {type(value).__name__}"):
        so.compile_mlir(LINEAR, {"fc.weight": WEIGHT}, **options)


def test_text_on_one_line():
    text = "func.func @same(%x: tensor<2xf32>) -> tensor<2xf32> { return %x : tensor<2xf32> }"
    np.testing.assert_array_equal(so.compile_mlir(text)(WEIGHT[0]), WEIGHT[0])
    rules = "{rules: [{parameter: other, pattern: 2:4}]}"
    with raises(so.CompileError, "recipe:1:"):
        so.compile_mlir(LINEAR, {"fc.weight": WEIGHT}, recipe=rules)


def test_syntax_errors_have_a_place():
    with pytest.raises(so.CompileError) as caught:
        so.compile_mlir("func.func @f( {\n}\n")
    assert re.match(r"<text>:1:\d+: error: ", caught.value.diagnostics)


def test_missing_weights_are_named():
    with raises(so.CompileError, "expected a weight for the resource 'fc.weight', got no weights: give a"
                                 " safetensors file that has them (--weights, or `weights` in Python)"):
        so.compile_mlir(LINEAR)
    with raises(so.CompileError, "expected a weight for the resource 'fc.weight', found none"):
        so.compile_mlir(LINEAR, {"other": WEIGHT})
    with raises(so.CompileError, "the nearest name is 'fc.wieght'"):
        so.compile_mlir(LINEAR, {"fc.wieght": WEIGHT})


@pytest.mark.parametrize("weight, found", [
    (WEIGHT.T.copy(), "f32 [2, 3]"), (WEIGHT.astype(np.float64), "f64 [3, 2]"),
    (WEIGHT.ravel(), "f32 [6]"), (WEIGHT.astype(np.int32), "i32 [3, 2]")])
def test_weights_of_another_type(weight, found):
    with raises(so.CompileError, f"for the resource 'fc.weight', found {found}"):
        so.compile_mlir(LINEAR, {"fc.weight": weight})


def test_weights_must_be_row_major():
    with raises(ValueError, "expected weight 'fc.weight' in row-major order"):
        so.compile_mlir(LINEAR, {"fc.weight": np.asfortranarray(WEIGHT)})


def test_weights_from_files(tmp_path):
    torch = pytest.importorskip("safetensors.numpy")
    path = tmp_path / "m.safetensors"
    torch.save_file({"fc.weight": WEIGHT, "other": WEIGHT}, path)
    assert so.compile_mlir(LINEAR, path)(np.ones((1, 3), np.float32)).tolist() == [[3, 3]]
    path.write_bytes(path.read_bytes()[:-5])
    with raises(so.CompileError, "m.safetensors"):
        so.compile_mlir(LINEAR, path)
    with raises(so.CompileError, "none.safetensors"):
        so.compile_mlir(LINEAR, tmp_path / "none.safetensors")


def test_unknown_targets():
    with pytest.raises(so.CompileError, match="znver55"):
        so.compile_mlir(LINEAR, {"fc.weight": WEIGHT}, target="znver55")


@pytest.mark.parametrize("target, missing", [("bdver4", "fma4"), ("diamondrapids", "a")])
def test_programs_for_other_machines(target, missing, tmp_path):
    """No machine of today has FMA4, and nobody knows the newest sets: such a program is made and
    saved, and not called."""
    program = so.compile_mlir(LINEAR, {"fc.weight": WEIGHT}, target=target)
    program.save(tmp_path / "m.so")
    for each in (program, so.load(tmp_path / "m.so")):
        with raises(ValueError, f"expected a machine with {missing}"):
            each(np.ones((1, 3), np.float32))


def test_missing_files(tmp_path):
    with raises(FileNotFoundError, "none.mlir"):
        so.compile_mlir(tmp_path / "none.mlir")
    with raises(FileNotFoundError, "none.yaml"):
        so.compile_mlir(LINEAR, {"fc.weight": WEIGHT}, recipe=tmp_path / "none.yaml")
    with pytest.raises(OSError, match="none.so"):
        so.load(tmp_path / "none.so")


def test_other_files_are_no_programs(tmp_path):
    path = tmp_path / "x.so"
    path.write_bytes(b"\x7fELF" + bytes(100))
    with pytest.raises(OSError, match="cannot load"):
        so.load(path)


def test_broken_weights_files(linear, tmp_path):
    linear.save(tmp_path / "m.so")
    weights = tmp_path / "m.weights"
    good = weights.read_bytes()
    for cut in (0, 10, 4096, len(good) - 1):
        weights.write_bytes(good[:cut])
        with pytest.raises(OSError, match="m.weights"):
            so.load(tmp_path / "m.so")
    flipped = bytearray(good)
    flipped[4096] ^= 1
    weights.write_bytes(flipped)
    with pytest.raises(OSError, match="m.weights"):
        so.load(tmp_path / "m.so")


def test_unwritable_outputs(linear, tmp_path):
    (tmp_path / "m.so").write_text("old")
    (tmp_path / "m.weights").mkdir()
    with pytest.raises(OSError, match="m.weights"):
        linear.save(tmp_path / "m.so")
    assert (tmp_path / "m.so").read_text() == "old"
    with pytest.raises(OSError):
        linear.save(tmp_path / "none" / "m.so")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["m.so", "m.weights"]
