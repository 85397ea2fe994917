// RUN: sparse-opt %s --sparsity-check-divisions | FileCheck %s
// Divisors that would trap are found, and replaced.

// CHECK-LABEL: @unsigned
// CHECK-SAME:    (%[[A:.*]]: i32, %[[B:.*]]: i32)
// CHECK:         %[[TRAPS:.*]] = arith.cmpi eq, %[[B]], %c0_i32
// CHECK:         %[[OK:.*]] = arith.xori %[[TRAPS]], %true
// CHECK:         cf.assert %[[OK]], "expected a divisor other than 0 and a quotient that fits its type"
// CHECK:         %[[SAFE:.*]] = arith.select %[[TRAPS]], %c1_i32, %[[B]]
// CHECK:         arith.remui %[[A]], %[[SAFE]]
func.func @unsigned(%a: i32, %b: i32) -> i32 {
  %r = arith.remui %a, %b : i32
  return %r : i32
}

// The lowest number by -1.
// CHECK-LABEL: @signed
// CHECK-SAME:    (%[[A:.*]]: i8, %[[B:.*]]: i8)
// CHECK-DAG:     arith.cmpi eq, %[[B]], %c0_i8
// CHECK-DAG:     arith.cmpi eq, %[[A]], %c-128_i8
// CHECK-DAG:     arith.cmpi eq, %[[B]], %c-1_i8
// CHECK:         cf.assert
// CHECK:         arith.divsi
func.func @signed(%a: i8, %b: i8) -> i8 {
  %r = arith.divsi %a, %b : i8
  return %r : i8
}

// CHECK-LABEL: @harmless
// CHECK-NOT:     cf.assert
func.func @harmless(%a: index) -> index {
  %c3 = arith.constant 3 : index
  %r = arith.floordivsi %a, %c3 : index
  return %r : index
}

// CHECK-LABEL: @minus_one
// CHECK:         cf.assert
func.func @minus_one(%a: i64) -> i64 {
  %m = arith.constant -1 : i64
  %r = arith.divsi %a, %m : i64
  return %r : i64
}

// Every lane counts.
// CHECK-LABEL: @lanes
// CHECK-SAME:    %{{.*}}: vector<2x2xi32>, %[[B:.*]]: vector<2x2xi32>
// CHECK:         arith.cmpi eq, %[[B]]
// CHECK:         %[[FLAT:.*]] = vector.shape_cast %{{.*}} : vector<2x2xi1> to vector<4xi1>
// CHECK:         %[[ALL:.*]] = vector.reduction <and>, %[[FLAT]]
// CHECK:         cf.assert %[[ALL]]
// CHECK:         arith.remui
func.func @lanes(%a: vector<2x2xi32>, %b: vector<2x2xi32>) -> vector<2x2xi32> {
  %r = arith.remui %a, %b : vector<2x2xi32>
  return %r : vector<2x2xi32>
}

// CHECK-LABEL: @indices
// CHECK:         cf.assert
// CHECK:         index.divs
// CHECK:         cf.assert
// CHECK:         index.remu
func.func @indices(%a: index, %b: index) -> (index, index) {
  %q = index.divs %a, %b
  %r = index.remu %a, %b
  return %q, %r : index, index
}
