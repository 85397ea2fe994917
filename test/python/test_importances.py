"""Every importance against a transcription in NumPy: which elements of a weight stay."""

import numpy as np
import pytest
from safetensors.numpy import save_file

import sparse_opt as so

pytest.importorskip("sparse_opt._sparse_opt")

ROWS, COLS = 17, 36
RNG = np.random.default_rng(5)
WEIGHT = RNG.standard_normal((ROWS, COLS)).astype(np.float32)
SCORES = RNG.standard_normal((ROWS, COLS)).astype(np.float32)
TEXT = f"""
func.func @f(%x: tensor<?x{COLS}xf32>, %e: tensor<?x{ROWS}xf32>) -> tensor<?x{ROWS}xf32> {{
  %w = arith.constant dense_resource<layer.weight> : tensor<{ROWS}x{COLS}xf32>
  %y = sparsity.matmul ins(%x, %w : tensor<?x{COLS}xf32>, tensor<{ROWS}x{COLS}xf32>) outs(%e : tensor<?x{ROWS}xf32>)
      transpose_rhs -> tensor<?x{ROWS}xf32>
  return %y : tensor<?x{ROWS}xf32>
}}"""
PATTERNS = ("2:4", "2:4 axis 0", "block 4x4", "unstructured")


def recipe(pattern, choice, target=0.6):
    """`choice` is an importance or "mask: FILE"."""
    is_mask = choice.startswith("mask: ")
    choice = choice if is_mask else f"importance: '{choice}'"
    lines = ["version: 1", "rules:", "  - match: '*'", f"    pattern: '{pattern}'", f"    {choice}"]
    if ":" not in pattern and not is_mask:
        lines.append(f"    target_sparsity: {target}")
    return "\n".join(lines)


def pruned(pattern, choice, weight=WEIGHT):
    """The weight that the program computes with, exactly; the oracle, which compiles fast, prunes as all do."""
    program = so.compile_mlir(TEXT, {"layer.weight": weight}, recipe=recipe(pattern, choice), oracle=True)
    return program(np.eye(COLS, dtype=np.float32), np.zeros((COLS, ROWS), np.float32)).T


def keep_most(scores, count):
    """The `count` largest of a vector, the first ones among equals."""
    mask = np.zeros(scores.shape, bool)
    mask[np.argsort(-scores, kind="stable")[:count]] = True
    return mask


