// RUN: sparse-opt %s --sparsity-report-asserts --split-input-file | FileCheck %s
// Failed assertions call the runtime; indices from data are clamped.

// One global per message.
// CHECK-DAG:   llvm.mlir.global private constant @[[A:.*]]("too large\00")
// CHECK-DAG:   llvm.mlir.global private constant @[[B:.*]]("negative\00")
// CHECK-NOT:   llvm.mlir.global
// CHECK:       llvm.func @sparse_opt_report_error(!llvm.ptr)
// CHECK-LABEL: @messages
// CHECK:         arith.xori
// CHECK:         scf.if
// CHECK:           %[[TEXT:.*]] = llvm.mlir.addressof @[[A]]
// CHECK:           llvm.call @sparse_opt_report_error(%[[TEXT]])
// CHECK:         llvm.mlir.addressof @[[B]]
// CHECK:         llvm.mlir.addressof @[[A]]
// CHECK-NOT:     cf.assert
func.func @messages(%p: i1, %q: i1, %r: i1) {
  cf.assert %p, "too large"
  cf.assert %q, "negative"
  cf.assert %r, "too large"
  return
}

// -----

// What was asserted before on every way is not asserted again.
// CHECK-LABEL: @repeated
// CHECK-SAME:    %[[A:[^:]+]]: index, %[[B:[^:]+]]: index, %[[P:[^:]+]]: i1
// CHECK:         scf.if %[[P]]
// CHECK:           arith.xori
// CHECK-NEXT:      scf.if
// CHECK:         }
// CHECK:         arith.cmpi eq, %[[A]], %[[B]]
// CHECK:         arith.xori
// CHECK-NEXT:    scf.if
// CHECK:         arith.cmpi eq, %[[B]], %[[A]]
// CHECK-NOT:     arith.xori
// CHECK:         arith.cmpi ne, %[[A]], %[[B]]
// CHECK:         arith.xori
// CHECK-NOT:     arith.xori
// CHECK:         return
func.func @repeated(%a: index, %b: index, %p: i1, %q: i1) {
  %same = arith.cmpi eq, %a, %b : index
  scf.if %p {
    cf.assert %same, "in a branch"
  }
  %again = arith.cmpi eq, %a, %b : index
  cf.assert %again, "after the branch"
  scf.if %q {
    cf.assert %again, "known in a branch"
  }
  %turned = arith.cmpi eq, %b, %a : index
  cf.assert %turned, "known"
  %other = arith.cmpi ne, %a, %b : index
  cf.assert %other, "the contrary"
  return
}

// -----

// CHECK-LABEL: @lookup
// CHECK-SAME:    %[[TABLE:.*]]: memref<?x8xf32>, %[[IDS:.*]]: memref<?xi64>
// CHECK:         %[[ID:.*]] = arith.index_cast
// CHECK:         %[[ROWS:.*]] = memref.dim %[[TABLE]]
// CHECK:         %[[LAST:.*]] = arith.subi %[[ROWS]]
// CHECK:         %[[LOW:.*]] = arith.minsi %[[ID]], %[[LAST]]
// CHECK:         %[[IN:.*]] = arith.maxsi %[[LOW]]
// CHECK:         memref.load %[[TABLE]][%[[IN]], %{{.*}}]
func.func @lookup(%table: memref<?x8xf32>, %ids: memref<?xi64>, %n: index) -> f32 {
  %c0 = arith.constant 0 : index
  %id = memref.load %ids[%c0] : memref<?xi64>
  %i = arith.index_cast %id : i64 to index
  %v = memref.load %table[%i, %c0] : memref<?x8xf32>
  return %v : f32
}

// -----

// Rows that are read and elements that are written, too.
// CHECK-LABEL: @rows
// CHECK:         %[[IN:.*]] = arith.maxsi
// CHECK:         vector.load %{{.*}}[%[[IN]], %{{.*}}]
// CHECK:         %[[IN2:.*]] = arith.maxsi
// CHECK:         vector.maskedload %{{.*}}[%[[IN2]], %{{.*}}]
// CHECK:         %[[IN3:.*]] = arith.maxsi
// CHECK:         memref.store %{{.*}}[%[[IN3]], %{{.*}}]
func.func @rows(%table: memref<?x8xf32>, %ids: memref<?xindex>, %m: vector<8xi1>)
    -> (vector<8xf32>, vector<8xf32>) {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  %zeros = arith.constant dense<0.0> : vector<8xf32>
  %i = memref.load %ids[%c0] : memref<?xindex>
  %a = vector.load %table[%i, %c0] : memref<?x8xf32>, vector<8xf32>
  %b = vector.maskedload %table[%i, %c0], %m, %zeros
      : memref<?x8xf32>, vector<8xi1>, vector<8xf32> into vector<8xf32>
  memref.store %z, %table[%i, %c0] : memref<?x8xf32>
  return %a, %b : vector<8xf32>, vector<8xf32>
}

// -----

// Data may come through a loop.
// CHECK-LABEL: @carried
// CHECK:         scf.for
// CHECK:           %[[IN:.*]] = arith.maxsi
// CHECK:           memref.load %{{.*}}[%[[IN]]]
func.func @carried(%next: memref<?xindex>, %n: index) -> index {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%at = %c0) -> index {
    %v = memref.load %next[%at] : memref<?xindex>
    scf.yield %v : index
  }
  return %r : index
}

// -----

// Indices of loops, constants and extents stay; so does a module without
// assertions.
// CHECK-NOT:   sparse_opt_report_error
// CHECK-LABEL: @loops_alone
// CHECK-NOT:     arith.maxsi
func.func @loops_alone(%x: memref<?xf32>, %y: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %back = arith.subi %n, %i : index
    %j = arith.subi %back, %c1 : index
    %v = memref.load %x[%j] : memref<?xf32>
    memref.store %v, %y[%i] : memref<?xf32>
  }
  return
}
