// RUN: sparse-opt %s --sparsity-expand-bfloats | FileCheck %s
// RUN: sparse-opt %s --sparsity-select-formats='target=znver4' --sparsity-expand-bfloats | FileCheck %s --check-prefix=NATIVE
// Conversions to and from bf16 become integer arithmetic, unless the machine
// has instructions for them.

// CHECK-LABEL: @convert
// CHECK-NOT:     arith.extf
// CHECK-NOT:     arith.truncf
// CHECK:         arith.shli
// CHECK:         arith.bitcast %{{.*}} : vector<8xi16> to vector<8xbf16>
// NATIVE-LABEL: @convert
// NATIVE:        arith.extf
// NATIVE:        arith.truncf
func.func @convert(%x: vector<8xbf16>) -> vector<8xbf16> {
  %w = arith.extf %x : vector<8xbf16> to vector<8xf32>
  %s = arith.addf %w, %w : vector<8xf32>
  %r = arith.truncf %s : vector<8xf32> to vector<8xbf16>
  return %r : vector<8xbf16>
}

// Other types are left alone.
// CHECK-LABEL: @half
// CHECK:         arith.extf
func.func @half(%x: f16) -> f32 {
  %w = arith.extf %x : f16 to f32
  return %w : f32
}
