"""sparsity.attention against numpy and the oracle: shapes, layouts, masks, infinite and missing scores."""

import numpy as np
import pytest

import sparse_opt as so
from programs import skip_without

pytest.importorskip("sparse_opt._sparse_opt")

DIMS = "b, h, i, j, d, e"
TYPES = {"f32": np.float32, "f64": np.float64}


def program(d, e, mask=None, layout="bh{}", kind="f32", scale=0.25, rows="", **options):
    """Attention of dynamic extents; `layout` is how query, key, value and result lie."""
    names = {"q": layout.format("id"), "k": layout.format("jd"), "v": layout.format("je"), "o": layout.format("ie")}
    if mask is not None:
        names["m"] = mask
    width = {"d": d, "e": e}
    types = {n: "tensor<" + "".join(f"{width.get(x, '?')}x" for x in dims) + f"{kind}>" for n, dims in names.items()}
    maps = {n: f"affine_map<({DIMS}) -> ({', '.join(dims)})>" for n, dims in names.items()}
    order = ["q", "k", "v"] + ["m"] * (mask is not None) + ["o"]
    scores = f"scores(%m : {types['m']})" if mask is not None else ""
    args = ", ".join(f"%{n}: {types[n]}" for n in order[:-1])
    places = [x for x in names["o"] if x in "bhi"]
    source = names["q"]
    dims = "\n".join(f"  %c{n} = arith.constant {source.index(x)} : index\n  %n{x} = tensor.dim %q, %c{n} : {types['q']}"
                     for n, x in enumerate(places))
    text = f"""
func.func @f({args}) -> {types['o']} {{
{dims}
  %o = tensor.empty({", ".join("%n" + x for x in places)}) : {types['o']}
  %y = sparsity.attention ins(%q, %k, %v : {types['q']}, {types['k']}, {types['v']}) {scores}
      outs(%o : {types['o']}) maps [{", ".join(maps[n] for n in order)}] {rows} {{
  ^bb0(%s: {kind}{f", %a: {kind}" if mask is not None else ""}):
    %c = arith.constant {scale} : {kind}
    %t = arith.mulf %s, %c : {kind}
    {f"%r = arith.addf %t, %a : {kind}" if mask is not None else ""}
    sparsity.yield {"%r" if mask is not None else "%t"} : {kind}
  }} -> {types['o']}
  return %y : {types['o']}
}}"""
    return so.compile_mlir(text, **options)


def reference(q, k, v, m=None, mask=None, layout="bh{}", scale=0.25):
    names = [layout.format(x) for x in ("id", "jd", "je", "ie")]
    q, k, v = (x.astype(np.float64) for x in (q, k, v))
    scores = np.einsum(f"{names[0]},{names[1]}->bhij", q, k) * scale
    if m is not None:
        shape = [scores.shape["bhij".index(x)] if x in mask else 1 for x in "bhij"]
        inner = "".join(x for x in "bhij" if x in mask)
        scores = scores + np.einsum(f"{mask}->{inner}", m.astype(np.float64)).reshape(shape)
    with np.errstate(invalid="ignore"):
        if scores.shape[-1]:
            scores -= scores.max(-1, keepdims=True)
        weights = np.exp(scores)
        weights = weights / weights.sum(-1, keepdims=True)
        return np.einsum(f"bhij,{names[2]}->{names[3]}", weights, v)


def tensors(b, h, i, j, d, e, layout="bh{}", mask=None, kind="f32", seed=0):
    random = np.random.default_rng(seed)
    size = dict(b=b, h=h, i=i, j=j, d=d, e=e)
    shapes = [layout.format(x) for x in ("id", "jd", "je")] + ([mask] if mask is not None else [])
    return [random.standard_normal([size[x] for x in dims]).astype(TYPES[kind]) for dims in shapes]


def check(compiled, inputs, tolerance=5e-6, **options):
    y = compiled(*inputs)
    np.testing.assert_allclose(y, reference(*inputs, **options), rtol=0, atol=tolerance)
    return y


@pytest.mark.parametrize("d, e", [(1, 1), (4, 7), (32, 32), (17, 80), (64, 129)])
def test_shapes(d, e):
    compiled = program(d, e)
    for i in (1, 3, 17, 129):
        for j in (1, 3, 17, 129, 300):
            check(compiled, tensors(2, 3, i, j, d, e))


