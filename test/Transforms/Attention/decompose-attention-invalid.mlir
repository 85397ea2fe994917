// RUN: sparse-opt %s --allow-unregistered-dialect --sparsity-decompose-attention -split-input-file -verify-diagnostics

// What an attention op of torch-mlir must look like.

func.func @few(%q: tensor<2x5x4xf32>) -> tensor<2x5x4xf32> {
  // expected-error @+1 {{expected query, key, value, at most one mask and a destination, got 1 operands}}
  %r = "tm_tensor.attention"(%q) : (tensor<2x5x4xf32>) -> tensor<2x5x4xf32>
  return %r : tensor<2x5x4xf32>
}

// -----

func.func @rank(%q: tensor<5x4xf32>) -> tensor<5x4xf32> {
  // expected-error @+1 {{expected tensors of rank 3, got 'tensor<5x4xf32>'}}
  %r = "tm_tensor.attention"(%q, %q, %q, %q)
      : (tensor<5x4xf32>, tensor<5x4xf32>, tensor<5x4xf32>, tensor<5x4xf32>)
      -> tensor<5x4xf32>
  return %r : tensor<5x4xf32>
}
