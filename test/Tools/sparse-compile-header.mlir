// RUN: rm -rf %t && mkdir %t && sparse-compile %s -o %t/m.so && FileCheck %s --input-file=%t/m.h
// Macros of the header have one value each, whatever functions are called.

// CHECK: #define M_F 0
// CHECK: #define M_F_INPUTS 1
// CHECK: input 0 'total': f32 [3], updated
// CHECK: #define M_F_1 1
// CHECK: #define M_F_1_INPUTS 1
// CHECK: #define M_F_INPUTS_2 2
// CHECK: #define M_H_3 3
func.func @f(%x: tensor<3xf32>) -> tensor<3xf32> {
  return %x : tensor<3xf32>
}
func.func @F(%x: memref<3xf32> {sparsity.name = "total"}) {
  return
}
func.func @f_inputs(%x: tensor<3xf32>) -> tensor<3xf32> {
  return %x : tensor<3xf32>
}
func.func @h(%x: tensor<3xf32>) -> tensor<3xf32> {
  return %x : tensor<3xf32>
}
