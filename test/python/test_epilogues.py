"""Epilogues of products: what the compiler fuses and what a program says itself, against numpy."""

import numpy as np
import pytest

import sparse_opt as so
from programs import with_zeros

pytest.importorskip("sparse_opt._sparse_opt")

TOKENS = (0, 1, 3, 17, 129)
FORMATS = ("dense", "nm", "bsr", "stream")
#: Shape of the weight: outputs, inputs.
SHAPES = ((1, 4), (3, 17), (129, 40), (64, 129))


def weight(outputs, inputs, format="nm"):
    """Integers, so that sums are exact; two of four are zero, or every other block for "bsr"."""
    values = np.random.default_rng(0).integers(1, 5, (outputs, inputs)).astype(np.float32)
    return with_zeros(values, format if format == "bsr" else "nm")


def linear(outputs, inputs, body, more=(), result="f32", format="dense"):
    """y = body(x W^T, more..) as an elementwise op behind the product; `more` are maps of (i, j)."""
    size = {"i": "?", "j": outputs}
    types = ["tensor<" + "".join(f"{size[d]}x" for d in dims) + "f32>" for dims in more]
    maps = [f"affine_map<(i, j) -> ({', '.join(dims)})>" for dims in ("ij", *more, "ij")]
    arguments = "".join(f", %m{n}: {type}" for n, type in enumerate(types))
    operands = "".join(f", %m{n}" for n in range(len(more)))
    text = f"""
func.func @f(%x: tensor<?x{inputs}xf32>{arguments}) -> tensor<?x{outputs}x{result}> {{
  %w = arith.constant dense_resource<w> : tensor<{outputs}x{inputs}xf32>
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x{inputs}xf32>
  %e = tensor.empty(%n) : tensor<?x{outputs}xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x{outputs}xf32>) -> tensor<?x{outputs}xf32>
  %te = tensor.empty() : tensor<{inputs}x{outputs}xf32>
  %t = linalg.transpose ins(%w : tensor<{outputs}x{inputs}xf32>) outs(%te : tensor<{inputs}x{outputs}xf32>)
      permutation = [1, 0]
  %p = linalg.matmul ins(%x, %t : tensor<?x{inputs}xf32>, tensor<{inputs}x{outputs}xf32>)
      outs(%z : tensor<?x{outputs}xf32>) -> tensor<?x{outputs}xf32>
  %o = tensor.empty(%n) : tensor<?x{outputs}x{result}>
  %y = linalg.generic {{indexing_maps = [{", ".join(maps)}], iterator_types = ["parallel", "parallel"]}}
      ins(%p{operands} : {", ".join([f"tensor<?x{outputs}xf32>", *types])})
      outs(%o : tensor<?x{outputs}x{result}>) {{
  ^bb0(%s: f32{"".join(f", %a{n}: f32" for n in range(len(more)))}, %out: {result}):
    {body}
    linalg.yield %r : {result}
  }} -> tensor<?x{outputs}x{result}>
  return %y : tensor<?x{outputs}x{result}>
}}"""
    return so.compile_mlir(text, {"w": weight(outputs, inputs, format)}, format=format)


def inputs_of(tokens, inputs, seed=1):
    return np.random.default_rng(seed).integers(-4, 5, (tokens, inputs)).astype(np.float32)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("outputs, inputs", SHAPES)
def test_relu(format, outputs, inputs):
    if format == "bsr" and inputs < 32:
        pytest.skip("no block is zero")
    compiled = linear(outputs, inputs, "%h = arith.constant 9.0 : f32\n%d = arith.subf %s, %h : f32\n"
                                       "%r = arith.maximumf %d, %zero : f32", format=format)
    for tokens in TOKENS:
        x = inputs_of(tokens, inputs)
        np.testing.assert_array_equal(compiled(x), np.maximum(x @ weight(outputs, inputs, format).T - 9, 0))


@pytest.mark.parametrize("format", FORMATS)
def test_operands(format):
    """A residual, a number per token, one per output and one for all."""
    outputs, inputs = 129, 40
    body = ("%0 = arith.addf %s, %a0 : f32\n%1 = arith.mulf %0, %a1 : f32\n"
            "%2 = arith.subf %1, %a2 : f32\n%r = arith.addf %2, %a3 : f32")
    compiled = linear(outputs, inputs, body, more=("ij", "i", "j", ""), format=format)
    for tokens in TOKENS:
        x, old, row = inputs_of(tokens, inputs), inputs_of(tokens, outputs, 2), inputs_of(tokens, 1, 3)[:, 0]
        column, one = inputs_of(1, outputs, 4)[0], np.float32(3).reshape(())
        expected = (x @ weight(outputs, inputs, format).T + old) * row[:, None] - column + one
        np.testing.assert_array_equal(compiled(x, old, row, column, one), expected)


