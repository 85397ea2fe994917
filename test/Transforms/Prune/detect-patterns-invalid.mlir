// RUN: sparse-opt %s --sparsity-detect-patterns -split-input-file -verify-diagnostics

// Promises that the data breaks, or that cannot be checked.

// expected-error @below {{parameter 'layer.weight' violates pattern '2:4' in row 1, column 3: 3 nonzeros in columns 0..3, expected at most 2}}
sparsity.parameter @w : tensor<2x4xf32>
    = dense<[[1.0, 0.0, 0.0, 2.0], [1.0, 3.0, 0.0, 4.0]]> : tensor<2x4xf32>
    {origin = "layer.weight", pattern = #sparsity.nm<2:4>}

// -----

// expected-error @below {{parameter 'w' violates pattern '1:2 axis 0' in row 1, column 1: 2 nonzeros in rows 0..1, expected at most 1}}
sparsity.parameter @w : tensor<2x2xf32>
    = dense<[[1.0, 1.0], [0.0, 3.0]]> : tensor<2x2xf32>
    {pattern = #sparsity.nm<1:2, axis = 0>}

// -----

// NaN is a nonzero.
// expected-error @below {{parameter 'w' violates pattern 'unstructured 0.5' in row 0, column 1}}
sparsity.parameter @w : tensor<1x2xf32>
    = dense<[[1.0, 0x7FC00000]]> : tensor<1x2xf32>
    {pattern = #sparsity.unstructured<0.5>}

// -----

// expected-note @below {{parameter is defined here}}
sparsity.parameter @w : tensor<1x2x2xf32>
    = dense<[[[1.0, 0.0], [0.0, 2.0]]]> : tensor<1x2x2xf32>
func.func @assume() -> tensor<1x2x2xf32> {
  %w = sparsity.load @w : tensor<1x2x2xf32>
  %a = sparsity.assume %w : tensor<1x2x2xf32>, #sparsity.unstructured 
  // expected-error @below {{parameter 'w' violates pattern '1:4' in row 0, column 3: 2 nonzeros in columns 0..3, expected at most 1}}
  %b = sparsity.assume %a : tensor<1x2x2xf32>, #sparsity.nm<1:4>
  return %b : tensor<1x2x2xf32>
}

// -----

// Every broken parameter is named.
// expected-error @below {{parameter 'a' violates pattern}}
sparsity.parameter @a : tensor<1x2xf32> = dense<1.0> : tensor<1x2xf32>
    {pattern = #sparsity.nm<1:2>}
// expected-error @below {{parameter 'b' violates pattern}}
sparsity.parameter @b : tensor<1x2xf32> = dense<1.0> : tensor<1x2xf32>
    {pattern = #sparsity.nm<1:2>}

// -----

// expected-note @below {{parameter is defined here}}
sparsity.parameter @w : tensor<2x4xf32> = dense_resource<missing.weight>
    : tensor<2x4xf32>
func.func @missing() -> tensor<2x4xf32> {
  %w = sparsity.load @w : tensor<2x4xf32>
  // expected-error @below {{parameter 'w' has no data: the resource 'missing.weight' is missing}}
  %a = sparsity.assume %w : tensor<2x4xf32>, #sparsity.nm<2:4>
  return %a : tensor<2x4xf32>
}

// -----

// expected-error @below {{parameter 'ids' expected elements of a weight (float or 8-bit integer)}}
sparsity.parameter @ids : tensor<2x4xi64> = dense<1> : tensor<2x4xi64>
    {pattern = #sparsity.nm<2:4>}
