// RUN: sparse-opt %s --sparsity-sparsify-kernels | FileCheck %s

// Functions with sparse tensors inside become functions on buffers; nothing
// else is touched, and names that collide are made unique.

#CSR = #sparse_tensor.encoding<{map = (i, j) -> (i : dense, j : compressed),
                                posWidth = 32, crdWidth = 8}>

// CHECK: memref.global {{.*}} @__constant_3xi32 : memref<3xi32> = dense<7>
memref.global "private" constant @__constant_3xi32 : memref<3xi32> = dense<7>

// CHECK-LABEL: func.func @caller
// CHECK-SAME: %[[X:.*]]: tensor<4xf32>
func.func @caller(%x: tensor<4xf32>) -> tensor<2xf32> {
  // CHECK: %[[B:.*]] = bufferization.to_buffer %[[X]] read_only
  // CHECK: %[[R:.*]] = call @kernel(%[[B]])
  // CHECK: bufferization.to_tensor %[[R]] restrict writable
  %y = call @kernel(%x) : (tensor<4xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

// CHECK-LABEL: func.func @untouched
func.func @untouched(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: %[[Y:.*]] = tensor.insert
  // CHECK-NEXT: return %[[Y]] : tensor<4xf32>
  %c = arith.constant 1.0 : f32
  %i = arith.constant 0 : index
  %y = tensor.insert %c into %x[%i] : tensor<4xf32>
  return %y : tensor<4xf32>
}

// CHECK: memref.global {{.*}} @[[POS:__constant_3xi32_.*]] : memref<3xi32> = dense<[0, 1, 2]>
// CHECK-LABEL: func.func private @kernel
// CHECK-NOT: sparse_tensor
// CHECK: memref.get_global @[[POS]]
// CHECK: scf.for
// CHECK: return %{{.*}} : memref<2xf32>
func.func private @kernel(%x: tensor<4xf32>) -> tensor<2xf32> {
  %pos = arith.constant dense<[0, 1, 2]> : tensor<3xi32>
  %crd = arith.constant dense<[1, 3]> : tensor<2xi8>
  %val = arith.constant dense<[5.0, 6.0]> : tensor<2xf32>
  %z = arith.constant 0.0 : f32
  %w = sparse_tensor.assemble (%pos, %crd), %val
      : (tensor<3xi32>, tensor<2xi8>), tensor<2xf32> to tensor<2x4xf32, #CSR>
  %e = tensor.empty() : tensor<2xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  %y = linalg.matvec ins(%w, %x : tensor<2x4xf32, #CSR>, tensor<4xf32>)
                     outs(%f : tensor<2xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}
