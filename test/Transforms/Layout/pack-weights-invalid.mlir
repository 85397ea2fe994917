// RUN: sparse-opt %s --sparsity-pack-weights --split-input-file -verify-diagnostics
// A weight that is not there, or that its format cannot hold.

// expected-note @below {{parameter is defined here}}
sparsity.parameter "private" @w : tensor<1x4xf32>
    = dense<[[1.0, 2.0, 3.0, 0.0]]> : tensor<1x4xf32>
func.func @overfull() -> !sparsity.packed<1x4xf32, #sparsity.nm_format<2:4>> {
  %w = sparsity.load @w : tensor<1x4xf32>
  // expected-error @below {{parameter 'w' does not fit #sparsity.nm_format<2:4>: }}
  %p = sparsity.pack %w : tensor<1x4xf32>
      -> !sparsity.packed<1x4xf32, #sparsity.nm_format<2:4>>
  return %p : !sparsity.packed<1x4xf32, #sparsity.nm_format<2:4>>
}

// -----

// expected-note @below {{parameter is defined here}}
sparsity.parameter "private" @w : tensor<1x4xf32>
func.func @without_data() -> !sparsity.packed<1x4xf32, #sparsity.nm_format<2:4>> {
  %w = sparsity.load @w : tensor<1x4xf32>
  // expected-error @below {{expected the data of parameter 'w', found none}}
  %p = sparsity.pack %w : tensor<1x4xf32>
      -> !sparsity.packed<1x4xf32, #sparsity.nm_format<2:4>>
  return %p : !sparsity.packed<1x4xf32, #sparsity.nm_format<2:4>>
}
