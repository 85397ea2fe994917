// Products whose operands do not fit together.

// RUN: sparse-opt %s -split-input-file -verify-diagnostics

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
func.func @both_packed(%w: !nm, %e: tensor<8x8xf32>) {
  // expected-error@+1 {{expected at most one packed operand}}
  %y = sparsity.matmul ins(%w, %w : !nm, !nm) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  return
}

// -----

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
func.func @packed_transpose(%x: tensor<2x8xf32>, %w: !nm, %e: tensor<2x4xf32>) {
  // expected-error@+1 {{expected no transposition of a packed operand}}
  %y = sparsity.matmul ins(%x, %w : tensor<2x8xf32>, !nm) outs(%e : tensor<2x4xf32>) transpose_rhs -> tensor<2x4xf32>
  return
}

// -----

func.func @dense_at(%x: tensor<2x4xf32>, %v: tensor<4x8xf32>, %at: index, %e: tensor<2x8xf32>) {
  // expected-error@+1 {{expected 'at' with a packed operand only}}
  %y = sparsity.matmul ins(%x, %v : tensor<2x4xf32>, tensor<4x8xf32>) at(%at) outs(%e : tensor<2x8xf32>) -> tensor<2x8xf32>
  return
}

// -----

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
func.func @rank(%x: tensor<4xf32>, %w: !nm, %e: tensor<8xf32>) {
  // expected-error@+1 {{expected operands of rank 2 or more, got 'tensor<4xf32>'}}
  %y = sparsity.matmul ins(%x, %w : tensor<4xf32>, !nm) bias(%x : tensor<4xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
func.func @mixed(%x: memref<2x4xf32>, %w: !nm, %e: tensor<2x8xf32>) {
  // expected-error@+1 {{expected tensors only or memrefs only, got 'memref<2x4xf32>' and 'tensor<2x8xf32>'}}
  %y = sparsity.matmul ins(%x, %w : memref<2x4xf32>, !nm) outs(%e : tensor<2x8xf32>) -> tensor<2x8xf32>
  return
}

// -----

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
func.func @no_result(%x: tensor<2x4xf32>, %w: !nm, %e: tensor<2x8xf32>) {
  // expected-error@+1 {{expected a result exactly for a tensor destination}}
  sparsity.matmul ins(%x, %w : tensor<2x4xf32>, !nm) outs(%e : tensor<2x8xf32>)
  return
}

// -----

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
func.func @result_type(%x: tensor<2x4xf32>, %w: !nm, %e: tensor<2x8xf32>) {
  // expected-error@+1 {{expected a result of type 'tensor<2x8xf32>', got 'tensor<?x8xf32>'}}
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, !nm) outs(%e : tensor<2x8xf32>) -> tensor<?x8xf32>
  return
}

// -----

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
func.func @sum(%x: tensor<2x5xf32>, %w: !nm, %e: tensor<2x8xf32>) {
  // expected-error@+1 {{expected a sum over k of 5, got 4}}
  %y = sparsity.matmul ins(%x, %w : tensor<2x5xf32>, !nm) outs(%e : tensor<2x8xf32>) -> tensor<2x8xf32>
  return
}

// -----

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
func.func @rows(%x: tensor<2x4xf32>, %w: !nm, %e: tensor<3x8xf32>) {
  // expected-error@+1 {{expected rows of 2, got 3}}
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, !nm) outs(%e : tensor<3x8xf32>) -> tensor<3x8xf32>
  return
}

// -----

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
func.func @columns(%x: tensor<2x4xf32>, %w: !nm, %e: tensor<2x7xf32>) {
  // expected-error@+1 {{expected columns of 8, got 7}}
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, !nm) outs(%e : tensor<2x7xf32>) -> tensor<2x7xf32>
  return
}

// -----

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
func.func @tile_columns(%x: tensor<2x4xf32>, %w: !nm, %at: index, %e: tensor<2x9xf32>) {
  // expected-error@+1 {{expected columns of 8, got 9}}
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, !nm) at(%at) outs(%e : tensor<2x9xf32>) -> tensor<2x9xf32>
  return
}

// -----

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
func.func @element_types(%x: tensor<2x4xf16>, %w: !nm, %e: tensor<2x8xf32>) {
  // expected-error@+1 {{expected operands of one element type, got 'f16' and 'f32'}}
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf16>, !nm) outs(%e : tensor<2x8xf32>) -> tensor<2x8xf32>
  return
}

// -----

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
func.func @narrow(%x: tensor<2x4xf32>, %w: !nm, %e: tensor<2x8xf16>) {
  // expected-error@+1 {{expected a destination of 'f32' or wider, got 'f16'}}
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, !nm) outs(%e : tensor<2x8xf16>) -> tensor<2x8xf16>
  return
}

// -----

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
func.func @batch(%x: tensor<3x2x4xf32>, %w: !nm, %e: tensor<5x2x8xf32>) {
  // expected-error@+1 {{expected the batch dimensions of 'tensor<5x2x8xf32>' on both dense operands}}
  %y = sparsity.matmul ins(%x, %w : tensor<3x2x4xf32>, !nm) outs(%e : tensor<5x2x8xf32>) -> tensor<5x2x8xf32>
  return
}

// -----

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
func.func @batch_rank(%x: tensor<2x4xf32>, %w: !nm, %e: tensor<5x2x8xf32>) {
  // expected-error@+1 {{expected the batch dimensions of 'tensor<5x2x8xf32>' on both dense operands}}
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, !nm) outs(%e : tensor<5x2x8xf32>) -> tensor<5x2x8xf32>
  return
}

// -----

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
func.func @kernel(%x: tensor<2x4xf32>, %w: !nm, %e: tensor<2x8xf32>) {
  // expected-error@+1 {{expected a kernel for format #sparsity.nm_format<2:4>, got #sparsity.stream_format}}
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, !nm) outs(%e : tensor<2x8xf32>)
      {kernel = #sparsity.kernel<#sparsity.stream_format, tile = [5, 4]>} -> tensor<2x8xf32>
  return
}

// -----

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
func.func @bias(%x: tensor<2x4xf32>, %w: !nm, %b: tensor<2xf32>, %e: tensor<2x8xf32>) {
  // expected-error@+1 {{expected a bias of 8 elements, got 'tensor<2xf32>'}}
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, !nm) bias(%b : tensor<2xf32>) outs(%e : tensor<2x8xf32>) -> tensor<2x8xf32>
  return
}

// -----

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
func.func @bias_type(%x: tensor<2x4xf32>, %w: !nm, %b: tensor<8xf16>, %e: tensor<2x8xf32>) {
  // expected-error@+1 {{expected a bias of the sums' element type 'f32', got 'f16'}}
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, !nm) bias(%b : tensor<8xf16>) outs(%e : tensor<2x8xf32>) -> tensor<2x8xf32>
  return
}
