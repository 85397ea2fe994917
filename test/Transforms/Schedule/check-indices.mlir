// RUN: sparse-opt %s --sparsity-check-indices --canonicalize | FileCheck %s
// What is taken from a tensor is inside of it.

// CHECK-LABEL: @elements
// CHECK-SAME:    (%[[X:.*]]: tensor<5xf32>, %[[I:.*]]: index, %{{.*}}: f32)
// CHECK:         %[[C5:.*]] = arith.constant 5 : index
// CHECK:         %[[READ:.*]] = arith.cmpi ult, %[[I]], %[[C5]]
// CHECK:         cf.assert %[[READ]], "expected an index inside of the tensor"
// CHECK:         tensor.extract %[[X]][%[[I]]]
// CHECK:         %[[WRITE:.*]] = arith.cmpi ult, %[[I]], %[[C5]]
// CHECK:         cf.assert %[[WRITE]], "expected an index inside of the tensor"
// CHECK:         tensor.insert
func.func @elements(%x: tensor<5xf32>, %i: index, %v: f32) -> (f32, tensor<5xf32>) {
  %a = tensor.extract %x[%i] : tensor<5xf32>
  %b = tensor.insert %v into %x[%i] : tensor<5xf32>
  return %a, %b : f32, tensor<5xf32>
}

// Four elements from %i, four for each second one: the last of them is inside.
// CHECK-LABEL: @slices
// CHECK-SAME:    (%[[X:.*]]: tensor<?xf32>, %[[I:.*]]: index)
// CHECK-DAG:     %[[C3:.*]] = arith.constant 3 : index
// CHECK-DAG:     %[[C6:.*]] = arith.constant 6 : index
// CHECK:         cf.assert
// CHECK:         %[[LAST:.*]] = arith.addi %[[I]], %[[C3]]
// CHECK:         %[[INSIDE:.*]] = arith.cmpi slt, %[[LAST]]
// CHECK:         cf.assert %[[INSIDE]], "expected a slice inside of the tensor"
// CHECK:         tensor.extract_slice
// CHECK:         %[[LAST2:.*]] = arith.addi %[[I]], %[[C6]]
// CHECK:         %[[INSIDE2:.*]] = arith.cmpi slt, %[[LAST2]]
// CHECK:         cf.assert %[[INSIDE2]], "expected a slice inside of the tensor"
// CHECK:         tensor.insert_slice
func.func @slices(%x: tensor<?xf32>, %i: index) -> tensor<?xf32> {
  %a = tensor.extract_slice %x[%i] [4] [1] : tensor<?xf32> to tensor<4xf32>
  %b = tensor.insert_slice %a into %x[%i] [4] [2] : tensor<4xf32> into tensor<?xf32>
  return %b : tensor<?xf32>
}

// What types say needs no check.
// CHECK-LABEL: @static
// CHECK-NOT:     cf.assert
func.func @static(%x: tensor<5xf32>) -> (tensor<3xf32>, f32) {
  %c4 = arith.constant 4 : index
  %a = tensor.extract_slice %x[0] [3] [2] : tensor<5xf32> to tensor<3xf32>
  %b = tensor.extract %x[%c4] : tensor<5xf32>
  return %a, %b : tensor<3xf32>, f32
}

// In a body: the index that is an element, not the loop's.
// CHECK-LABEL: @gather
// CHECK:         linalg.generic
// CHECK-COUNT-1:   cf.assert
// CHECK-NOT:       cf.assert
// CHECK:           tensor.extract
func.func @gather(%t: tensor<?x8xf32>, %ids: tensor<?xindex>, %e: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %r = linalg.generic {
      indexing_maps = [affine_map<(d0, d1) -> (d0)>, affine_map<(d0, d1) -> (d0, d1)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<?xindex>) outs(%e : tensor<?x8xf32>) {
  ^bb0(%id: index, %out: f32):
    %j = linalg.index 1 : index
    %v = tensor.extract %t[%id, %j] : tensor<?x8xf32>
    linalg.yield %v : f32
  } -> tensor<?x8xf32>
  return %r : tensor<?x8xf32>
}
