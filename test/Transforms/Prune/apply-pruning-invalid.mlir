// RUN: sparse-opt %s --sparsity-apply-pruning -split-input-file -verify-diagnostics

// Requests that cannot be carried out.

// expected-error @below {{cannot prune parameter 'layer.weight': expected numbers, found NaN in row 1, column 2}}
sparsity.parameter @nan : tensor<2x3xf32>
    = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 0x7FC00000]]> : tensor<2x3xf32>
    {origin = "layer.weight",
     request = #sparsity.request<#sparsity.nm<1:2>, importance = "magnitude">}

// -----

// NaN of half precision, in a filter: row and column of 1 x 4.
// expected-error @below {{cannot prune parameter 'nan': expected numbers, found NaN in row 0, column 3}}
sparsity.parameter @nan : tensor<1x2x2xf16>
    = dense<[[[1.0, 2.0], [3.0, 0xFE00]]]> : tensor<1x2x2xf16>
    {request = #sparsity.request<#sparsity.nm<1:2>, importance = "magnitude">}

// -----

// expected-error @below {{cannot prune parameter 'w': has no data: the resource 'blob\0A' is missing}}
sparsity.parameter @w : tensor<2x4xf32> = dense_resource<"blob\n"> : tensor<2x4xf32>
    {request = #sparsity.request<#sparsity.nm<2:4>, importance = "magnitude">}

// -----

// expected-error @below {{cannot prune parameter 'w': has no data: it is given at run time}}
sparsity.parameter @w : tensor<2x4xf32>
    {request = #sparsity.request<#sparsity.nm<2:4>, importance = "magnitude">}

// -----

// expected-error @below {{cannot prune parameter 'w': expected 32 bytes in the resource 'short', found 8}}
sparsity.parameter @w : tensor<2x4xf32> = dense_resource<short> : tensor<2x4xf32>
    {request = #sparsity.request<#sparsity.nm<2:4>, importance = "magnitude">}
{-#
  dialect_resources: {
    builtin: {
      short: "0x040000000000803F00000040"
    }
  }
#-}

// -----

// expected-error @below {{cannot prune parameter 'w': expected elements of a weight (float or 8-bit integer), got 'tensor<2x2xi64>'}}
sparsity.parameter @w : tensor<2x2xi64> = dense<1> : tensor<2x2xi64>
    {request = #sparsity.request<#sparsity.nm<1:2>, importance = "magnitude">}

// -----

// expected-error @below {{cannot prune parameter 'w': expected a target sparsity for #sparsity.block<[2, 2]>}}
sparsity.parameter @w : tensor<2x2xf32> = dense<1.0> : tensor<2x2xf32>
    {request = #sparsity.request<#sparsity.block<[2, 2]>, importance = "magnitude">}

// -----

// expected-error @below {{cannot prune parameter 'w': expected one of the importances 'imported', 'magnitude', 'random', 'sparsegpt', 'taylor', 'wanda', got 'magnitud'; did you mean 'magnitude'?}}
sparsity.parameter @w : tensor<2x2xf32> = dense<1.0> : tensor<2x2xf32>
    {request = #sparsity.request<#sparsity.nm<1:2>, importance = "magnitud">}

// -----

// A few bytes of text may claim any shape.
// expected-error @below {{cannot prune parameter 'w': expected at most 268435456 equal elements, got 1099511627776}}
sparsity.parameter @w : tensor<1048576x1048576xf32> = dense<1.0> : tensor<1048576x1048576xf32>
    {request = #sparsity.request<#sparsity.nm<1:2>, importance = "magnitude">}

// -----

// expected-error @below {{cannot prune parameter 'w': expected a size that fits 63 bits}}
sparsity.parameter @w : tensor<4294967296x4294967296xf32> = dense_resource<huge> : tensor<4294967296x4294967296xf32>
    {request = #sparsity.request<#sparsity.nm<1:2>, importance = "magnitude">}

// -----

// expected-error @below {{cannot prune parameter 'w': expected a dense value}}
sparsity.parameter @w : tensor<2x2xf32> = sparse<[[0, 0]], [1.0]> : tensor<2x2xf32>
    {request = #sparsity.request<#sparsity.nm<1:2>, importance = "magnitude">}
