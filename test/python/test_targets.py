"""Programs with code for several targets: the machine decides when it loads them."""

import numpy as np
import pytest

import sparse_opt as so
from programs import skip_without, with_zeros

pytest.importorskip("sparse_opt._sparse_opt")

TEXT = """
func.func @f(%x: tensor<?x80xf32>) -> tensor<?x80xf32> {
  %w = arith.constant dense_resource<w> : tensor<80x80xf32>
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x80xf32>
  %e = tensor.empty(%n) : tensor<?x80xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x80xf32>) -> tensor<?x80xf32>
  %te = tensor.empty() : tensor<80x80xf32>
  %t = linalg.transpose ins(%w : tensor<80x80xf32>) outs(%te : tensor<80x80xf32>) permutation = [1, 0]
  %p = linalg.matmul ins(%x, %t : tensor<?x80xf32>, tensor<80x80xf32>) outs(%z : tensor<?x80xf32>) -> tensor<?x80xf32>
  %y = linalg.map ins(%p : tensor<?x80xf32>) outs(%e : tensor<?x80xf32>) (%a: f32, %o: f32) {
    %b = math.exp %a : f32
    linalg.yield %b : f32
  }
  return %y : tensor<?x80xf32>
}"""


def weight(format):
    """Small eighths, so that sums are exact; zeros as the format wants them."""
    values = np.random.default_rng(0).integers(1, 9, (80, 80)).astype(np.float32) / 64
    return with_zeros(values, format)


#: Fp16 arithmetic of AVX-512 is not everywhere: there the second target runs.
@pytest.mark.parametrize("second", ["x86-64-v4", "x86-64-v3", "x86-64-v2", "x86-64"])
@pytest.mark.parametrize("format", ["dense", "nm", "bsr", "stream"])
def test_the_first_that_the_machine_has(format, second, tmp_path):
    skip_without(second)
    w = weight(format)
    program = so.compile_mlir(TEXT, {"w": w}, target=f"sapphirerapids, {second}", format=format)
    program.save(tmp_path / "p.so")
    for loaded in (program, so.load(tmp_path / "p.so")):
        assert loaded.target in ("sapphirerapids", second)
        for tokens in (0, 1, 3, 17, 129):
            x = np.random.default_rng(tokens).integers(-4, 5, (tokens, 80)).astype(np.float32)
            np.testing.assert_allclose(loaded(x), np.exp(x.astype(np.float64) @ w.T), rtol=2e-6)
        assert all(row["measured_us"] >= 0 for row in loaded.measure(x, calls=1)["operations"])


def test_one_target():
    assert so.compile_mlir(TEXT, {"w": weight("dense")}).target == "host"


@pytest.mark.parametrize("target", ["", "x86-64,", "x86-64,,x86-64-v3", "x86-64;x86-64-v3"])
def test_errors(target):
    with pytest.raises(so.CompileError, match="expected 'host'"):
        so.compile_mlir(TEXT, {"w": weight("dense")}, target=target)

