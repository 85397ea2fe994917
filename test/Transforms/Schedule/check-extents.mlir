// RUN: sparse-opt %s --sparsity-check-extents | FileCheck %s
// Extents of arguments that one op takes for equal are compared at entry.

#id = affine_map<(d0) -> (d0)>

// CHECK-LABEL: @sum
// CHECK-SAME:    (%[[X:.*]]: tensor<?xf32>, %[[Y:.*]]: tensor<?xf32>)
// CHECK-DAG:     %[[M:.*]] = tensor.dim %[[Y]], %{{.*}}
// CHECK-DAG:     %[[N:.*]] = tensor.dim %[[X]], %{{.*}}
// CHECK:         %[[SAME:.*]] = arith.cmpi eq, %[[M]], %[[N]]
// CHECK:         cf.assert %[[SAME]], "expected extent 0 of input 1 to be extent 0 of input 0"
// CHECK-NOT:     cf.assert
func.func @sum(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %r = linalg.add ins(%x, %y : tensor<?xf32>, tensor<?xf32>) outs(%x : tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// The sum of a product, against another argument and against a constant.
// CHECK-LABEL: @products
// CHECK:         cf.assert %{{.*}}, "expected extent 1 of input 0 to be 17"
// CHECK:         cf.assert %{{.*}}, "expected extent 0 of input 1 to be 17"
func.func @products(%x: tensor<3x?xf32>, %y: tensor<?x5xf32>, %w: tensor<17x5xf32>, %e: tensor<3x5xf32>) -> (tensor<3x5xf32>, tensor<3x5xf32>) {
  %a = sparsity.matmul ins(%x, %y : tensor<3x?xf32>, tensor<?x5xf32>) outs(%e : tensor<3x5xf32>) -> tensor<3x5xf32>
  %b = linalg.matmul ins(%x, %w : tensor<3x?xf32>, tensor<17x5xf32>) outs(%e : tensor<3x5xf32>) -> tensor<3x5xf32>
  return %a, %b : tensor<3x5xf32>, tensor<3x5xf32>
}

// Batches, outputs and what a cast says.
// CHECK-LABEL: @batches
// CHECK-DAG:     cf.assert %{{.*}}, "expected extent 0 of input 1 to be extent 0 of input 0"
// CHECK-DAG:     cf.assert %{{.*}}, "expected extent 0 of input 2 to be extent 0 of input 0"
// CHECK-DAG:     cf.assert %{{.*}}, "expected extent 0 of input 3 to be 4"
func.func @batches(%x: tensor<?x4x8xf32>, %y: tensor<?x8x4xf32>, %e: tensor<?x4x4xf32>, %v: tensor<?xf32>) -> (tensor<?x4x4xf32>, tensor<4xf32>) {
  %a = sparsity.matmul ins(%x, %y : tensor<?x4x8xf32>, tensor<?x8x4xf32>) outs(%e : tensor<?x4x4xf32>) -> tensor<?x4x4xf32>
  %c = tensor.cast %v : tensor<?xf32> to tensor<4xf32>
  return %a, %c : tensor<?x4x4xf32>, tensor<4xf32>
}

// What is computed from one argument agrees with it.
// CHECK-LABEL: @same
// CHECK-NOT:     cf.assert
func.func @same(%x: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %r = linalg.exp ins(%x : tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// In a branch the comparison is where the op is.
// CHECK-LABEL: @branch
// CHECK-NOT:     cf.assert
// CHECK:         scf.if
// CHECK:           cf.assert %{{.*}}, "expected operands of 'linalg.add' to agree in extents"
// CHECK-NEXT:      linalg.add
func.func @branch(%x: tensor<?xf32>, %y: tensor<?xf32>, %c: i1) -> tensor<?xf32> {
  %r = scf.if %c -> tensor<?xf32> {
    %s = linalg.add ins(%x, %y : tensor<?xf32>, tensor<?xf32>) outs(%x : tensor<?xf32>) -> tensor<?xf32>
    scf.yield %s : tensor<?xf32>
  } else {
    scf.yield %x : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}

// A reshape keeps the number of elements, a window stays inside.
// CHECK-LABEL: @shapes
// CHECK:         cf.assert %{{.*}}, "expected 'tensor.expand_shape' to keep the number of elements"
// CHECK-NEXT:    tensor.expand_shape
// CHECK:         cf.assert %{{.*}}, "expected 'tensor.reshape' to keep the number of elements"
// CHECK-NEXT:    tensor.reshape
// CHECK:         cf.assert %{{.*}}, "expected operands of 'linalg.conv_1d' to agree in extents"
// CHECK:         linalg.conv_1d
func.func @shapes(%x: tensor<?xf32>, %k: tensor<3xf32>, %n: index, %s: tensor<2xi64>, %e: tensor<?xf32>) -> (tensor<?x4xf32>, tensor<?x?xf32>, tensor<?xf32>) {
  %a = tensor.expand_shape %x [[0, 1]] output_shape [%n, 4] : tensor<?xf32> into tensor<?x4xf32>
  %b = tensor.reshape %x(%s) : (tensor<?xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  %c = linalg.conv_1d ins(%x, %k : tensor<?xf32>, tensor<3xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %a, %b, %c : tensor<?x4xf32>, tensor<?x?xf32>, tensor<?xf32>
}

// New tensors have extents that memory may have.
// CHECK-LABEL: @new
// CHECK:         arith.cmpi sge, %{{.*}}, %{{.*}} : index
// CHECK:         arith.cmpf ole, %{{.*}}, %{{.*}} : f64
// CHECK:         cf.assert %{{.*}}, "expected 'tensor.empty' to have extents that are not negative and at most 2^46 elements"
// CHECK-NEXT:    tensor.empty
// CHECK:         cf.assert %{{.*}}, "expected 'tensor.pad' to have extents
// CHECK:         tensor.pad
func.func @new(%x: tensor<?xf32>, %n: index, %v: f32) -> (tensor<?xf32>, tensor<?xf32>) {
  %e = tensor.empty(%n) : tensor<?xf32>
  %p = tensor.pad %x low[%n] high[2] {
  ^bb0(%i: index):
    tensor.yield %v : f32
  } : tensor<?xf32> to tensor<?xf32>
  return %e, %p : tensor<?xf32>, tensor<?xf32>
}
