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

// -----

#q = affine_map<(i, j, d, e) -> (i, d)>
#k = affine_map<(i, j, d, e) -> (j, d)>
#v = affine_map<(i, j, d, e) -> (j, e)>
#o = affine_map<(i, j, d, e) -> (i, e)>
func.func @attention_on_tensors(%q: tensor<3x4xf32>, %k: tensor<5x4xf32>, %v: tensor<5x8xf32>, %o: tensor<3x8xf32>) -> tensor<3x8xf32> {
  // expected-error @+1 {{'sparsity.attention' op expected memrefs, got tensors}}
  %y = sparsity.attention ins(%q, %k, %v : tensor<3x4xf32>, tensor<5x4xf32>, tensor<5x8xf32>) outs(%o : tensor<3x8xf32>) maps [#q, #k, #v, #o] {
  ^bb0(%s: f32):
    sparsity.yield %s : f32
  } -> tensor<3x8xf32>
  return %y : tensor<3x8xf32>
}

// -----

#q = affine_map<(i, j, d, e) -> (i, d)>
#k = affine_map<(i, j, d, e) -> (j, d)>
#v = affine_map<(i, j, d, e) -> (j, e)>
#o = affine_map<(i, j, d, e) -> (i, e)>
func.func @dynamic_features(%q: memref<3x4xf32>, %k: memref<5x4xf32>, %v: memref<5x?xf32>, %o: memref<3x?xf32>) {
  // expected-error @+1 {{expected a static number of features, got 'memref<5x?xf32>'}}
  sparsity.attention ins(%q, %k, %v : memref<3x4xf32>, memref<5x4xf32>, memref<5x?xf32>) outs(%o : memref<3x?xf32>) maps [#q, #k, #v, #o] {
  ^bb0(%s: f32):
    sparsity.yield %s : f32
  }
  return
}

// -----

#q = affine_map<(i, j, d, e) -> (i, d)>
#k = affine_map<(i, j, d, e) -> (j, d)>
#v = affine_map<(i, j, d, e) -> (j, e)>
#o = affine_map<(i, j, d, e) -> (i, e)>
func.func @half(%q: memref<3x4xf16>, %k: memref<5x4xf16>, %v: memref<5x8xf16>, %o: memref<3x8xf16>) {
  // expected-error @+1 {{expected elements of f32 or f64, got 'f16'}}
  sparsity.attention ins(%q, %k, %v : memref<3x4xf16>, memref<5x4xf16>, memref<5x8xf16>) outs(%o : memref<3x8xf16>) maps [#q, #k, #v, #o] {
  ^bb0(%s: f16):
    sparsity.yield %s : f16
  }
  return
}

// -----

// expected-error @+1 {{expected 'vector_bits' of 128, 256 or 512 in the target system spec, found 64}}
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "CPU" = #dlti.target_device_spec<"vector_bits" = 64 : i64>>} {
}
