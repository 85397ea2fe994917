// RUN: sparse-opt %s --convert-sparsity-to-sparse-tensor -split-input-file \
// RUN:   -verify-diagnostics

// Upstream checks no index, so every buffer is checked before it is handed over.

!stream = !sparsity.packed<2x4xf32, #sparsity.stream_format>

// expected-error@below {{expected valid storage for 'fc.weight': }}
sparsity.parameter @w : !stream = [dense<[0, 1, 2]> : tensor<3xi32>,
    dense<[1, 4]> : tensor<2xi16>, dense<[5.0, 6.0]> : tensor<2xf32>]
    {origin = "fc.weight"}
func.func @column_past_the_end(%x: tensor<3x4xf32>, %e: tensor<3x2xf32>)
    -> tensor<3x2xf32> {
  %w = sparsity.load @w : !stream
  %y = sparsity.matmul ins(%x, %w : tensor<3x4xf32>, !stream)
           outs(%e : tensor<3x2xf32>) -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}
