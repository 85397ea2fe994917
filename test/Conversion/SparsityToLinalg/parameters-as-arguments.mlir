// RUN: sparse-opt %s --convert-sparsity-to-linalg=parameters-as-arguments \
// RUN:   | FileCheck %s
// RUN: sparse-opt %s --convert-sparsity-to-linalg=parameters-as-arguments \
// RUN:   | mlir-opt

// Every load becomes arguments, in the order of the module, and callers pass
// them on.

!nm = !sparsity.packed<2x4xf32, #sparsity.nm_format<2:4>>

sparsity.parameter @z : tensor<2xf32>
sparsity.parameter @p : !nm
sparsity.parameter @a : tensor<2xf32> = dense<1.0> : tensor<2xf32>

// CHECK-LABEL: func.func @both
// CHECK-SAME: %[[X:[^:]*]]: tensor<2xf32>,
// CHECK-SAME: %[[Z:[^:]*]]: tensor<2xf32> {sparsity.parameter = "z"},
// CHECK-SAME: %[[A:[^:]*]]: tensor<2xf32> {sparsity.parameter = "a"}
func.func @both(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  // CHECK-NEXT: return %[[A]], %[[Z]]
  %a = sparsity.load @a : tensor<2xf32>
  %z = sparsity.load @z : tensor<2xf32>
  return %a, %z : tensor<2xf32>, tensor<2xf32>
}

// CHECK-LABEL: func.func @packed
// CHECK-SAME: %[[V:[^:]*]]: tensor<32xf32> {sparsity.parameter = ["p", 0]},
// CHECK-SAME: %[[C:[^:]*]]: tensor<2xi32> {sparsity.parameter = ["p", 1]}
func.func @packed() -> tensor<2x4xf32> {
  // CHECK: tensor.extract %[[V]]
  // CHECK: tensor.extract %[[C]]
  %p = sparsity.load @p : !nm
  %w = sparsity.unpack %p : !nm -> tensor<2x4xf32>
  return %w : tensor<2x4xf32>
}

// A caller that comes first, and one of its own.
// CHECK-LABEL: func.func @caller
// CHECK-SAME: %[[X:[^:]*]]: tensor<2xf32>,
// CHECK-SAME: %[[Z:[^:]*]]: tensor<2xf32> {sparsity.parameter = "z"},
// CHECK-SAME: %[[V:[^:]*]]: tensor<32xf32> {sparsity.parameter = ["p", 0]},
// CHECK-SAME: %[[C:[^:]*]]: tensor<2xi32> {sparsity.parameter = ["p", 1]},
// CHECK-SAME: %[[A:[^:]*]]: tensor<2xf32> {sparsity.parameter = "a"}
func.func @caller(%x: tensor<2xf32>) -> tensor<2xf32> {
  // CHECK: call @both(%[[X]], %[[Z]], %[[A]])
  // CHECK: call @packed(%[[V]], %[[C]])
  // CHECK: call @untouched(%[[X]])
  %0:2 = call @both(%x) : (tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  %1 = call @packed() : () -> tensor<2x4xf32>
  %2 = call @untouched(%x) : (tensor<2xf32>) -> tensor<2xf32>
  return %0#0 : tensor<2xf32>
}

// CHECK-LABEL: func.func @recursive
// CHECK-SAME: %[[N:[^:]*]]: i1,
// CHECK-SAME: %[[Z:[^:]*]]: tensor<2xf32> {sparsity.parameter = "z"}
func.func @recursive(%n: i1) -> tensor<2xf32> {
  %0 = scf.if %n -> tensor<2xf32> {
    // CHECK: call @recursive(%[[N]], %[[Z]])
    %1 = func.call @recursive(%n) : (i1) -> tensor<2xf32>
    scf.yield %1 : tensor<2xf32>
  } else {
    %z = sparsity.load @z : tensor<2xf32>
    scf.yield %z : tensor<2xf32>
  }
  return %0 : tensor<2xf32>
}

// CHECK: func.func @untouched(%{{.*}}: tensor<2xf32>) -> tensor<2xf32>
func.func @untouched(%x: tensor<2xf32>) -> tensor<2xf32> {
  return %x : tensor<2xf32>
}