@pytest.mark.parametrize("mask", ["ij", "bij", "bhij", "j", "i", "bj", "hij", "ji", "bh", "bjh"])
def test_masks(mask):
    compiled = program(8, 16, mask)
    for i, j in ((1, 1), (5, 130), (64, 37)):
        check(compiled, tensors(2, 3, i, j, 8, 16, mask=mask), mask=mask)


@pytest.mark.parametrize("layout", ["b{}h", "b{0[0]}h{0[1]}", "{0[0]}b{0[1]}h", "{0[1]}{0[0]}bh", "bh{0[1]}{0[0]}"])
def test_layouts(layout):
    compiled = program(8, 24, "bij", layout)
    check(compiled, tensors(2, 3, 35, 140, 8, 24, layout, "bij"), layout=layout, mask="bij")


def test_f64():
    check(program(16, 20, "ij", kind="f64"), tensors(1, 2, 40, 200, 16, 20, mask="ij", kind="f64"), 1e-14, mask="ij")


@pytest.mark.parametrize("target", ["x86-64", "x86-64-v3", "x86-64-v4"])
def test_targets(target):
    skip_without(target)
    check(program(20, 36, "ij", target=target), tensors(2, 2, 33, 150, 20, 36, mask="ij"), mask="ij")


def test_empty():
    compiled = program(4, 8)
    for b, h, i, j in ((0, 2, 3, 3), (2, 0, 3, 3), (2, 2, 0, 3), (2, 2, 3, 0)):
        inputs = tensors(b, h, i, j, 4, 8)
        y = compiled(*inputs)
        assert y.shape == (b, h, i, 8) and not y.any()


def test_one_thread_and_many_agree():
    compiled = program(32, 32)
    inputs = tensors(3, 5, 129, 200, 32, 32)
    np.testing.assert_array_equal(compiled(*inputs, threads=1), compiled(*inputs, threads=5))


def test_masked_blocks_and_rows():
    q, k, v, m = tensors(1, 1, 6, 300, 8, 16, mask="ij")
    m[0, :200] = -np.inf  # whole blocks of keys before the first that counts
    m[1, 100:] = -np.inf
    m[2, :] = -np.inf  # nothing counts
    m[3, 7] = np.nan
    m[4, 290] = np.inf
    m[5, :] = -1e9
    y = program(8, 16, "ij")(q, k, v, m)
    expected = reference(q, k, v, m, mask="ij")
    assert np.isnan(y[0, 0, 2:5]).all() and np.isnan(expected[0, 0, 2:5]).all()
    np.testing.assert_allclose(y[0, 0, :2], expected[0, 0, :2], rtol=0, atol=5e-6)
    # -1e9 is all that f32 leaves of such scores: every key counts as much.
    np.testing.assert_allclose(y[0, 0, 5], v[0, 0].mean(0), rtol=0, atol=5e-6)


@pytest.mark.parametrize("oracle", [False, True])
def test_rows_without_scores_are_zero(oracle):
    q, k, v, m = tensors(1, 1, 4, 300, 8, 16, mask="ij")
    m[0, :] = -np.inf
    m[1, :200] = -np.inf
    m[2, 7] = np.nan
    y = program(8, 16, "ij", rows="zero_rows", oracle=oracle)(q, k, v, m)
    expected = reference(q, k, v, m, mask="ij")
    assert not y[0, 0, 0].any() and np.isnan(y[0, 0, 2]).all()
    np.testing.assert_allclose(y[0, 0, 1::2], expected[0, 0, 1::2], rtol=0, atol=5e-6)


def test_growing_scores():
    """The highest score comes last: every block of keys scales what was summed up before."""
    q, k, v, m = tensors(1, 2, 9, 1000, 8, 16, mask="ij")
    m += np.linspace(-300, 300, 1000, dtype=np.float32)
    check(program(8, 16, "ij"), [q, k, v, m], 3e-5, mask="ij")


def test_oracle():
    inputs = tensors(2, 3, 17, 129, 8, 24, mask="bij")
    oracle = program(8, 24, "bij", oracle=True)
    check(oracle, inputs, mask="bij")
    np.testing.assert_allclose(program(8, 24, "bij")(*inputs), oracle(*inputs), rtol=0, atol=2e-6)


