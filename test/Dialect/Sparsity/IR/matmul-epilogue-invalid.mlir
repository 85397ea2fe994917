// What the verifier says of epilogues that do not fit their product.

// RUN: sparse-opt %s -split-input-file -verify-diagnostics

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
func.func @maps(%x: tensor<2x4xf32>, %w: !nm, %r: tensor<2x8xf32>, %e: tensor<2x8xf32>) {
  // expected-error@+1 {{expected 1 maps of the epilogue's operands, got 0}}
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, !nm) outs(%e : tensor<2x8xf32>) epilogue(%r : tensor<2x8xf32>) {
  ^bb0(%sum: f32, %a: f32):
    sparsity.yield %a : f32
  } -> tensor<2x8xf32>
  return
}

// -----

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
func.func @extents(%x: tensor<2x4xf32>, %w: !nm, %r: tensor<3x8xf32>, %e: tensor<2x8xf32>) {
  // expected-error@+1 {{expected an operand of the epilogue whose map gives it extents of the destination, got 'tensor<3x8xf32>' and affine_map<(d0, d1) -> (d0, d1)>}}
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, !nm) outs(%e : tensor<2x8xf32>)
      epilogue(%r : tensor<3x8xf32>) maps [affine_map<(i, j) -> (i, j)>] {
  ^bb0(%sum: f32, %a: f32):
    sparsity.yield %a : f32
  } -> tensor<2x8xf32>
  return
}

// -----

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
func.func @sums(%x: tensor<2x4xf32>, %w: !nm, %r: tensor<2xf32>, %e: tensor<2x8xf32>) {
  // expected-error@+1 {{expected an operand of the epilogue whose map gives it extents of the destination, got 'tensor<2xf32>' and affine_map<(d0, d1, d2) -> (d0)>}}
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, !nm) outs(%e : tensor<2x8xf32>)
      epilogue(%r : tensor<2xf32>) maps [affine_map<(i, j, k) -> (i)>] {
  ^bb0(%sum: f32, %a: f32):
    sparsity.yield %a : f32
  } -> tensor<2x8xf32>
  return
}

// -----

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
func.func @arguments(%x: tensor<2x4xf32>, %w: !nm, %r: tensor<2xf16>, %e: tensor<2x8xf32>) {
  // expected-error@+1 {{expected an epilogue whose arguments are a sum and an element of each of its operands}}
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, !nm) outs(%e : tensor<2x8xf32>)
      epilogue(%r : tensor<2xf16>) maps [affine_map<(i, j) -> (i)>] {
  ^bb0(%sum: f32, %a: f32):
    sparsity.yield %a : f32
  } -> tensor<2x8xf32>
  return
}

// -----

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
func.func @yield(%x: tensor<2x4xf32>, %w: !nm, %e: tensor<2x8xf16>) {
  // expected-error@+1 {{expected an epilogue that yields 'f16'}}
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, !nm) outs(%e : tensor<2x8xf16>) epilogue {
  ^bb0(%sum: f32):
    sparsity.yield %sum : f32
  } -> tensor<2x8xf16>
  return
}

// -----

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
func.func @narrow(%x: tensor<2x4xf32>, %w: !nm, %e: tensor<2x8xf16>) {
  // expected-error@+1 {{expected a destination of 'f32' or wider, got 'f16'}}
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, !nm) outs(%e : tensor<2x8xf16>) epilogue {
  ^bb0(%sum: f16):
    sparsity.yield %sum : f16
  } -> tensor<2x8xf16>
  return
}

// -----

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
func.func @effects(%x: tensor<2x4xf32>, %w: !nm, %e: tensor<2x8xf32>) {
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, !nm) outs(%e : tensor<2x8xf32>) epilogue {
  ^bb0(%sum: f32):
    // expected-error@+1 {{expected elementwise ops in 'sparsity.matmul'}}
    %m = memref.alloc() : memref<f32>
    sparsity.yield %sum : f32
  } -> tensor<2x8xf32>
  return
}

// -----

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
func.func @outside(%x: tensor<2x4xf32>, %w: !nm, %f: f32, %e: tensor<2x8xf32>) {
  // expected-note@+1 {{required by region isolation constraints}}
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, !nm) outs(%e : tensor<2x8xf32>) epilogue {
  ^bb0(%sum: f32):
    // expected-error@+1 {{using value defined outside the region}}
    %r = arith.addf %sum, %f : f32
    sparsity.yield %r : f32
  } -> tensor<2x8xf32>
  return
}
