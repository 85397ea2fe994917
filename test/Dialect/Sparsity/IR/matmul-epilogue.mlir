// The epilogue of a product: printed and read again, kept by canonicalisation,
// tiled with its operands, bufferized.

// RUN: sparse-opt %s --verify-roundtrip | FileCheck %s
// RUN: sparse-opt %s --mlir-print-op-generic | sparse-opt | FileCheck %s
// RUN: sparse-opt %s --canonicalize --cse | FileCheck %s --check-prefix=CANON
// RUN: sparse-opt %s --transform-interpreter --canonicalize --cse | FileCheck %s --check-prefix=TILE
// RUN: sparse-opt %s --one-shot-bufferize=bufferize-function-boundaries --canonicalize | FileCheck %s --check-prefix=BUFFER

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>

// CHECK-LABEL: func @relu
// CANON-LABEL: func @relu
func.func @relu(%x: tensor<?x4xf32>, %w: !nm, %e: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: sparsity.matmul ins({{.*}}) outs(%{{.*}} : tensor<?x8xf32>) epilogue {
  // CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32):
  // CHECK: sparsity.yield %{{.*}} : f32
  // CHECK-NEXT: } -> tensor<?x8xf32>
  // CANON: epilogue {
  %y = sparsity.matmul ins(%x, %w : tensor<?x4xf32>, !nm) outs(%e : tensor<?x8xf32>) epilogue {
  ^bb0(%sum: f32):
    %c0 = arith.constant 0.0 : f32
    %r = arith.maximumf %sum, %c0 : f32
    sparsity.yield %r : f32
  } -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Operands along both, one or no dimension, and a result of another type. A cast
// that loses shapes is absorbed.
// CHECK-LABEL: func @operands
// TILE-LABEL: func @operands
// TILE-SAME: %[[X:.*]]: tensor<6x4xf32>, %[[W:.*]]: !sparsity.packed<{{.*}}>, %[[R:.*]]: tensor<6x8xf32>, %[[C:.*]]: tensor<6xf16>, %[[S:.*]]: tensor<f32>
// BUFFER-LABEL: func @operands
func.func @operands(%x: tensor<6x4xf32>, %w: !nm, %r: tensor<6x8xf32>, %c: tensor<6xf16>, %s: tensor<f32>,
                    %e: tensor<6x8xf16>) -> tensor<6x8xf16> {
  // CHECK: epilogue(%{{.*}}, %{{.*}}, %{{.*}} : tensor<?x8xf32>, tensor<6xf16>, tensor<f32>)
  // CHECK-SAME: maps [#{{.*}}, #{{.*}}, #{{.*}}] {
  // CANON: epilogue(%{{.*}}, %{{.*}}, %{{.*}} : tensor<6x8xf32>, tensor<6xf16>, tensor<f32>)
  // TILE: %[[RT:.*]] = tensor.extract_slice %[[R]][%[[I:.*]], %[[J:.*]]] [2, 4] [1, 1]
  // TILE: %[[CT:.*]] = tensor.extract_slice %[[C]][%[[I]]] [2] [1]
  // TILE: sparsity.matmul {{.*}} at(%[[J]]) outs(%{{.*}} : tensor<2x4xf16>) epilogue(%[[RT]], %[[CT]], %[[S]] :
  // BUFFER: sparsity.matmul ins(%{{.*}} : memref<6x4xf32{{.*}}>, {{.*}}) outs(%{{.*}} : memref<6x8xf16{{.*}}>) epilogue(%{{.*}} : memref<?x8xf32{{.*}}>, memref<6xf16{{.*}}>, memref<f32{{.*}}>)
  %d = tensor.cast %r : tensor<6x8xf32> to tensor<?x8xf32>
  %y = sparsity.matmul ins(%x, %w : tensor<6x4xf32>, !nm) outs(%e : tensor<6x8xf16>)
      epilogue(%d, %c, %s : tensor<?x8xf32>, tensor<6xf16>, tensor<f32>)
      maps [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> ()>] {
  ^bb0(%sum: f32, %old: f32, %row: f16, %scale: f32):
    %0 = arith.addf %sum, %old : f32
    %1 = arith.mulf %0, %scale : f32
    %2 = arith.truncf %1 : f32 to f16
    %3 = arith.addf %2, %row : f16
    sparsity.yield %3 : f16
  } -> tensor<6x8xf16>
  return %y : tensor<6x8xf16>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %all = transform.structured.match ops{["sparsity.matmul"]} in %module : (!transform.any_op) -> !transform.any_op
    %first, %second = transform.split_handle %all : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %tiled, %loops:2 = transform.structured.tile_using_for %second tile_sizes [2, 4]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}