CAUSAL = """
#id = affine_map<(b, i, j) -> (b, i, j)>
#row = affine_map<(b, i, j) -> (b, i)>
func.func @f(%q: tensor<2x?x16xf32>, %k: tensor<2x?x16xf32>, %v: tensor<2x?x16xf32>, %m: tensor<?x?xi1>)
    -> tensor<2x?x16xf32> {
  %q1 = arith.constant 1 : index
  %i = tensor.dim %q, %q1 : tensor<2x?x16xf32>
  %j = tensor.dim %k, %q1 : tensor<2x?x16xf32>
  %low = arith.constant 0xFF800000 : f32
  %e = tensor.empty(%i, %j) : tensor<2x?x?xf32>
  %o = tensor.empty(%i) : tensor<2x?x16xf32>
  %s = sparsity.matmul ins(%q, %k : tensor<2x?x16xf32>, tensor<2x?x16xf32>)
      outs(%e : tensor<2x?x?xf32>) transpose_rhs -> tensor<2x?x?xf32>
  %f = linalg.generic {indexing_maps = [#id, affine_map<(b, i, j) -> (i, j)>, #id],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%s, %m : tensor<2x?x?xf32>, tensor<?x?xi1>) outs(%e : tensor<2x?x?xf32>) {
  ^bb0(%a: f32, %b: i1, %c: f32):
    %x = arith.select %b, %a, %low : f32
    linalg.yield %x : f32
  } -> tensor<2x?x?xf32>
  %p = linalg.softmax dimension(2) ins(%f : tensor<2x?x?xf32>) outs(%e : tensor<2x?x?xf32>) -> tensor<2x?x?xf32>
  %y = sparsity.matmul ins(%p, %v : tensor<2x?x?xf32>, tensor<2x?x16xf32>)
      outs(%o : tensor<2x?x16xf32>) -> tensor<2x?x16xf32>
  return %y : tensor<2x?x16xf32>
}
"""


def test_masks_of_bits():
    i, j = 37, 150
    random = np.random.default_rng(0)
    q, k, v = (random.standard_normal((2, n, 16)).astype(np.float32) for n in (i, j, j))
    m = np.tri(i, j, 100, dtype=bool)
    scores = np.where(m, np.einsum("bid,bjd->bij", q, k), -np.inf)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    expected = np.einsum("bij,bje->bie", weights / weights.sum(-1, keepdims=True), v)
    np.testing.assert_allclose(so.compile_mlir(CAUSAL)(q, k, v, m), expected, rtol=0, atol=1e-5)
    text = ATTENTION_OF_BITS
    np.testing.assert_allclose(so.compile_mlir(text)(q, k, v, m), expected, rtol=0, atol=1e-5)


ATTENTION_OF_BITS = """
func.func @f(%q: tensor<2x?x16xf32>, %k: tensor<2x?x16xf32>, %v: tensor<2x?x16xf32>, %m: tensor<?x?xi1>)
    -> tensor<2x?x16xf32> {
  %c1 = arith.constant 1 : index
  %i = tensor.dim %q, %c1 : tensor<2x?x16xf32>
  %o = tensor.empty(%i) : tensor<2x?x16xf32>
  %y = sparsity.attention
      ins(%q, %k, %v : tensor<2x?x16xf32>, tensor<2x?x16xf32>, tensor<2x?x16xf32>)
      scores(%m : tensor<?x?xi1>) outs(%o : tensor<2x?x16xf32>)
      maps [affine_map<(b, i, j, d, e) -> (b, i, d)>, affine_map<(b, i, j, d, e) -> (b, j, d)>,
            affine_map<(b, i, j, d, e) -> (b, j, e)>, affine_map<(b, i, j, d, e) -> (i, j)>,
            affine_map<(b, i, j, d, e) -> (b, i, e)>] {
  ^bb0(%a: f32, %b: i1):
    %low = arith.constant 0xFF800000 : f32
    %x = arith.select %b, %a, %low : f32
    sparsity.yield %x : f32
  } -> tensor<2x?x16xf32>
  return %y : tensor<2x?x16xf32>
}
"""


def test_extents_that_do_not_fit():
    compiled = program(4, 8, "ij")
    q, k, v, m = tensors(2, 2, 3, 5, 4, 8, mask="ij")
    for bad in ([q, k, v[:, :, :4], m], [q, k[:1], v, m], [q, k, v, m[:2]]):
        with pytest.raises((ValueError, RuntimeError), match="expected"):
            compiled(*bad)
