// RUN: sparse-opt %s --sparsity-select-formats='target=znver4' --sparsity-divide-by-scalars | FileCheck %s
// RUN: sparse-opt %s --sparsity-select-formats='target=x86-64' --sparsity-divide-by-scalars | FileCheck %s --check-prefix=PLAIN

// CHECK-LABEL: @by_scalar
// CHECK-SAME:    (%[[X:.*]]: vector<8xf32>, %[[S:.*]]: f32)
// CHECK:         %[[SIZE:.*]] = math.absf %[[S]]
// CHECK:         arith.cmpf olt, %[[SIZE]]
// CHECK:         arith.cmpf ogt, %[[SIZE]]
// CHECK:         arith.select
// CHECK:         %[[SCALE:.*]] = arith.select
// CHECK:         %[[S2:.*]] = arith.mulf %[[S]], %[[SCALE]] : f32
// CHECK:         %[[V:.*]] = vector.broadcast %[[S2]]
// CHECK:         %[[SCALES:.*]] = vector.broadcast %[[SCALE]]
// CHECK:         %[[X2:.*]] = arith.mulf %[[X]], %[[SCALES]]
// CHECK:         %[[R:.*]] = arith.divf %{{.*}}, %[[S2]] : f32
// CHECK:         %[[RV:.*]] = vector.broadcast %[[R]]
// CHECK:         %[[Q:.*]] = arith.mulf %[[X2]], %[[RV]]
// CHECK:         %[[MINUS:.*]] = arith.negf %[[Q]]
// CHECK:         %[[REST:.*]] = math.fma %[[MINUS]], %[[V]], %[[X2]]
// CHECK:         %[[Y:.*]] = math.fma %[[REST]], %[[RV]], %[[Q]]
// CHECK:         %[[OK:.*]] = arith.cmpf ord, %[[Y]], %[[Y]]
// CHECK:         %[[SIGNED:.*]] = math.copysign %[[Y]], %[[Q]]
// CHECK:         arith.select %[[OK]], %[[SIGNED]], %[[Q]]
// PLAIN-LABEL: @by_scalar
// PLAIN:         arith.divf %{{.*}} : vector<8xf32>
func.func @by_scalar(%x: vector<8xf32>, %s: f32) -> vector<8xf32> {
  %v = vector.broadcast %s : f32 to vector<8xf32>
  %y = arith.divf %x, %v : vector<8xf32>
  return %y : vector<8xf32>
}

// Constants of usual size need no scale.
// CHECK-LABEL: @by_constant
// CHECK-NOT:     arith.divf
// CHECK-NOT:     math.absf
// CHECK:         math.fma
func.func @by_constant(%x: vector<8xf32>) -> vector<8xf32> {
  %v = arith.constant dense<3.0> : vector<8xf32>
  %y = arith.divf %x, %v : vector<8xf32>
  return %y : vector<8xf32>
}

// Divisors that differ, other types and scalars stay.
// CHECK-LABEL: @others
// CHECK-COUNT-3: arith.divf
func.func @others(%x: vector<8xf32>, %y: vector<8xf32>, %h: vector<8xf64>, %a: f32, %b: f32) -> (vector<8xf32>, vector<8xf64>, f32) {
  %v = arith.constant dense<3.0> : vector<8xf64>
  %p = arith.divf %x, %y : vector<8xf32>
  %q = arith.divf %h, %v : vector<8xf64>
  %r = arith.divf %a, %b : f32
  return %p, %q, %r : vector<8xf32>, vector<8xf64>, f32
}
