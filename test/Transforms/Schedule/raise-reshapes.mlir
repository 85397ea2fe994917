// RUN: sparse-opt %s --sparsity-raise-reshapes | FileCheck %s
// tensor.reshape becomes expand_shape and collapse_shape where types allow it.

// CHECK-LABEL: @split_heads
// CHECK-SAME:    %[[X:.*]]: tensor<?x384xf32>, %[[B:.*]]: index, %[[T:.*]]: index
// CHECK:         tensor.expand_shape %[[X]] {{\[}}[0, 1], [2, 3]] output_shape [%[[B]], %[[T]], 12, 32]
// CHECK-SAME:      : tensor<?x384xf32> into tensor<?x?x12x32xf32>
// CHECK-NOT:     tensor.reshape
func.func @split_heads(%x: tensor<?x384xf32>, %b: index, %t: index)
    -> tensor<?x?x12x32xf32> {
  %c12 = arith.constant 12 : index
  %c32 = arith.constant 32 : index
  %s = tensor.from_elements %b, %t, %c12, %c32 : tensor<4xindex>
  %r = tensor.reshape %x(%s) : (tensor<?x384xf32>, tensor<4xindex>)
      -> tensor<?x?x12x32xf32>
  return %r : tensor<?x?x12x32xf32>
}

// Extents that come as i64 are cast; those that were index before are not.
// CHECK-LABEL: @merge_heads
// CHECK:         tensor.collapse_shape %{{.*}} {{\[}}[0, 1], [2, 3]]
// CHECK-SAME:      : tensor<?x?x12x32xf32> into tensor<?x384xf32>
func.func @merge_heads(%x: tensor<?x?x12x32xf32>, %n: i64) -> tensor<?x384xf32> {
  %c384 = arith.constant 384 : i64
  %s = tensor.from_elements %n, %c384 : tensor<2xi64>
  %r = tensor.reshape %x(%s) : (tensor<?x?x12x32xf32>, tensor<2xi64>)
      -> tensor<?x384xf32>
  return %r : tensor<?x384xf32>
}

// CHECK-LABEL: @shape_of_unknown_origin
// CHECK-SAME:    %[[X:.*]]: tensor<?xf32>, %[[S:.*]]: tensor<2xi64>
// CHECK:         %[[E:.*]] = tensor.extract %[[S]][%{{.*}}] : tensor<2xi64>
// CHECK:         %[[I:.*]] = arith.index_cast %[[E]] : i64 to index
// CHECK:         tensor.expand_shape %[[X]] {{\[}}[0, 1]] output_shape [%[[I]], 3]
func.func @shape_of_unknown_origin(%x: tensor<?xf32>, %s: tensor<2xi64>)
    -> tensor<?x3xf32> {
  %r = tensor.reshape %x(%s) : (tensor<?xf32>, tensor<2xi64>) -> tensor<?x3xf32>
  return %r : tensor<?x3xf32>
}

// Trailing extents that do not factor fall into the leading group.
// CHECK-LABEL: @regroup
// CHECK:         %[[C:.*]] = tensor.collapse_shape %{{.*}} {{\[}}[0, 1]] : tensor<?x6xf32> into tensor<?xf32>
// CHECK:         tensor.expand_shape %[[C]] {{\[}}[0, 1]]
func.func @regroup(%x: tensor<?x6xf32>, %s: tensor<2xi64>) -> tensor<?x4xf32> {
  %r = tensor.reshape %x(%s) : (tensor<?x6xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}

// CHECK-LABEL: @unit_dimensions
// CHECK:         tensor.expand_shape %{{.*}} {{\[}}[0], [1, 2]] output_shape [4, 3, 1]
func.func @unit_dimensions(%x: tensor<4x1x3xf32>, %s: tensor<3xi64>)
    -> tensor<4x3x1xf32> {
  %r = tensor.reshape %x(%s) : (tensor<4x1x3xf32>, tensor<3xi64>)
      -> tensor<4x3x1xf32>
  return %r : tensor<4x3x1xf32>
}

// CHECK-LABEL: @nothing_in_it
// CHECK-NOT:     tensor.reshape
// CHECK:         return
func.func @nothing_in_it(%x: tensor<0x4xf32>, %s: tensor<2xi64>)
    -> tensor<4x0xf32> {
  %r = tensor.reshape %x(%s) : (tensor<0x4xf32>, tensor<2xi64>)
      -> tensor<4x0xf32>
  return %r : tensor<4x0xf32>
}

// CHECK-LABEL: @empty_with_other_extents
// CHECK:         tensor.collapse_shape %{{.*}} {{\[}}[0, 1]] : tensor<3x0xf32> into tensor<0xf32>
// CHECK:         tensor.expand_shape %{{.*}} {{\[}}[0, 1]] output_shape [5, 0]
func.func @empty_with_other_extents(%x: tensor<3x0xf32>, %s: tensor<2xi64>)
    -> tensor<5x0xf32> {
  %r = tensor.reshape %x(%s) : (tensor<3x0xf32>, tensor<2xi64>)
      -> tensor<5x0xf32>
  return %r : tensor<5x0xf32>
}

// Groups cannot be read off these types: the ops stay.
// CHECK-LABEL: @static_to_dynamic
// CHECK:         tensor.reshape
func.func @static_to_dynamic(%x: tensor<12xf32>, %s: tensor<2xi64>)
    -> tensor<?x?xf32> {
  %r = tensor.reshape %x(%s) : (tensor<12xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// CHECK-LABEL: @scalar
// CHECK:         tensor.reshape
func.func @scalar(%x: tensor<f32>, %s: tensor<1xi64>) -> tensor<1xf32> {
  %r = tensor.reshape %x(%s) : (tensor<f32>, tensor<1xi64>) -> tensor<1xf32>
  return %r : tensor<1xf32>
}
