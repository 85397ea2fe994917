// RUN: sparse-run %s --check | FileCheck %s
// RUN: not sparse-run %s --check --tolerance=1e-9 2>&1 | FileCheck %s --check-prefix=STRICT
// Half precision has its own tolerance: sums are rounded once here, after every
// step by the oracle.

// CHECK: result 0: max abs error
// STRICT: sparse-run: error: expected relative errors <= 1e-09 to the dense oracle
func.func @main(%x: tensor<33x129xbf16>) -> tensor<33x129xbf16> {
  %zero = arith.constant 0.0 : bf16
  %low = tensor.empty() : tensor<33x33xbf16>
  %z = linalg.fill ins(%zero : bf16) outs(%low : tensor<33x33xbf16>) -> tensor<33x33xbf16>
  %t0 = tensor.empty() : tensor<129x33xbf16>
  %t = linalg.transpose ins(%x : tensor<33x129xbf16>) outs(%t0 : tensor<129x33xbf16>) permutation = [1, 0]
  %y = linalg.matmul ins(%x, %t : tensor<33x129xbf16>, tensor<129x33xbf16>) outs(%z : tensor<33x33xbf16>) -> tensor<33x33xbf16>
  %w0 = tensor.empty() : tensor<33x129xbf16>
  %w = linalg.fill ins(%zero : bf16) outs(%w0 : tensor<33x129xbf16>) -> tensor<33x129xbf16>
  %r = linalg.matmul ins(%y, %x : tensor<33x33xbf16>, tensor<33x129xbf16>) outs(%w : tensor<33x129xbf16>) -> tensor<33x129xbf16>
  return %r : tensor<33x129xbf16>
}