def test_operands_agree_in_extents():
    compiled = linear(8, 4, "%r = arith.addf %s, %a0 : f32", more=("ij",))
    with pytest.raises(RuntimeError, match="extent 0 of input 1"):
        compiled(inputs_of(3, 4), inputs_of(2, 8))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("result, body, convert", [
    ("f16", "%r = arith.truncf %s : f32 to f16", lambda y: y.astype(np.float16)),
    ("f64", "%r = arith.extf %s : f32 to f64", lambda y: y.astype(np.float64)),
    ("i32", "%r = arith.fptosi %s : f32 to i32", lambda y: y.astype(np.int32)),
    ("i8", "%r = arith.fptosi %s : f32 to i8", lambda y: y.astype(np.int8)),
])
def test_conversions(format, result, body, convert):
    compiled = linear(33, 40, body, result=result, format=format)
    for tokens in TOKENS:
        x = np.clip(inputs_of(tokens, 40), -1, 1)
        np.testing.assert_array_equal(compiled(x), convert(x @ weight(33, 40, format).T))


def test_gelu_is_accurate():
    torch = pytest.importorskip("torch")
    body = ("%half = arith.constant 0.5 : f32\n%one = arith.constant 1.0 : f32\n"
            "%root = arith.constant 1.41421354 : f32\n%q = arith.divf %s, %root : f32\n%f = math.erf %q : f32\n"
            "%g = arith.addf %f, %one : f32\n%h = arith.mulf %g, %half : f32\n%r = arith.mulf %s, %h : f32")
    compiled = linear(64, 16, body)
    x = np.random.default_rng(0).standard_normal((129, 16)).astype(np.float32)
    expected = torch.nn.functional.gelu(torch.from_numpy(x).double() @ torch.from_numpy(weight(64, 16)).T.double())
    np.testing.assert_allclose(compiled(x), expected.numpy(), rtol=2e-6, atol=2e-6)


#: Products that get their epilogue behind them, and the reference: batches that do not collapse, a
#: packed left operand, two dense operands, tiles.
@pytest.mark.parametrize("left", [False, True])
@pytest.mark.parametrize("batch", [0, 1, 2])
@pytest.mark.parametrize("element", ["f32", "f64", "i32"])
def test_said_by_the_program(left, batch, element):
    outputs, inputs = 35, 12
    lead = "3x" * batch
    x_type = f"tensor<{lead}?x{inputs}xf32>" if not left else f"tensor<{lead}{inputs}x?xf32>"
    shape = f"{lead}?x{outputs}" if not left else f"{lead}{outputs}x?"
    dims = [f"b{n}" for n in range(batch)] + ["i", "j"]
    packed = f"!sparsity.packed<{outputs}x{inputs}xf32, #sparsity.nm_format<2:4>>"
    token_dim = batch + (1 if left else 0)
    convert = {"f32": "%r = arith.addf %0, %s : f32", "f64": "%r = arith.extf %0 : f32 to f64",
               "i32": "%r = arith.fptosi %0 : f32 to i32"}[element]
    text = f"""
func.func @f(%x: {x_type}, %m: tensor<{shape}xf32>) -> tensor<{shape}x{element}> {{
  %w = arith.constant dense_resource<w> : tensor<{outputs}x{inputs}xf32>
  %c = arith.constant {token_dim} : index
  %n = tensor.dim %x, %c : {x_type}
  %e = tensor.empty(%n) : tensor<{shape}x{element}>
  %p = sparsity.pack %w : tensor<{outputs}x{inputs}xf32> -> {packed}
  %y = sparsity.matmul ins({f"%p, %x : {packed}, {x_type}" if left else f"%x, %p : {x_type}, {packed}"})
      outs(%e : tensor<{shape}x{element}>) epilogue(%m : tensor<{shape}xf32>)
      maps [affine_map<({", ".join(dims)}) -> ({", ".join(dims)})>] {{
  ^bb0(%s: f32, %a: f32):
    %0 = arith.subf %s, %a : f32
    {convert}
    sparsity.yield %r : {element}
  }} -> tensor<{shape}x{element}>
  return %y : tensor<{shape}x{element}>
}}"""
    w = weight(outputs, inputs)
    compiled = so.compile_mlir(text, {"w": w})
    for tokens in TOKENS:
        extents = (3,) * batch + ((inputs, tokens) if left else (tokens, inputs))
        random = np.random.default_rng(tokens)
        x = random.integers(-4, 5, extents).astype(np.float32)
        y = w @ x if left else x @ w.T
        m = random.integers(-4, 5, y.shape).astype(np.float32)
        expected = y - m + (y if element == "f32" else 0)
        result = compiled(x, m)
        assert result.dtype == {"f32": np.float32, "f64": np.float64, "i32": np.int32}[element]
        np.testing.assert_array_equal(result, expected)
