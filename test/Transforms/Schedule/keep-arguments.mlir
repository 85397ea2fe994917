// RUN: sparse-opt %s --sparsity-keep-arguments | FileCheck %s
// RUN: sparse-opt %s --sparsity-keep-arguments --one-shot-bufferize=bufferize-function-boundaries | FileCheck %s --check-prefix=BUFFERS
// The arguments of public functions are never written.

// CHECK-LABEL: @insert
// CHECK-SAME:    %{{.*}}: tensor<4xf32> {bufferization.writable = false}, %{{.*}}: f32)
// BUFFERS-LABEL: @insert
// BUFFERS-SAME:    (%[[X:.*]]: memref<4xf32
// BUFFERS:         %[[COPY:.*]] = memref.alloc
// BUFFERS:         memref.copy %[[X]], %[[COPY]]
// BUFFERS:         memref.store %{{.*}}, %[[COPY]]
func.func @insert(%x: tensor<4xf32>, %v: f32) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %r = tensor.insert %v into %x[%c0] : tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: @helper
// CHECK-NOT:     writable
func.func private @helper(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
