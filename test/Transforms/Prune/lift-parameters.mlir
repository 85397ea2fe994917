// RUN: sparse-opt %s --sparsity-lift-parameters='min-elements=4' -split-input-file | FileCheck %s
// RUN: sparse-opt %s --sparsity-lift-parameters='min-elements=4' --sparsity-lift-parameters='min-elements=4' -split-input-file | FileCheck %s
// RUN: sparse-opt %s --sparsity-lift-parameters -split-input-file | FileCheck %s --check-prefix=LARGE
// RUN: sparse-opt %s --sparsity-lift-parameters='min-elements=4' -split-input-file --remarks-filter='sparsity-.*' 2>&1 | FileCheck %s --check-prefix=REMARK

// Constants become parameters; blobs may be absent. Running the pass again
// changes nothing.

// CHECK: sparsity.parameter "private" @fc1.weight : tensor<4x4xf32> = dense_resource<fc1.weight> : tensor<4x4xf32>
// CHECK-NOT: origin
// CHECK-LABEL: func.func @resource
func.func @resource() -> tensor<4x4xf32> {
  // CHECK-NEXT: %[[W:.*]] = sparsity.load @fc1.weight : tensor<4x4xf32>
  // CHECK-NEXT: return %[[W]]
  %w = arith.constant dense_resource<fc1.weight> : tensor<4x4xf32>
  return %w : tensor<4x4xf32>
}

// -----

// One handle is one parameter; another handle of the same shape is another.

// CHECK: sparsity.parameter "private" @embedding.weight
// CHECK-NEXT: sparsity.parameter "private" @embedding.weight_1
// CHECK-NOT: sparsity.parameter
// CHECK-LABEL: func.func @tied
func.func @tied() -> (tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>) {
  // CHECK-NEXT: %[[A:.*]] = sparsity.load @embedding.weight :
  // CHECK-NEXT: %[[B:.*]] = sparsity.load @embedding.weight :
  // CHECK-NEXT: %[[C:.*]] = sparsity.load @embedding.weight_1 :
  // CHECK-NEXT: return %[[A]], %[[B]], %[[C]]
  %a = arith.constant dense_resource<embedding.weight> : tensor<4x4xf32>
  %b = arith.constant dense_resource<embedding.weight> : tensor<4x4xf32>
  %c = arith.constant dense_resource<embedding.weight_1> : tensor<4x4xf32>
  return %a, %b, %c : tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>
}

// -----

// A taken name moves to origin: here by a function, and by the same resource
// at another type.

// CHECK: sparsity.parameter "private" @clash_0 : tensor<4xf32> = dense_resource<clash> : tensor<4xf32> {origin = "clash"}
// CHECK: sparsity.parameter "private" @clash_1 : tensor<2x2xf32> = dense_resource<clash> : tensor<2x2xf32> {origin = "clash"}
// CHECK-LABEL: func.func @clash
func.func @clash() -> (tensor<4xf32>, tensor<2x2xf32>) {
  // CHECK-NEXT: sparsity.load @clash_0 : tensor<4xf32>
  // CHECK-NEXT: sparsity.load @clash_1 : tensor<2x2xf32>
  %a = arith.constant dense_resource<clash> : tensor<4xf32>
  %b = arith.constant dense_resource<clash> : tensor<2x2xf32>
  return %a, %b : tensor<4xf32>, tensor<2x2xf32>
}

// -----

// One number with a name is a parameter as others are; what is packed is one,
// however small.

// CHECK: sparsity.parameter "private" @scalar : tensor<f32> = dense_resource<scalar> : tensor<f32>
// CHECK-NEXT: sparsity.parameter "private" @constant.0 : tensor<1x2xf32>
// LARGE: sparsity.parameter "private" @constant.0 : tensor<1x2xf32>
func.func @small() -> (tensor<f32>, !sparsity.packed<1x2xf32, #sparsity.stream_format>) {
  %scalar = arith.constant dense_resource<scalar> : tensor<f32>
  %w = arith.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %p = sparsity.pack %w : tensor<1x2xf32> -> <1x2xf32, #sparsity.stream_format>
  return %scalar, %p : tensor<f32>, !sparsity.packed<1x2xf32, #sparsity.stream_format>
}

