// RUN: sparse-opt %s --sparsity-expose-parameters -verify-diagnostics
// A function that is called cannot be given more arguments.

sparsity.parameter @b : tensor<8xf32>

func.func private @bias() -> tensor<8xf32> {
  // expected-error @below {{expected parameters only in functions that are not called; inline them first}}
  %b = sparsity.load @b : tensor<8xf32>
  return %b : tensor<8xf32>
}

func.func @f() -> tensor<8xf32> {
  %b = func.call @bias() : () -> tensor<8xf32>
  return %b : tensor<8xf32>
}
