// The packed type: formats, element types and shapes, also empty ones.

// RUN: sparse-opt %s --verify-roundtrip | FileCheck %s
// RUN: sparse-opt %s --emit-bytecode | sparse-opt | FileCheck %s

// CHECK-LABEL: func private @formats
// CHECK-SAME: !sparsity.packed<1536x384xf32, #sparsity.nm_format<2:4>>
// CHECK-SAME: !sparsity.packed<1536x384xf32, #sparsity.dense_format<panel = 64>>
// CHECK-SAME: !sparsity.packed<1536x384xf32, #sparsity.bsr_format<[16, 16]>>
// CHECK-SAME: !sparsity.packed<1536x384xf32, #sparsity.stream_format>
func.func private @formats(
  !sparsity.packed<1536x384xf32, #sparsity.nm_format<2:4>>,
  !sparsity.packed<1536x384xf32, #sparsity.dense_format<panel = 64>>,
  !sparsity.packed<1536x384xf32, #sparsity.bsr_format<[16, 16]>>,
  !sparsity.packed<1536x384xf32, #sparsity.stream_format>)

// CHECK-LABEL: func private @element_types
// CHECK-SAME: packed<3x5xf64, {{.*}}packed<3x5xf16, {{.*}}packed<3x5xbf16,
// CHECK-SAME: packed<3x5xi8, {{.*}}packed<3x5xui8,
func.func private @element_types(
  !sparsity.packed<3x5xf64, #sparsity.nm_format<1:4>>,
  !sparsity.packed<3x5xf16, #sparsity.nm_format<1:4>>,
  !sparsity.packed<3x5xbf16, #sparsity.nm_format<1:4>>,
  !sparsity.packed<3x5xi8, #sparsity.nm_format<1:4>>,
  !sparsity.packed<3x5xui8, #sparsity.nm_format<1:4>>)

// CHECK-LABEL: func private @shapes
// CHECK-SAME: packed<0x4xf32, {{.*}}packed<17x0xf32, {{.*}}packed<1x1xf32,
func.func private @shapes(
  !sparsity.packed<0x4xf32, #sparsity.stream_format>,
  !sparsity.packed<17x0xf32, #sparsity.stream_format>,
  !sparsity.packed<1x1xf32, #sparsity.stream_format>)
