// RUN: sparse-opt %s --convert-sparsity-to-linalg=parameters-as-arguments \
// RUN:   -split-input-file -verify-diagnostics

// Where a function cannot be given arguments.

sparsity.parameter @w : tensor<2xf32>
// expected-note@below {{function is defined here}}
func.func @f() -> tensor<2xf32> {
  %w = sparsity.load @w : tensor<2xf32>
  return %w : tensor<2xf32>
}
func.func @indirect() -> tensor<2xf32> {
  // expected-error@below {{expected only direct calls of 'f', which gets parameters as arguments}}
  %f = func.constant @f : () -> tensor<2xf32>
  %w = func.call_indirect %f() : () -> tensor<2xf32>
  return %w : tensor<2xf32>
}

// -----

sparsity.parameter @w : tensor<2xf32>
// expected-error@below {{expected a 'func.func' around a load that becomes an argument, got 'builtin.module'}}
%w = sparsity.load @w : tensor<2xf32>
