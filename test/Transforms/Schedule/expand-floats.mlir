// RUN: sparse-opt %s --sparsity-expand-floats | FileCheck %s
// RUN: sparse-opt %s --sparsity-select-formats='target=znver4' --sparsity-expand-floats | FileCheck %s --check-prefix=NATIVE
// Conversions to and from bf16 become integer arithmetic, unless the machine
// has instructions for them; clamping becomes comparisons.

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

// Once rounded: the f32 in between is the neighbour with an odd last bit.
// CHECK-LABEL: @double
// CHECK:         arith.truncf %{{.*}} : f64 to f32
// CHECK:         arith.subi
// CHECK:         arith.addi
// CHECK-NOT:     arith.truncf
// NATIVE-LABEL: @double
// NATIVE:        arith.truncf %{{.*}} : f64 to f32
// NATIVE:        arith.truncf %{{.*}} : f32 to bf16
// NATIVE:        arith.extf %{{.*}} : bf16 to f32
// NATIVE:        arith.extf %{{.*}} : f32 to f64
func.func @double(%x: f64) -> (bf16, f64) {
  %n = arith.truncf %x : f64 to bf16
  %w = arith.extf %n : bf16 to f64
  return %n, %w : bf16, f64
}

// CHECK-LABEL: @fma
// CHECK:         math.fma %{{.*}} : vector<4xf32>
func.func @fma(%x: vector<4xbf16>) -> vector<4xbf16> {
  %r = math.fma %x, %x, %x : vector<4xbf16>
  return %r : vector<4xbf16>
}

// Small numbers keep their digits: x where exp(x) is 1.
// CHECK-LABEL: @expm1
// CHECK-SAME:    (%[[X:.*]]: f64)
// CHECK:         %[[ONE:.*]] = arith.constant 1.000000e+00 : f64
// CHECK:         %[[U:.*]] = math.exp %[[X]]
// CHECK:         math.log %[[U]]
// CHECK:         %[[ISONE:.*]] = arith.cmpf oeq, %[[U]], %[[ONE]]
// CHECK:         arith.select %[[ISONE]], %[[X]]
func.func @expm1(%x: f64) -> f64 {
  %r = math.expm1 %x : f64
  return %r : f64
}

// CHECK-LABEL: @clamp
// CHECK-SAME:    (%[[X:.*]]: f32, %[[LOW:.*]]: f32, %[[HIGH:.*]]: f32)
// CHECK:         %[[RAISED:.*]] = arith.maximumf %[[X]], %[[LOW]]
// CHECK:         arith.minimumf %[[RAISED]], %[[HIGH]]
// NATIVE-LABEL: @clamp
// NATIVE:        arith.maximumf
func.func @clamp(%x: f32, %low: f32, %high: f32) -> f32 {
  %r = math.clampf %x to [%low, %high] : f32
  return %r : f32
}
