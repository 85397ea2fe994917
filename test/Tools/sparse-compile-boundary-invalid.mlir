// RUN: rm -rf %t && split-file %s %t
// RUN: not sparse-compile %t/encoded.mlir -o %t/m.so 2>&1 | FileCheck %s --check-prefix=ENCODED
// RUN: not sparse-compile %t/scalar.mlir -o %t/m.so 2>&1 | FileCheck %s --check-prefix=SCALAR
// RUN: not sparse-compile %t/complex.mlir -o %t/m.so 2>&1 | FileCheck %s --check-prefix=COMPLEX

// What programs take and return.

// ENCODED: encoded.mlir:2:1: error: expected tensors without encoding at the boundary of a program, got 'tensor<4xf32, #sparse_tensor.encoding<{{.*}}>>'
// SCALAR: scalar.mlir:1:1: error: expected ranked tensors of numbers at the boundary of a program, got 'f32'
// COMPLEX: complex.mlir:1:1: error: expected ranked tensors of numbers at the boundary of a program, got 'tensor<4xcomplex<f32>>'

//--- encoded.mlir
#sparse = #sparse_tensor.encoding<{map = (i) -> (i : compressed)}>
func.func @main(%x: tensor<4xf32, #sparse>) -> tensor<4xf32, #sparse> {
  return %x : tensor<4xf32, #sparse>
}

//--- scalar.mlir
func.func @main(%x: f32) -> f32 {
  return %x : f32
}

//--- complex.mlir
func.func @main(%x: tensor<4xcomplex<f32>>) -> tensor<4xcomplex<f32>> {
  return %x : tensor<4xcomplex<f32>>
}
