// Parameters whose value, pattern or use disagrees with their type.

// RUN: sparse-opt %s -split-input-file -verify-diagnostics

// expected-error@+1 {{expected a value of type 'tensor<8x4xf32>'}}
sparsity.parameter @value_type : tensor<8x4xf32> = dense<1.0> : tensor<4x8xf32>

// -----

// expected-error@+1 {{expected a value of type 'tensor<8x4xf32>'}}
sparsity.parameter @value_kind : tensor<8x4xf32> = "no elements"

// -----

// expected-error@+1 {{attribute 'type' failed to satisfy constraint: type attribute of statically shaped tensor}}
sparsity.parameter @dynamic : tensor<?x4xf32>

// -----

// expected-error@+1 {{expected 'transposed' on packed parameters only}}
sparsity.parameter @transposed : tensor<8x4xf32> {transposed}

// -----

// expected-error@+1 {{expected a tensor of rank 2 or more for a pattern, got 'tensor<8xf32>'}}
sparsity.parameter @pattern_rank : tensor<8xf32> {pattern = #sparsity.nm<2:4>}

// -----

// expected-error@+1 {{expected no request on a packed parameter}}
sparsity.parameter @request : !sparsity.packed<8x4xf32, #sparsity.stream_format>
  {request = #sparsity.request<#sparsity.nm<2:4>, importance = "magnitude">}

// -----

// expected-error@+1 {{expected an array of 1 storage buffers}}
sparsity.parameter @no_array : !sparsity.packed<1x4xf32, #sparsity.dense_format<panel = 16>>
  = dense<0.0> : tensor<64xf32>

// -----

// expected-error@+1 {{expected an array of 1 storage buffers}}
sparsity.parameter @count : !sparsity.packed<1x4xf32, #sparsity.dense_format<panel = 16>> = []

// -----

// expected-error@+1 {{expected an elements attribute for buffer 0}}
sparsity.parameter @no_elements : !sparsity.packed<1x4xf32, #sparsity.dense_format<panel = 16>>
  = ["w"]

// -----

// expected-error@+1 {{expected buffer 0 of type 'tensor<64xf32>', got 'tensor<63xf32>'}}
sparsity.parameter @buffer_shape : !sparsity.packed<1x4xf32, #sparsity.dense_format<panel = 16>>
  = [dense<0.0> : tensor<63xf32>]

// -----

// expected-error@+1 {{expected buffer 0 of type 'tensor<64xf32>', got 'tensor<64xf16>'}}
sparsity.parameter @buffer_type : !sparsity.packed<1x4xf32, #sparsity.dense_format<panel = 16>>
  = [dense<0.0> : tensor<64xf16>]

// -----

func.func @load_unknown() {
  // expected-error@+1 {{expected the symbol of a 'sparsity.parameter', got @nothing}}
  %0 = sparsity.load @nothing : tensor<8x4xf32>
  return
}

// -----

func.func @load_function() {
  // expected-error@+1 {{expected the symbol of a 'sparsity.parameter', got @load_function}}
  %0 = sparsity.load @load_function : tensor<8x4xf32>
  return
}

// -----

// expected-note@+1 {{parameter is defined here}}
sparsity.parameter @w : tensor<8x4xf32>
func.func @load_type() {
  // expected-error@+1 {{expected the parameter's type 'tensor<8x4xf32>', got 'tensor<4x8xf32>'}}
  %0 = sparsity.load @w : tensor<4x8xf32>
  return
}

// -----

func.func @assume_rank(%0: tensor<8xf32>) {
  // expected-error@+1 {{expected a tensor of rank 2 or more, got 'tensor<8xf32>'}}
  %1 = sparsity.assume %0 : tensor<8xf32>, #sparsity.nm<2:4>
  return
}
