// RUN: sparse-opt %s --convert-sparsity-to-vector --split-input-file | FileCheck %s
//
// The dense kernel: register tiles follow the target, tails are masked.

// 6 tokens by 4 vectors of 16 lanes; the sum in one piece.
// CHECK-LABEL: func.func private @sparsity_matmul_dense_0(
// CHECK:         scf.parallel
// CHECK:           scf.for
// CHECK:             scf.for %{{.*}} iter_args(
// CHECK-COUNT-4:       vector.load %{{.*}} : memref<24576xf32, strided<[1], offset: ?>>, vector<16xf32>
// CHECK-COUNT-24:      vector.fma %{{.*}} : vector<16xf32>
// CHECK:               scf.yield
// CHECK-COUNT-24:    vector.store
// CHECK:           scf.index_switch
// CHECK-NOT:       vector.maskedstore
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "CPU" = #dlti.target_device_spec<"vector_bits" = 512 : i64,
    "vector_registers" = 32 : i64, "fma" = true, "avx512" = true>>} {
func.func @avx512(%x: memref<?x384xf32>, %w: memref<24576xf32>,
                  %y: memref<?x64xf32>) {
  %p = sparsity.assemble %w : memref<24576xf32>
      -> !sparsity.packed<64x384xf32, #sparsity.dense_format<panel = 64>>
  sparsity.matmul ins(%x, %p : memref<?x384xf32>,
      !sparsity.packed<64x384xf32, #sparsity.dense_format<panel = 64>>)
      outs(%y : memref<?x64xf32>)
  return
}
}

// -----

// 20 outputs: a narrow last panel whose second vector has 4 lanes.
// CHECK-LABEL: func.func private @sparsity_matmul_dense_0(
// CHECK:         arith.constant dense<[true, true, true, true, false
// CHECK:         vector.fma %{{.*}} : vector<8xf32>
// CHECK:         vector.maskedstore
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "CPU" = #dlti.target_device_spec<"vector_bits" = 256 : i64,
    "vector_registers" = 16 : i64, "fma" = true>>} {
func.func @avx2_tail(%x: memref<?x8xf32>, %w: memref<256xf32>,
                     %y: memref<?x20xf32>) {
  %p = sparsity.assemble %w : memref<256xf32>
      -> !sparsity.packed<20x8xf32, #sparsity.dense_format<panel = 64>>
  sparsity.matmul ins(%x, %p : memref<?x8xf32>,
      !sparsity.packed<20x8xf32, #sparsity.dense_format<panel = 64>>)
      outs(%y : memref<?x20xf32>)
  return
}
}

// -----

// A long sum goes slice by slice; a target without the fused instruction.
// CHECK-LABEL: func.func private @sparsity_matmul_dense_0(
// CHECK:         scf.if
// CHECK:           vector.load {{.*}}: memref<?xf32, strided<[1]
// CHECK:         } else {
// CHECK-NOT:     vector.fma
// CHECK:         arith.mulf %{{.*}} : vector<4xf32>
// CHECK:         arith.addf %{{.*}} : vector<4xf32>
func.func @slices(%x: memref<?x600xf32>, %w: memref<9600xf32>,
                  %b: memref<16xf32>, %y: memref<?x16xf32>) {
  %p = sparsity.assemble %w : memref<9600xf32>
      -> !sparsity.packed<16x600xf32, #sparsity.dense_format<panel = 16>>
  sparsity.matmul ins(%x, %p : memref<?x600xf32>,
      !sparsity.packed<16x600xf32, #sparsity.dense_format<panel = 16>>)
      bias(%b : memref<16xf32>) outs(%y : memref<?x16xf32>)
  return
}

// -----

// The op's decision: 3 tokens by 1 vector.
// CHECK-LABEL: func.func private @sparsity_matmul_dense_0(
// CHECK:         scf.for %{{.*}} iter_args(
// CHECK-COUNT-12:  arith.addf %{{.*}} : vector<4xf32>
// CHECK-NEXT:      scf.yield
func.func @tile(%x: memref<?x8xf32>, %w: memref<128xf32>,
                %y: memref<?x16xf32>) {
  %p = sparsity.assemble %w : memref<128xf32>
      -> !sparsity.packed<16x8xf32, #sparsity.dense_format<panel = 16>>
  sparsity.matmul ins(%x, %p : memref<?x8xf32>,
      !sparsity.packed<16x8xf32, #sparsity.dense_format<panel = 16>>)
      outs(%y : memref<?x16xf32>)
      {kernel = #sparsity.kernel<#sparsity.dense_format<panel = 16>,
                                 tile = [3, 1]>}
  return
}
