// RUN: sparse-opt %s --sparsity-approximate-math | FileCheck %s
// Vector functions become polynomials.

// CHECK-LABEL: @vector
// CHECK-NOT:     math.exp
// CHECK-NOT:     math.erf
// CHECK-NOT:     math.tanh
// CHECK:         math.fma
func.func @vector(%x: vector<8xf32>) -> vector<8xf32> {
  %a = math.exp %x : vector<8xf32>
  %b = math.erf %a : vector<8xf32>
  %c = math.tanh %b : vector<8xf32>
  return %c : vector<8xf32>
}

// Half precision is computed in f32.
// CHECK-LABEL: @half
// CHECK:         arith.extf %{{.*}} : vector<8xf16> to vector<8xf32>
// CHECK-NOT:     math.exp
// CHECK:         arith.truncf %{{.*}} : vector<8xf32> to vector<8xf16>
func.func @half(%x: vector<8xf16>) -> vector<8xf16> {
  %a = math.exp %x : vector<8xf16>
  return %a : vector<8xf16>
}

// There are no polynomials for f64, and none are needed for roots.
// CHECK-LABEL: @left_alone
// CHECK:         math.exp
// CHECK:         math.sqrt
func.func @left_alone(%x: vector<8xf64>, %y: vector<8xf32>)
    -> (vector<8xf64>, vector<8xf32>) {
  %a = math.exp %x : vector<8xf64>
  %b = math.sqrt %y : vector<8xf32>
  return %a, %b : vector<8xf64>, vector<8xf32>
}

// Their polynomials lose digits.
// CHECK-LABEL: @inaccurate
// CHECK:         math.sin
// CHECK:         math.cos
// CHECK:         math.atan
// CHECK:         math.cbrt
func.func @inaccurate(%x: vector<8xf32>) -> vector<8xf32> {
  %a = math.sin %x : vector<8xf32>
  %b = math.cos %a : vector<8xf32>
  %c = math.atan %b : vector<8xf32>
  %d = math.cbrt %c : vector<8xf32>
  return %d : vector<8xf32>
}

// Subnormal numbers are scaled: 2^32.
// CHECK-LABEL: @logarithm
// CHECK-SAME:    (%[[X:.*]]: vector<8xf32>)
// CHECK:         %[[SMALL:.*]] = arith.cmpf olt, %[[X]]
// CHECK:         %[[LARGER:.*]] = arith.mulf %[[X]]
// CHECK:         arith.select %[[SMALL]], %[[LARGER]], %[[X]]
// CHECK-NOT:     math.log
func.func @logarithm(%x: vector<8xf32>) -> vector<8xf32> {
  %a = math.log %x : vector<8xf32>
  return %a : vector<8xf32>
}
