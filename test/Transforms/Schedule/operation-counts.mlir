// What the runtime is told of an operation: floating-point operations, a
// multiply-add as two, and bytes, every touched element once.

// RUN: sparse-opt %s --sparsity-time-operations --canonicalize --cse | FileCheck %s

!nm = !sparsity.packed<16x8xf32, #sparsity.nm_format<2:4>>
sparsity.parameter "private" @w : !nm = [dense<1.0> : tensor<64xf32>, dense<0> : tensor<4xi32>]

// 8 x 16 outputs of 4 stored weights each: 2 * 8 * 64 operations; x, values,
// positions and y.
// CHECK-LABEL: func.func @product
// CHECK-DAG: %[[NUMBER:.*]] = arith.constant 0 : i64
// CHECK-DAG: %[[FLOPS:.*]] = arith.constant 1024 : i64
// CHECK-DAG: %[[BYTES:.*]] = arith.constant 1040 : i64
// CHECK: call @sparse_opt_operation_done(%[[NUMBER]], %[[FLOPS]], %[[BYTES]])
func.func @product(%x: memref<8x8xf32>, %v: memref<64xf32> {sparsity.parameter = @w, sparsity.buffer = 0},
                   %c: memref<4xi32> {sparsity.parameter = @w, sparsity.buffer = 1}, %y: memref<8x16xf32>) {
  call @kernel(%x, %v, %c, %y) : (memref<8x8xf32>, memref<64xf32>, memref<4xi32>, memref<8x16xf32>) -> ()
  return
}
func.func private @kernel(%x: memref<8x8xf32>, %v: memref<64xf32>, %c: memref<4xi32>, %y: memref<8x16xf32>) {
  return
}

// Two operations of a fused multiply-add in 3 runs of 16 lanes; 48 + 48 elements.
// CHECK-LABEL: func.func @loop
// CHECK-DAG: %[[NUMBER:.*]] = arith.constant 1 : i64
// CHECK-DAG: %[[FLOPS:.*]] = arith.constant 96 : i64
// CHECK-DAG: %[[BYTES:.*]] = arith.constant 384 : i64
// CHECK: call @sparse_opt_operation_done(%[[NUMBER]], %[[FLOPS]], %[[BYTES]])
func.func @loop(%x: memref<48xf32>, %y: memref<48xf32>) {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %c48 = arith.constant 48 : index
  scf.parallel (%i) = (%c0) to (%c48) step (%c16) {
    %a = vector.load %x[%i] : memref<48xf32>, vector<16xf32>
    %b = vector.fma %a, %a, %a : vector<16xf32>
    vector.store %b, %y[%i] : memref<48xf32>, vector<16xf32>
    scf.reduce
  }
  return
}

// A gather touches what it reads, not the table; what lies inside is no memory.
// CHECK-LABEL: func.func @gather
// CHECK-SAME: %{{.*}}: memref<?xindex>
// CHECK-DAG: %[[C8:.*]] = arith.constant 8 : i64
// CHECK: arith.minsi
// CHECK: call @sparse_opt_operation_done
func.func @gather(%ids: memref<?xindex>, %table: memref<1000xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %own = memref.alloca() : memref<1xf32>
    %id = memref.load %ids[%i] : memref<?xindex>
    %e = memref.load %table[%id] : memref<1000xf32>
    memref.store %e, %own[%c0] : memref<1xf32>
  }
  return
}

// Extents that are found inside of the nest are not known behind it.
// CHECK-LABEL: func.func @unknown
// CHECK-DAG: %[[NUMBER:.*]] = arith.constant 3 : i64
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0 : i64
// CHECK: call @sparse_opt_operation_done(%[[NUMBER]], %[[ZERO]], %[[ZERO]])
func.func @unknown(%x: memref<8x?xf32>, %lengths: memref<8xindex>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  scf.for %i = %c0 to %c8 step %c1 {
    %length = memref.load %lengths[%i] : memref<8xindex>
    scf.for %j = %c0 to %length step %c1 {
      %a = memref.load %x[%i, %j] : memref<8x?xf32>
      %b = arith.addf %a, %a : f32
      memref.store %b, %x[%i, %j] : memref<8x?xf32>
    }
  }
  return
}

// 2 * (2 * 3 * 5) * (4 + 8) operations: scores, and weighted values.
// CHECK-LABEL: func.func @attention
// CHECK-DAG: %[[NUMBER:.*]] = arith.constant 4 : i64
// CHECK-DAG: %[[FLOPS:.*]] = arith.constant 720 : i64
// CHECK: call @sparsity_attention_0
// CHECK-NOT: sparsity.maps
// CHECK: call @sparse_opt_operation_done(%[[NUMBER]], %[[FLOPS]],
func.func @attention(%q: memref<2x3x4xf32>, %k: memref<2x5x4xf32>, %v: memref<2x5x8xf32>, %y: memref<2x3x8xf32>) {
  call @sparsity_attention_0(%q, %k, %v, %y) {sparsity.maps = [
      affine_map<(b, i, j, d, e) -> (b, i, d)>, affine_map<(b, i, j, d, e) -> (b, j, d)>,
      affine_map<(b, i, j, d, e) -> (b, j, e)>, affine_map<(b, i, j, d, e) -> (b, i, e)>]}
      : (memref<2x3x4xf32>, memref<2x5x4xf32>, memref<2x5x8xf32>, memref<2x3x8xf32>) -> ()
  return
}
func.func private @sparsity_attention_0(%q: memref<2x3x4xf32>, %k: memref<2x5x4xf32>, %v: memref<2x5x8xf32>, %y: memref<2x3x8xf32>) {
  return
}
