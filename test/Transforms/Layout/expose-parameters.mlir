// RUN: sparse-opt %s --sparsity-expose-parameters | FileCheck %s
// Loads become arguments after the function's own, in the order of first use.

sparsity.parameter @w : tensor<8x4xf32>
sparsity.parameter @b : tensor<8xf32>
sparsity.parameter @p : !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>

// CHECK-LABEL: func.func @twice_used
// CHECK-SAME:    (%[[X:.*]]: tensor<8xf32>,
// CHECK-SAME:     %[[B:.*]]: tensor<8xf32> {sparsity.buffer = 0 : i64, sparsity.parameter = @b},
// CHECK-SAME:     %[[W:.*]]: tensor<8x4xf32> {sparsity.buffer = 0 : i64, sparsity.parameter = @w})
// CHECK-SAME:    attributes {llvm.emit_c_interface}
// CHECK-NEXT:    return %[[X]], %[[B]], %[[W]], %[[B]]
func.func @twice_used(%x: tensor<8xf32>)
    -> (tensor<8xf32>, tensor<8xf32>, tensor<8x4xf32>, tensor<8xf32>) {
  %b = sparsity.load @b : tensor<8xf32>
  %w = sparsity.load @w : tensor<8x4xf32>
  %again = sparsity.load @b : tensor<8xf32>
  return %x, %b, %w, %again
      : tensor<8xf32>, tensor<8xf32>, tensor<8x4xf32>, tensor<8xf32>
}

// One argument per storage buffer.
// CHECK-LABEL: func.func @packed
// CHECK-SAME:    %[[V:[^ ]*]]: tensor<{{.*}}xf32> {sparsity.buffer = 0 : i64, sparsity.parameter = @p},
// CHECK-SAME:    %[[I:[^ ]*]]: tensor<{{.*}}> {sparsity.buffer = 1 : i64, sparsity.parameter = @p})
// CHECK-NEXT:    %[[P:.*]] = sparsity.assemble
// CHECK-NEXT:    sparsity.unpack %[[P]]
func.func @packed() -> tensor<8x4xf32> {
  %p = sparsity.load @p : !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
  %w = sparsity.unpack %p
      : !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>> -> tensor<8x4xf32>
  return %w : tensor<8x4xf32>
}

// The first op of the function may be a load that goes away.
// CHECK-LABEL: func.func @dense_first
// CHECK:         %[[P:.*]] = sparsity.assemble
// CHECK:         return %{{.*}}, %[[P]]
func.func @dense_first()
    -> (tensor<8xf32>, !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>) {
  %b = sparsity.load @b : tensor<8xf32>
  %p = sparsity.load @p : !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
  return %b, %p : tensor<8xf32>,
      !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
}

// Private functions have no C wrapper; those without loads keep their type.
// CHECK-LABEL: func.func private @inside(%{{.*}}: tensor<8xf32>) -> tensor<8xf32> {
func.func private @inside(%x: tensor<8xf32>) -> tensor<8xf32> {
  return %x : tensor<8xf32>
}
// CHECK-LABEL: func.func private @declared(tensor<8xf32>)
// CHECK-NOT:     emit_c_interface
func.func private @declared(tensor<8xf32>)