def best_mask(scores, pattern, target=0.6):
    if pattern == "unstructured":
        zeros = round(target * scores.size)
        return keep_most(scores.ravel(), scores.size - zeros).reshape(scores.shape)
    if pattern.startswith("2:4"):
        if pattern.endswith("axis 0"):
            return best_mask(scores.T, "2:4").T
        groups = [row[begin:begin + 4] for row in scores for begin in range(0, len(row), 4)]
        return np.concatenate([keep_most(group, 2) for group in groups]).reshape(scores.shape)
    rows, cols = -(-scores.shape[0] // 4), -(-scores.shape[1] // 4)
    padded = np.zeros((rows * 4, cols * 4))
    padded[:scores.shape[0], :scores.shape[1]] = scores
    blocks = padded.reshape(rows, 4, cols, 4).sum(axis=(1, 3))  # the last row of blocks has one row of scores
    kept = keep_most(blocks.ravel(), blocks.size - round(target * blocks.size)).reshape(blocks.shape)
    return np.kron(kept, np.ones((4, 4), bool))[:scores.shape[0], :scores.shape[1]]


def mersenne_twister(words):
    """std::mt19937_64 seeded by std::seed_seq, after ISO C++ 20, 26.6.8.1 and 26.6.4.3."""
    n, s = 624, [word & 0xFFFFFFFF for word in words]
    buffer, t, m = [0x8B8B8B8B] * n, 11, max(len(s) + 1, n)
    p = (n - t) // 2
    q = p + t

    def mix(x):
        return (x ^ (x >> 27)) & 0xFFFFFFFF

    for k in range(m):
        r1 = 1664525 * mix(buffer[k % n] ^ buffer[(k + p) % n] ^ buffer[(k - 1) % n]) & 0xFFFFFFFF
        r2 = r1 + (len(s) if k == 0 else k % n + s[k - 1] if k <= len(s) else k % n)
        buffer[(k + p) % n] = buffer[(k + p) % n] + r1 & 0xFFFFFFFF
        buffer[(k + q) % n] = buffer[(k + q) % n] + r2 & 0xFFFFFFFF
        buffer[k % n] = r2 & 0xFFFFFFFF
    for k in range(m, m + n):
        r3 = 1566083941 * mix(buffer[k % n] + buffer[(k + p) % n] + buffer[(k - 1) % n] & 0xFFFFFFFF) & 0xFFFFFFFF
        r4 = r3 - k % n & 0xFFFFFFFF
        buffer[(k + p) % n] ^= r3
        buffer[(k + q) % n] ^= r4
        buffer[k % n] = r4
    state = [buffer[2 * i] | buffer[2 * i + 1] << 32 for i in range(312)]
    while True:
        for i in range(312):
            y = (state[i] & ~0x7FFFFFFF | state[(i + 1) % 312] & 0x7FFFFFFF) & (1 << 64) - 1
            state[i] = state[(i + 156) % 312] ^ (y >> 1) ^ (0xB5026F5AA96619E9 if y & 1 else 0)
            z = state[i]
            z ^= (z >> 29) & 0x5555555555555555
            z ^= (z << 17) & 0x71D67FFFEDA60000
            z ^= (z << 37) & 0xFFF7EEE000000000
            yield z ^ (z >> 43)


def check(pattern, importance, scores):
    np.testing.assert_array_equal(pruned(pattern, importance), np.where(best_mask(scores, pattern), WEIGHT, 0))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_magnitude(pattern):
    check(pattern, "magnitude", np.abs(WEIGHT))
    check(pattern, "magnitude norm l1", np.abs(WEIGHT))
    check(pattern, "magnitude norm l2", WEIGHT.astype(np.float64) ** 2)


def test_norms_differ_for_blocks():
    assert (best_mask(np.abs(WEIGHT), "block 4x4") != best_mask(WEIGHT ** 2, "block 4x4")).any()


def test_squares_of_large_numbers():
    weight = np.where(np.arange(COLS) % 2, WEIGHT * 1e30, WEIGHT * 2e30).astype(np.float32)
    weight[3, 5] = np.inf
    weight[4, :] = 0
    for pattern in ("2:4", "unstructured"):
        np.testing.assert_array_equal(np.isfinite(pruned(pattern, "magnitude norm l2", weight)).all(axis=1),
                                      np.isfinite(pruned(pattern, "magnitude", weight)).all(axis=1))
    weight[3, 4:8] = 1e-9, 3e-9, 2e-9, 4e-9  # far below the largest element
    for pattern in ("2:4", "unstructured"):
        np.testing.assert_array_equal(pruned(pattern, "magnitude norm l2", weight), pruned(pattern, "magnitude", weight))


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("seed", [None, 7, 2 ** 64 - 1])
def test_random(pattern, seed):
    words = [(seed or 0) & 0xFFFFFFFF, (seed or 0) >> 32, *b"layer.weight"]
    generator = mersenne_twister(words)
    scores = np.array([next(generator) >> 40 for _ in range(WEIGHT.size)], np.float64).reshape(WEIGHT.shape)
    check(pattern, "random" if seed is None else f"random seed {seed}", scores)


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_imported(pattern, dtype, tmp_path):
    scores = SCORES.astype(dtype)
    save_file({"layer.weight": scores, "other": np.zeros(3)}, tmp_path / "my scores.safetensors")
    check(pattern, f'imported file "{tmp_path / "my scores.safetensors"}"', scores.astype(np.float64))


def test_imported_scores_keep_their_order_beside_an_outlier(tmp_path):
    scores = np.tile(np.float32([0.1, 0.2, 0.3, 0.4]), (ROWS, COLS // 4))
    scores[5, 7] = -2.0 ** 24
    save_file({"layer.weight": scores}, tmp_path / "s.safetensors")
    check("2:4", f"imported file {tmp_path / 's.safetensors'}", scores)
    check("unstructured", f"imported file {tmp_path / 's.safetensors'}", scores)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_taylor(pattern, tmp_path):
    save_file({"layer.weight": SCORES}, tmp_path / "gradients.safetensors")
    check(pattern, f"taylor file {tmp_path / 'gradients.safetensors'}", np.abs(WEIGHT.astype(np.float64) * SCORES))


def test_taylor_of_products_below_f32(tmp_path):
    weight = np.tile(np.float32([1e-20, 2e-20, 3e-20, 4e-20]), (ROWS, COLS // 4))
    save_file({"layer.weight": np.full_like(weight, 1e-27)}, tmp_path / "g.safetensors")
    kept = np.tile([False, False, True, True], (ROWS, COLS // 4))
    np.testing.assert_array_equal(pruned("2:4", f"taylor file {tmp_path / 'g.safetensors'}", weight) != 0, kept)


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("dtype", [np.bool_, np.uint8, np.float32, np.float16, np.int64])
@pytest.mark.parametrize("name", ["layer.weight", "layer.weight_mask"])
def test_mask(pattern, dtype, name, tmp_path):
    mask = best_mask(np.abs(SCORES), pattern)
    save_file({name: np.ascontiguousarray(mask, dtype)}, tmp_path / "m.safetensors")
    np.testing.assert_array_equal(pruned(pattern, f"mask: {tmp_path / 'm.safetensors'}"), np.where(mask, WEIGHT, 0))


def test_masks_of_torch(tmp_path):
    torch = pytest.importorskip("torch")
    from torch.nn.utils import prune
    layer = torch.nn.Linear(COLS, ROWS, bias=False)
    prune.random_unstructured(layer, "weight", 0.7)
    masks = {f"layer.{name}": value.numpy() for name, value in layer.state_dict().items()}
    assert sorted(masks) == ["layer.weight_mask", "layer.weight_orig"]
    save_file(masks, tmp_path / "m.safetensors")
    wanted = np.where(masks["layer.weight_mask"] == 1, WEIGHT, 0)
    np.testing.assert_array_equal(pruned("unstructured", f"mask: {tmp_path / 'm.safetensors'}"), wanted)


def test_mask_of_nothing_and_of_all(tmp_path):
    for value in (0, 1):
        save_file({"layer.weight": np.full((ROWS, COLS), value, np.uint8)}, tmp_path / "m.safetensors")
        np.testing.assert_array_equal(pruned("unstructured", f"mask: {tmp_path / 'm.safetensors'}"), WEIGHT * value)


def refused(choice, message, pattern="2:4"):
    with pytest.raises(so.CompileError, match=message):
        pruned(pattern, choice)


@pytest.mark.parametrize(
    "tensors, message",
    [
        ({"weight": WEIGHT}, "expected a tensor 'layer.weight_mask' or 'layer.weight' in '.*', found none"),
        ({"layer.weight": np.ones((COLS, ROWS), bool)}, r"with shape \[17, 36\], found \[36, 17\]"),
        ({"layer.weight": SCORES}, "expected 0 or 1 in tensor 'layer.weight' of '.*', found .* in row 0, column 0"),
        ({"layer.weight": np.where(np.arange(COLS) == 3, np.nan, np.ones_like(SCORES))}, "found NaN in row 0, column 3"),
        ({"layer.weight": np.ones((ROWS, COLS), bool)},
         r"breaks #sparsity.nm<2:4> in row 0, column 2: 4 nonzeros in columns 0..3, expected at most 2"),
        ({"layer.weight": np.full((ROWS, COLS), 0.9999999)}, "found 0.9999999000000000"),
    ],
)
def test_masks_refused(tensors, message, tmp_path):
    save_file(tensors, tmp_path / "m.safetensors")
    refused(f"mask: {tmp_path / 'm.safetensors'}", message)


@pytest.mark.parametrize("size", [4, 8])
def test_masks_of_other_blocks_are_refused(size, tmp_path):
    """Elements, and blocks of half the size, where blocks are to stay or go as a whole."""
    mask = best_mask(np.abs(SCORES), "unstructured" if size == 4 else "block 4x4")
    save_file({"layer.weight": mask}, tmp_path / "m.safetensors")
    place = "in row [0-9]+, column [0-9]+: pruned in a block with kept elements"
    refused(f"mask: {tmp_path / 'm.safetensors'}", place, f"block {size}x{size}")


@pytest.mark.parametrize("pattern, zeros", [("unstructured", 0.4), ("block 4x4", 0.75), ("2:4", 0.5)])
def test_masks_say_how_much_is_zero(pattern, zeros, tmp_path):
    mask = best_mask(np.abs(SCORES), pattern, target=zeros)
    save_file({"layer.weight": mask}, tmp_path / "m.safetensors")
    program = so.compile_mlir(TEXT, {"layer.weight": WEIGHT}, recipe=recipe(pattern, f"mask: {tmp_path / 'm.safetensors'}"))
    row, = program.report()["weights"]
    assert row["density"] == pytest.approx(1 - zeros, abs=0.01)


def test_missing_file_of_masks():
    refused("mask: none.safetensors", "recipe:5:11: .*none.safetensors")


@pytest.mark.parametrize(
    "importance, message",
    [
        ("magnitud", "'imported', 'magnitude', 'random', 'sparsegpt', 'taylor', 'wanda', got 'magnitud'; did you mean 'magnitude'"),
        ("magnitude norm l3", "expected 'norm' as one of 'l1', 'l2', got 'l3'"),
        ("magnitude nrm l2", "expected one of the options 'norm' of importance 'magnitude', got 'nrm'; did you mean 'norm'"),
        ("magnitude norm l1 norm l2", "expected option 'norm' once"),
        ("random seed", "expected a value after 'seed'"),
        ("random seed -1", "expected 'seed' as a whole number from 0 to 2\\^64 - 1, got '-1'"),
        ("random seed 18446744073709551616", "expected 'seed' as a whole number"),
        ("imported", "expected option 'file' of importance 'imported'"),
        ("imported file none.safetensors", "none.safetensors"),
        ('imported file "none', "expected a closing '\"' after 'none'"),
        ('taylor file "a"b', "expected a blank after 'a'"),
    ],
)
def test_refused(importance, message):
    refused(importance, message)


@pytest.mark.parametrize(
    "tensors, message",
    [
        ({"weight": SCORES}, "expected a tensor 'layer.weight' in '.*', found none"),
        ({"layer.weight": SCORES.T.copy()}, r"with shape \[17, 36\], found \[36, 17\]"),
        ({"layer.weight": SCORES.astype(np.int32)}, "with floating-point elements, found i32"),
        ({"layer.weight": np.where(np.arange(COLS) == 3, np.nan, SCORES)}, "found NaN in row 0, column 3"),
    ],
)
@pytest.mark.parametrize("importance", ["imported", "taylor"])
def test_files_refused(importance, tensors, message, tmp_path):
    save_file(tensors, tmp_path / "t.safetensors")
    refused(f"{importance} file {tmp_path / 't.safetensors'}", message)


def test_scores_of_minus_infinity_are_refused(tmp_path):
    save_file({"layer.weight": np.where(np.arange(COLS) == 3, -np.inf, SCORES)}, tmp_path / "t.safetensors")
    refused(f"imported file {tmp_path / 't.safetensors'}", "expected numbers above -Inf in tensor 'layer.weight' of '.*', found -Inf in row 0, column 3")
