// pack, unpack and assemble whose two sides disagree.

// RUN: sparse-opt %s -split-input-file -verify-diagnostics

func.func @pack_shape(%w: tensor<4x8xf32>) {
  // expected-error@+1 {{expected a source of type 'tensor<8x4xf32>', got 'tensor<4x8xf32>'}}
  %p = sparsity.pack %w : tensor<4x8xf32> -> !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
  return
}

// -----

func.func @pack_transposed(%w: tensor<8x4xf32>) {
  // expected-error@+1 {{expected a source of type 'tensor<4x8xf32>', got 'tensor<8x4xf32>'}}
  %p = sparsity.pack %w transposed : tensor<8x4xf32> -> !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
  return
}

// -----

func.func @pack_element_type(%w: tensor<8x4xf16>) {
  // expected-error@+1 {{expected a source of type 'tensor<8x4xf32>', got 'tensor<8x4xf16>'}}
  %p = sparsity.pack %w : tensor<8x4xf16> -> !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
  return
}

// -----

func.func @unpack_type(%p: !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>) {
  // expected-error@+1 {{expected a result of type 'tensor<8x4xf32>', got 'tensor<?x4xf32>'}}
  %w = sparsity.unpack %p : !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>> -> tensor<?x4xf32>
  return
}

// -----

func.func @assemble_count(%values: tensor<32xf32>) {
  // expected-error@+1 {{expected 2 storage buffers for '!sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>', got 1}}
  %p = sparsity.assemble %values : tensor<32xf32> -> !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
  return
}

// -----

func.func @assemble_shape(%values: tensor<31xf32>, %codes: tensor<2xi32>) {
  // expected-error@+1 {{expected buffer 0 of type 'tensor<32xf32>', got 'tensor<31xf32>'}}
  %p = sparsity.assemble %values, %codes : tensor<31xf32>, tensor<2xi32> -> !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
  return
}

// -----

func.func @assemble_element_type(%values: tensor<32xf32>, %codes: memref<2xi64>) {
  // expected-error@+1 {{expected buffer 1 of type 'tensor<2xi32>', got 'memref<2xi64>'}}
  %p = sparsity.assemble %values, %codes : tensor<32xf32>, memref<2xi64> -> !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
  return
}
