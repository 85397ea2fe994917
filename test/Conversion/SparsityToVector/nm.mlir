// RUN: sparse-opt %s --convert-sparsity-to-vector --split-input-file | FileCheck %s
// RUN: sparse-opt %s --convert-sparsity-to-vector=portable --split-input-file | FileCheck %s --check-prefix=PORTABLE
//
// The permute product, and the column kernel in its place where intrinsics are
// not wanted.

// Whole registers of x serve the groups in them; two groups are left.
// CHECK-LABEL: func.func private @sparsity_matmul_nm_0(
// CHECK:         scf.for
// CHECK-COUNT-8:   vector.load %{{.*}} : memref<?x40xf32, strided<[?, 1], offset: ?>>, vector<16xf32>
// CHECK:           arith.shrui %{{.*}} : vector<16xi32>
// CHECK:           arith.andi %{{.*}} : vector<16xi32>
// CHECK-COUNT-8:   llvm.call_intrinsic "llvm.x86.avx512.permvar.sf.512"
// CHECK:           arith.ori
// CHECK:         vector.load %{{.*}} : memref<?x40xf32, strided<[?, 1], offset: ?>>, vector<4xf32>
// CHECK:         arith.shrui %{{.*}} : vector<16xi32>
// CHECK:         llvm.call_intrinsic "llvm.x86.avx512.vpermilvar.ps.512"
// CHECK:         vector.fma %{{.*}} : vector<16xf32>
// PORTABLE-LABEL: func.func private @sparsity_matmul_nm_0(
// PORTABLE-NOT:     llvm.
// PORTABLE:         return
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "CPU" = #dlti.target_device_spec<"vector_bits" = 512 : i64,
    "vector_registers" = 32 : i64, "fma" = true, "avx512" = true>>} {
func.func @two_of_four(%x: memref<?x40xf32>, %w: memref<320xf32>,
                       %c: memref<20xi32>, %y: memref<?x16xf32>) {
  %p = sparsity.assemble %w, %c : memref<320xf32>, memref<20xi32>
      -> !sparsity.packed<16x40xf32, #sparsity.nm_format<2:4>>
  sparsity.matmul ins(%x, %p : memref<?x40xf32>,
      !sparsity.packed<16x40xf32, #sparsity.nm_format<2:4>>)
      outs(%y : memref<?x16xf32>)
  return
}
}

// -----

// Groups near the end of a row load only the columns that exist.
// CHECK-LABEL: func.func private @sparsity_matmul_nm_0(
// CHECK:         llvm.call_intrinsic "llvm.x86.avx512.pmultishift.qb.512"
// CHECK:         llvm.call_intrinsic "llvm.x86.avx512.permvar.sf.512"
// CHECK:         vector.create_mask
// CHECK:         vector.maskedload %{{.*}} : memref<?x40xf32
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "CPU" = #dlti.target_device_spec<"vector_bits" = 512 : i64,
    "vector_registers" = 32 : i64, "fma" = true, "avx512" = true,
    "vbmi" = true>>} {
func.func @one_of_eight(%x: memref<?x40xf32>, %w: memref<80xf32>,
                        %c: memref<5xi64>, %y: memref<?x16xf32>) {
  %p = sparsity.assemble %w, %c : memref<80xf32>, memref<5xi64>
      -> !sparsity.packed<16x40xf32, #sparsity.nm_format<1:8>>
  sparsity.matmul ins(%x, %p : memref<?x40xf32>,
      !sparsity.packed<16x40xf32, #sparsity.nm_format<1:8>>)
      outs(%y : memref<?x16xf32>)
  return
}
}

// -----

// Two registers of 8 columns and a choice.
// CHECK-LABEL: func.func private @sparsity_matmul_nm_0(
// CHECK:         llvm.call_intrinsic "llvm.x86.avx2.permps"
// CHECK:         llvm.call_intrinsic "llvm.x86.avx2.permps"
// CHECK:         arith.select %{{.*}} : vector<8xi1>, vector<8xf32>
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "CPU" = #dlti.target_device_spec<"vector_bits" = 256 : i64,
    "vector_registers" = 16 : i64, "fma" = true>>} {
func.func @avx2(%x: memref<?x32xf32>, %w: memref<128xf32>, %c: memref<8xi64>,
                %y: memref<?x16xf32>) {
  %p = sparsity.assemble %w, %c : memref<128xf32>, memref<8xi64>
      -> !sparsity.packed<16x32xf32, #sparsity.nm_format<4:16>>
  sparsity.matmul ins(%x, %p : memref<?x32xf32>,
      !sparsity.packed<16x32xf32, #sparsity.nm_format<4:16>>)
      outs(%y : memref<?x16xf32>)
  return
}
}

// -----

// Many tokens: tiles of inputs whose transposed x fits the first-level cache.
// Positions of a panel become offsets in it; a step multiplies two groups by
// the values of four outputs, which are one load.
// CHECK-LABEL: func.func private @sparsity_matmul_nm_0(
// CHECK:         case 5 {
// CHECK:           %[[OWN:.*]] = memref.reinterpret_cast %{{.*}} to memref<?x80xf32
// CHECK:           %[[SHARED:.*]] = memref.reinterpret_cast %{{.*}} to memref<?x80xf32
// CHECK:           %[[COLUMNS:.*]] = arith.select %{{.*}}, %[[SHARED]], %[[OWN]]
// CHECK:           %[[X:.*]] = memref.collapse_shape %[[COLUMNS]]
// CHECK:           %[[MASK:.*]] = arith.constant dense<[3, 12, 48, 192
// CHECK:           %[[SCALE:.*]] = arith.constant dense<[5120, 1280, 320, 80
// CHECK:           scf.for
// CHECK:             %[[OFFSET:.*]] = arith.addi %{{.*}} : vector<16xi16>
// CHECK:             vector.store %[[OFFSET]], %[[OFFSETS:.*]][
// CHECK:           scf.for {{.*}} iter_args
// CHECK:             memref.prefetch
// CHECK:             %[[VALUES:.*]] = vector.load %{{.*}} : {{.*}}, vector<4xf32>
// CHECK:             vector.shuffle %[[VALUES]], %[[VALUES]] [0, 1, 2, 3, 0, 1, 2, 3, 0
// CHECK:             vector.shuffle {{.*}} [0, 0, 0, 0, 4, 4, 4, 4, 8
// CHECK:             vector.load %[[OFFSETS]][{{.*}}vector<4xi16>
// CHECK-COUNT-20:    vector.load %[[X]][
// CHECK:             vector.load %[[OFFSETS]][
// CHECK-COUNT-20:    vector.load %[[X]][
// CHECK:             vector.load %[[OFFSETS]][
// CHECK-COUNT-20:    vector.load %[[X]][
// CHECK:             vector.load %[[OFFSETS]][
// CHECK-COUNT-20:    vector.load %[[X]][
// CHECK:             scf.yield
// CHECK:         case 8 {
// CHECK:           memref.reinterpret_cast %{{.*}} to memref<?x128xf32
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "CPU" = #dlti.target_device_spec<"vector_bits" = 512 : i64,
    "vector_registers" = 32 : i64, "fma" = true, "avx512" = true>>} {
func.func @many(%x: memref<?x96xf32>, %w: memref<768xf32>,
                %c: memref<48xi32>, %y: memref<?x16xf32>) {
  %p = sparsity.assemble %w, %c : memref<768xf32>, memref<48xi32>
      -> !sparsity.packed<16x96xf32, #sparsity.nm_format<2:4>>
  sparsity.matmul ins(%x, %p : memref<?x96xf32>,
      !sparsity.packed<16x96xf32, #sparsity.nm_format<2:4>>)
      outs(%y : memref<?x16xf32>)
  return
}
}
