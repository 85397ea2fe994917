// Which fact makes which other one superfluous: the pairs that `refines` knows.

// RUN: sparse-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: func @implied
// CHECK-COUNT-5: sparsity.assume
// CHECK-NOT: sparsity.assume
// CHECK: return
func.func @implied(%0: tensor<32x32xf32>) -> (tensor<32x32xf32>, tensor<32x32xf32>,
    tensor<32x32xf32>, tensor<32x32xf32>, tensor<32x32xf32>) {
  // N:M says that zeros may be anywhere, not how many there are.
  %a = sparsity.assume %0 : tensor<32x32xf32>, #sparsity.nm<1:4>
  %b = sparsity.assume %a : tensor<32x32xf32>, #sparsity.unstructured
  // Every matrix is m:m.
  %c = sparsity.assume %0 : tensor<32x32xf32>, #sparsity.unstructured<0.5>
  %d = sparsity.assume %c : tensor<32x32xf32>, #sparsity.nm<4:4>
  // A large block is made of small ones.
  %e = sparsity.assume %0 : tensor<32x32xf32>, #sparsity.block<[16, 16]>
  %f = sparsity.assume %e : tensor<32x32xf32>, #sparsity.block<[4, 8]>
  // More zeros are at least as many.
  %g = sparsity.assume %0 : tensor<32x32xf32>, #sparsity.block<[4, 4], zeros = 0.75>
  %h = sparsity.assume %g : tensor<32x32xf32>, #sparsity.block<[4, 4], zeros = 0.5>
  // At most one in eight is at most one in each half of them.
  %i = sparsity.assume %0 : tensor<32x32xf32>, #sparsity.nm<1:8>
  %j = sparsity.assume %i : tensor<32x32xf32>, #sparsity.nm<1:4>
  return %b, %d, %f, %h, %j : tensor<32x32xf32>, tensor<32x32xf32>,
    tensor<32x32xf32>, tensor<32x32xf32>, tensor<32x32xf32>
}

// CHECK-LABEL: func @not_implied
// CHECK-COUNT-10: sparsity.assume
func.func @not_implied(%0: tensor<32x32xf32>) -> (tensor<32x32xf32>, tensor<32x32xf32>,
    tensor<32x32xf32>, tensor<32x32xf32>, tensor<32x32xf32>) {
  %a = sparsity.assume %0 : tensor<32x32xf32>, #sparsity.nm<1:4>
  %b = sparsity.assume %a : tensor<32x32xf32>, #sparsity.unstructured<0.75>
  %c = sparsity.assume %0 : tensor<32x32xf32>, #sparsity.nm<4:8>
  %d = sparsity.assume %c : tensor<32x32xf32>, #sparsity.nm<2:4>
  %e = sparsity.assume %0 : tensor<32x32xf32>, #sparsity.block<[16, 16]>
  %f = sparsity.assume %e : tensor<32x32xf32>, #sparsity.block<[3, 16]>
  %g = sparsity.assume %0 : tensor<32x32xf32>, #sparsity.block<[16, 16], zeros = 0.75>
  %h = sparsity.assume %g : tensor<32x32xf32>, #sparsity.block<[4, 4], zeros = 0.75>
  %i = sparsity.assume %0 : tensor<32x32xf32>, #sparsity.nm<2:6>
  %j = sparsity.assume %i : tensor<32x32xf32>, #sparsity.nm<2:4>
  return %b, %d, %f, %h, %j : tensor<32x32xf32>, tensor<32x32xf32>,
    tensor<32x32xf32>, tensor<32x32xf32>, tensor<32x32xf32>
}