// -----

// Names need not be identifiers.

// CHECK: sparsity.parameter "private" @"a b/c\22" : tensor<2xf32> = dense_resource<"a b/c\22"> : tensor<2xf32>
// CHECK-LABEL: func.func @quoted
func.func @quoted() -> tensor<2xf32> {
  // CHECK-NEXT: sparsity.load @"a b/c\22"
  %a = arith.constant dense_resource<"a b/c\22"> : tensor<2xf32>
  return %a : tensor<2xf32>
}

// -----

// Large inline constants get numbers, equal ones share one.

// CHECK: sparsity.parameter "private" @constant.0 : tensor<4xi64> = dense<[0, 1, 2, 3]> : tensor<4xi64>
// CHECK-NEXT: sparsity.parameter "private" @constant.1 : tensor<2x2xf32> = dense<{{.*}}> : tensor<2x2xf32>
// CHECK-NOT: sparsity.parameter
// CHECK-LABEL: func.func @inline
// LARGE-NOT: sparsity.parameter {{.*}}@constant
// LARGE-LABEL: func.func @inline
func.func @inline() -> (tensor<4xi64>, tensor<2x2xf32>, tensor<4xi64>) {
  // CHECK-NEXT: sparsity.load @constant.0
  // CHECK-NEXT: sparsity.load @constant.1
  // CHECK-NEXT: sparsity.load @constant.0
  %a = arith.constant dense<[0, 1, 2, 3]> : tensor<4xi64>
  %b = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %c = arith.constant dense<[0, 1, 2, 3]> : tensor<4xi64>
  return %a, %b, %c : tensor<4xi64>, tensor<2x2xf32>, tensor<4xi64>
}

// -----

// Left alone: splats, booleans, inline scalars, vectors, small constants, arguments.

// CHECK-NOT: sparsity.parameter
// CHECK-LABEL: func.func @untouched
// CHECK-SAME: sparsity.pattern
func.func @untouched(%x: tensor<4x4xf32> {sparsity.pattern = #sparsity.nm<2:4>})
    -> tensor<4x4xf32> {
  // CHECK-COUNT-6: arith.constant
  %splat = arith.constant dense<1.0> : tensor<8x8xf32>
  %bool = arith.constant dense<[true, false, true, false]> : tensor<4xi1>
  %scalar = arith.constant dense<1.0> : tensor<f32>
  %vector = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : vector<4xf32>
  // REMARK: constant of 3 elements stays, less than min-elements
  // REMARK-NOT: remark:
  %small = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %number = arith.constant 1.0 : f32
  return %x : tensor<4x4xf32>
}

// -----

// A nested module has its own symbols.

// CHECK-NOT: sparsity.parameter
// CHECK-LABEL: func.func @nested
module {
  module @inner {
    func.func @nested() -> tensor<4xf32> {
      // CHECK-NEXT: arith.constant dense_resource<nested.weight>
      %w = arith.constant dense_resource<nested.weight> : tensor<4xf32>
      return %w : tensor<4xf32>
    }
  }
}

// -----

// What a promise is made of is a weight, however small and equal.
// CHECK: sparsity.parameter "private" @constant.0 : tensor<2x4xf32> = dense<1.000000e+00>
// CHECK-LABEL: @promised
// CHECK:         %[[W:.*]] = sparsity.load @constant.0
// CHECK:         linalg.transpose ins(%[[W]]
func.func @promised() -> tensor<4x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x4xf32>
  %e = tensor.empty() : tensor<4x2xf32>
  %t = linalg.transpose ins(%w : tensor<2x4xf32>) outs(%e : tensor<4x2xf32>)
      permutation = [1, 0]
  %a = sparsity.assume %t : tensor<4x2xf32>, #sparsity.nm<1:2>
  return %a : tensor<4x2xf32>
}
