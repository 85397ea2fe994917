// RUN: sparse-opt %s --convert-sparsity-to-vector -split-input-file -verify-diagnostics
//
// Products that the conversion refuses.

func.func @tensors(%x: tensor<2x4xf32>, %w: tensor<4x3xf32>,
                   %e: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // expected-error @+1 {{'sparsity.matmul' op expected memrefs, got tensors}}
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, tensor<4x3xf32>)
      outs(%e : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

func.func @packed_argument(%x: memref<2x4xf32>,
    %p: !sparsity.packed<3x4xf32, #sparsity.stream_format>,
    %y: memref<2x3xf32>) {
  // expected-error @+1 {{expected a packed operand that 'sparsity.assemble' makes in the same function}}
  sparsity.matmul ins(%x, %p : memref<2x4xf32>,
      !sparsity.packed<3x4xf32, #sparsity.stream_format>)
      outs(%y : memref<2x3xf32>)
  return
}

// -----

func.func @tensor_buffers(%x: memref<2x4xf32>, %w: tensor<64xf32>,
                          %y: memref<2x3xf32>) {
  // expected-error @+1 {{'sparsity.assemble' op expected memrefs, got 'tensor<64xf32>'}}
  %p = sparsity.assemble %w : tensor<64xf32>
      -> !sparsity.packed<3x4xf32, #sparsity.dense_format<panel = 16>>
  sparsity.matmul ins(%x, %p : memref<2x4xf32>,
      !sparsity.packed<3x4xf32, #sparsity.dense_format<panel = 16>>)
      outs(%y : memref<2x3xf32>)
  return
}

// -----

func.func @complex(%x: memref<2x4xcomplex<f32>>, %w: memref<4x3xcomplex<f32>>,
                   %y: memref<2x3xcomplex<f32>>) {
  // expected-error @+1 {{expected elements that kernels take, got 'complex<f32>'}}
  sparsity.matmul ins(%x, %w : memref<2x4xcomplex<f32>>,
      memref<4x3xcomplex<f32>>) outs(%y : memref<2x3xcomplex<f32>>)
  return
}
