"""Wanda and SparseGPT against transcriptions of the papers' formulas in NumPy."""

import re

import numpy as np
import pytest

import sparse_opt as so
from calibration import product, read_profile
from test_importances import best_mask, recipe

pytest.importorskip("sparse_opt._sparse_opt")

PATTERNS = ("2:4", "2:4 axis 0", "block 4x4", "unstructured")
SHAPES = ((17, 36), (1, 3), (5, 129), (33, 300))


class Layer:
    """A weight, the rows that it meets and a profile of them."""

    def __init__(self, folder, shape=(17, 36), transposed=True, dtype=np.float32, rows=200, kinds=("gram", "squares"), seed=5):
        rng = np.random.default_rng(seed)
        n, k = shape
        # Inputs of different size that depend on each other, one that is always 0.
        mixed = rng.standard_normal((rows, k)) @ rng.standard_normal((k, k)) * rng.uniform(0.2, 3, k)
        mixed[:, k // 2] = 0
        self.x = mixed.astype(dtype)
        self.weight = np.ascontiguousarray(rng.standard_normal((n, k) if transposed else (k, n)), dtype)
        self.transposed, self.path = transposed, folder / "profile"
        name = {"float64": "f64", "float32": "f32", "float16": "f16", "bfloat16": "bf16"}[np.dtype(dtype).name]
        self.source = product(weight=self.weight.shape, dtype=name, transposed=transposed)
        calibration = so.compile_mlir(self.source, {"fc.weight": self.weight}, statistics=kinds, oracle=True).calibration()
        calibration.add(self.x)
        calibration.save(self.path)

    def pruned(self, pattern, importance, target=0.6, weight=None):
        """The weight that a program computes with, outputs by inputs; the oracle, which compiles fast, prunes as all do."""
        weight = self.weight if weight is None else weight
        program = so.compile_mlir(self.source, {"fc.weight": weight}, oracle=True,
                                  recipe=recipe(pattern, f'{importance} profile "{self.path}"', target))
        return np.asarray(program(np.eye(self.x.shape[1], dtype=self.weight.dtype))).T

    def oriented(self):
        """The weight in f64, outputs by inputs."""
        return np.asarray(self.weight if self.transposed else self.weight.T, np.float64)

    def gram(self):
        return read_profile(self.path)[0]["gram", "fc.weight"].astype(np.float64)

    def mask(self, scores, pattern, target=0.6):
        """The best mask for `scores`, outputs by inputs, of a pattern of the weight as it is stored; 2:4 is along inputs."""
        if pattern == "2:4":
            return best_mask(scores, pattern)
        return best_mask(scores, pattern, target) if self.transposed else best_mask(scores.T, pattern, target).T


@pytest.fixture(params=SHAPES, ids=str)
def layer(request, tmp_path):
    return Layer(tmp_path, request.param)


def wanda(layer, pattern, group):
    """Equation 1: |W_ij| * ||X_j||_2; compared within rows of outputs, or blocks of them."""
    scores = np.abs(layer.oriented()) * np.linalg.norm(layer.x.astype(np.float64), axis=0)
    if group == "layer" or pattern.startswith("2:4"):
        return layer.mask(scores, pattern)
    height = 4 if pattern.startswith("block") else 1
    return np.concatenate([layer.mask(scores[row:row + height], pattern) for row in range(0, len(scores), height)])


def agree(mask, wanted):
    assert (mask == wanted).mean() >= 0.999


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("group", ["output", "layer"])
def test_wanda(layer, pattern, group):
    pruned, wanted = layer.pruned(pattern, f"wanda group {group}"), wanda(layer, pattern, group)
    agree(pruned != 0, wanted)
    np.testing.assert_array_equal(pruned[wanted], layer.oriented().astype(np.float32)[wanted])


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("kinds", [("gram",), ("squares",)])
def test_wanda_of_a_weight_that_is_not_transposed(pattern, kinds, tmp_path):
    layer = Layer(tmp_path, transposed=False, kinds=kinds)
    agree(layer.pruned(pattern, "wanda") != 0, wanda(layer, pattern, "output"))


def test_wanda_is_not_magnitude(layer):
    if layer.weight.size > 10:
        assert ((layer.pruned("2:4", "wanda") != 0) != best_mask(np.abs(layer.oriented()), "2:4")).any()


def sparsegpt(layer, pattern, target=0.6, damp=0.01, block=128):
    """Algorithm 1 with B = `block` and Bs = 4 for 2:4, 1 for 2:4 axis 0, B for others; f64."""
    weight, gram = layer.oriented(), layer.gram()
    inputs = weight.shape[1]
    # "Hinv <- (X X^T + lambda I)^-1; Hinv <- Cholesky(Hinv)^T"
    hessian = gram + damp * np.mean(np.diag(gram)) * np.eye(inputs)
    upper = np.linalg.cholesky(np.linalg.inv(hessian)).T
    along_outputs = pattern == "2:4 axis 0" and layer.transposed
    select = block if ":" not in pattern else 1 if along_outputs else 4
    mask = np.ones(weight.shape, bool)
    for begin in range(0, inputs, block):
        end = min(begin + block, inputs)
        errors = np.zeros((len(weight), end - begin))
        for j in range(begin, end):
            if (j - begin) % select == 0:
                stop = min(j + select, end)
                scores = weight[:, j:stop] ** 2 / np.diag(upper)[j:stop] ** 2
                mask[:, j:stop] = layer.mask(scores, pattern, target)
            errors[:, j - begin] = ~mask[:, j] * weight[:, j] / upper[j, j]
            weight[:, j:end] -= np.outer(errors[:, j - begin], upper[j, j:end])
        weight[:, end:] -= errors @ upper[begin:end, end:]
    return mask, weight * mask


def check_sparsegpt(layer, pattern, tolerance=1e-4, options="", **arguments):
    pruned = layer.pruned(pattern, f"sparsegpt {options}")
    mask, values = sparsegpt(layer, pattern, **arguments)
    agree(pruned != 0, mask)
    same = ((pruned != 0) == mask).all(axis=1)
    assert same.mean() > 0.9
    np.testing.assert_allclose(pruned[same], values[same], rtol=0, atol=tolerance * np.abs(values).max())


@pytest.mark.parametrize("pattern", PATTERNS)
def test_sparsegpt(layer, pattern):
    check_sparsegpt(layer, pattern)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_sparsegpt_of_a_weight_that_is_not_transposed(pattern, tmp_path):
    check_sparsegpt(Layer(tmp_path, (20, 150), transposed=False), pattern)


@pytest.mark.parametrize("pattern", ["2:4", "unstructured"])
@pytest.mark.parametrize("dtype, tolerance", [("float64", 1e-12), ("float16", 1e-3), ("bfloat16", 1e-2)])
def test_sparsegpt_of_other_types(pattern, dtype, tolerance, tmp_path):
    kind = np.dtype(getattr(pytest.importorskip("ml_dtypes"), dtype, dtype))
    check_sparsegpt(Layer(tmp_path, dtype=kind), pattern, tolerance)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_options_of_sparsegpt(layer, pattern):
    check_sparsegpt(layer, pattern, options="block 32 damp 0.1", block=32, damp=0.1)


@pytest.mark.parametrize("pattern", ["2:4", "unstructured"])
def test_sparsegpt_loses_least(pattern, tmp_path):
    """What the paper promises, on the calibration data: less error than wanda, and that less than magnitude."""
    layer = Layer(tmp_path, (64, 256), rows=600)
    x, dense = layer.x.astype(np.float64), layer.oriented()
    errors = [np.linalg.norm(x @ (layer.pruned(pattern, importance, 0.5) - dense).T) for importance in ("sparsegpt", "wanda")]
    magnitude = np.where(best_mask(np.abs(dense), pattern, 0.5), dense, 0)
    assert errors[0] < 0.9 * errors[1] < 0.9 * np.linalg.norm(x @ (magnitude - dense).T)


def refused(layer, importance, message, **options):
    with pytest.raises(so.CompileError, match=message):
        layer.pruned(options.pop("pattern", "2:4"), importance, **options)


@pytest.mark.parametrize("importance", ["wanda", "sparsegpt"])
def test_a_profile_of_other_weights_is_refused(importance, tmp_path):
    layer = Layer(tmp_path)
    refused(layer, importance, "cannot prune parameter 'fc.weight': expected statistics of these elements .xxh64:.*found those of "
            "others .*calibrate this model before it is pruned", weight=layer.weight + 1)
    other = Layer(tmp_path, (17, 40))
    layer.path = other.path
    refused(layer, importance, re.escape("expected statistics of a weight with f32 [17, 36]") + ".*found f32 .17, 40.")


def test_statistics_that_are_missing(tmp_path):
    layer = Layer(tmp_path, kinds=("squares",))
    refused(layer, "sparsegpt", "expected the statistic 'gram' of its inputs in '.*', found none")
    layer = Layer(tmp_path, kinds=("zeros",))
    refused(layer, "wanda", "expected the statistic 'squares' or 'gram' of its inputs in '.*', found neither")
    layer.source = layer.source.replace("fc.weight", "other")
    with pytest.raises(so.CompileError, match="cannot prune parameter 'other': expected statistics of its inputs in '.*', found none"):
        so.compile_mlir(layer.source, {"other": layer.weight}, recipe=recipe("2:4", f"wanda profile {layer.path}"))


@pytest.mark.parametrize("importance, message", [
    ("wanda group row", "expected 'group' as one of 'output', 'layer', got 'row'"),
    ("wanda damp 1", "expected one of the options 'group', 'profile' of importance 'wanda', got 'damp'"),
    ("sparsegpt damp -1", "expected 'damp' as a number >= 0, got '-1'"),
    ("sparsegpt damp inf", "expected 'damp' as a number >= 0, got 'inf'"),
    ("sparsegpt block 0", "expected 'block' from 1 to 1048576, got 0"),
    ("sparsegpt damp 0", "expected a Gram matrix whose sum with 0 of its mean diagonal is positive definite"),
])
def test_options_that_are_refused(importance, message, tmp_path):
    refused(Layer(tmp_path), importance, message)


def test_files_that_are_refused(tmp_path):
    layer = Layer(tmp_path)
    layer.path.write_bytes(b"")
    refused(layer, "wanda", "recipe:5:17: .*profile")
    for importance in ("wanda", "sparsegpt"):
        with pytest.raises(so.CompileError, match=f"expected option 'profile' of importance '{importance}'"):
            so.compile_mlir(layer.source, {"fc.weight": layer.weight}, recipe=recipe("2:4", importance))


def test_inputs_that_are_all_zero(tmp_path):
    layer = Layer(tmp_path)
    calibration = so.compile_mlir(layer.source, {"fc.weight": layer.weight}, statistics=["gram"]).calibration()
    calibration.add(np.zeros((3, 36), np.float32))
    calibration.save(layer.path)
    refused(layer, "sparsegpt", "its inputs are all 0, or 'damp' is too small")
    np.testing.assert_array_equal(layer.pruned("2:4", "wanda") != 0, np.tile([True, True, False, False], (17, 9)))


def test_infinite_weights(tmp_path):
    layer = Layer(tmp_path)
    weight = layer.weight.copy()
    weight[3, 5] = np.inf
    layer.weight = weight
    calibration = so.compile_mlir(layer.source, {"fc.weight": weight}, statistics=["gram"]).calibration()
    calibration.add(layer.x)
    calibration.save(layer.path)
    refused(layer, "sparsegpt", "expected finite elements, found Inf")
