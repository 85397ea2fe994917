// Every attribute of the dialect in its custom and generic form and as bytecode.

// RUN: sparse-opt %s --verify-roundtrip | FileCheck %s
// RUN: sparse-opt %s --mlir-print-op-generic | sparse-opt | FileCheck %s
// RUN: sparse-opt %s --emit-bytecode | sparse-opt | FileCheck %s

// CHECK-LABEL: func private @nm
// CHECK-SAME: a = #sparsity.nm<2:4>, b = #sparsity.nm<2:4>
// CHECK-SAME: c = #sparsity.nm<1:8, axis = 0>, d = #sparsity.nm<16:16>
func.func private @nm() attributes {
  a = #sparsity.nm<2:4>, b = #sparsity.nm<2:4, axis = 1>,
  c = #sparsity.nm<1:8, axis = 0>, d = #sparsity.nm<16:16>}

// CHECK-LABEL: func private @block
// CHECK-SAME: a = #sparsity.block<[16, 16]>
// CHECK-SAME: b = #sparsity.block<[4, 1], zeros = 7.500000e-01>
// CHECK-SAME: c = #sparsity.block<[1, 1], zeros = 1.000000e+00>
func.func private @block() attributes {
  a = #sparsity.block<[16, 16]>, b = #sparsity.block<[4, 1], zeros = 0.75>,
  c = #sparsity.block<[1, 1], zeros = 1>}

// CHECK-LABEL: func private @unstructured
// CHECK-SAME: a = #sparsity.unstructured, b = #sparsity.unstructured<8.000000e-01>
// CHECK-SAME: c = #sparsity.unstructured<0.000000e+00>
func.func private @unstructured() attributes {
  a = #sparsity.unstructured, b = #sparsity.unstructured<0.8>,
  c = #sparsity.unstructured<0>}

// CHECK-LABEL: func private @request
// CHECK-SAME: a = #sparsity.request<#sparsity.nm<2:4>, importance = "magnitude">
// CHECK-SAME: b = #sparsity.request<#sparsity.block<[16, 16]>, importance = "magnitude", target_sparsity = 7.500000e-01
// CHECK-SAME: c = #sparsity.request<#sparsity.unstructured, mask = "masks.safetensors">
func.func private @request() attributes {
  a = #sparsity.request<#sparsity.nm<2:4>, importance = "magnitude">,
  b = #sparsity.request<#sparsity.block<[16, 16]>, importance = "magnitude",
                        target_sparsity = 0.75>,
  c = #sparsity.request<#sparsity.unstructured, mask = "masks.safetensors">}

// CHECK-LABEL: func private @formats
// CHECK-SAME: a = #sparsity.dense_format<panel = 64>
// CHECK-SAME: b = #sparsity.nm_format<2:4>
// CHECK-SAME: c = #sparsity.bsr_format<[16, 16]>
// CHECK-SAME: d = #sparsity.stream_format
func.func private @formats() attributes {
  a = #sparsity.dense_format<panel = 64>, b = #sparsity.nm_format<2:4>,
  c = #sparsity.bsr_format<[16, 16]>, d = #sparsity.stream_format}

// CHECK-LABEL: func private @kernel
// CHECK-SAME: a = #sparsity.kernel<#sparsity.nm_format<2:4>, tile = [5, 4]>
func.func private @kernel() attributes {
  a = #sparsity.kernel<#sparsity.nm_format<2:4>, tile = [5, 4]>}

// CHECK-LABEL: func private @arguments
// CHECK-SAME: sparsity.pattern = #sparsity.nm<2:4>
// CHECK-SAME: sparsity.parameter = @fc1.weight
// CHECK-SAME: sparsity.buffer = 1 : i64, sparsity.parameter = @fc1.weight
func.func private @arguments(
  tensor<8x4xf32> {sparsity.pattern = #sparsity.nm<2:4>},
  tensor<8x4xf32> {sparsity.parameter = @fc1.weight},
  tensor<32xi8> {sparsity.parameter = @fc1.weight, sparsity.buffer = 1})

// Names and signs that a program's interface has.
// CHECK: func.func private @boundary(tensor<4xi8> {sparsity.name = "ids", sparsity.unsigned})
// CHECK-SAME: -> (tensor<4xi8> {sparsity.name = "y", sparsity.unsigned})
func.func private @boundary(tensor<4xi8> {sparsity.name = "ids", sparsity.unsigned})
    -> (tensor<4xi8> {sparsity.name = "y", sparsity.unsigned})

// What calibration adds up.
// CHECK: func.func private @statistics(memref<4x4xf32> {sparsity.statistic = #sparsity.statistic<"gram",
// CHECK-SAME: [<"w", tensor<8x4xf32>, axis = 1, hash = "xxh64:1">, <"v", tensor<4x2xf32>, axis = 0, hash = "xxh64:2">]>})
// CHECK-SAME: attributes {a = #sparsity.observed<"w", tensor<8x4xf32>, axis = 1, hash = "xxh64:1">}
func.func private @statistics(memref<4x4xf32> {sparsity.statistic = #sparsity.statistic<"gram",
    [#sparsity.observed<"w", tensor<8x4xf32>, axis = 1, hash = "xxh64:1">, <"v", tensor<4x2xf32>, axis = 0, hash = "xxh64:2">]>})
    attributes {a = #sparsity.observed<"w", tensor<8x4xf32>, axis = 1, hash = "xxh64:1">}
