// RUN: sparse-opt %s --convert-sparsity-to-linalg \
// RUN:   | mlir-opt --one-shot-bufferize=bufferize-function-boundaries \
// RUN:       --convert-linalg-to-loops --convert-scf-to-cf --lower-affine \
// RUN:       --expand-strided-metadata --lower-affine --convert-arith-to-llvm \
// RUN:       --finalize-memref-to-llvm --convert-func-to-llvm \
// RUN:       --convert-cf-to-llvm --reconcile-unrealized-casts \
// RUN:   | mlir-runner -e main --entry-point-result=void \
// RUN:       --shared-libs=%llvm_lib_dir/libmlir_runner_utils.so,%llvm_lib_dir/libmlir_c_runner_utils.so \
// RUN:   | FileCheck %s

// A product cut into tiles: the second tile starts at packed row 2 and is
// ragged. A packed value crosses a function call as what it stands for.

!w = !sparsity.packed<3x2xf32, #sparsity.stream_format>

sparsity.parameter @w : !w = [dense<[0, 1, 2, 4]> : tensor<4xi32>,
    dense<[0, 1, 0, 1]> : tensor<4xi16>,
    dense<[1.0, 10.0, 100.0, 1000.0]> : tensor<4xf32>]

func.func private @printMemrefF32(tensor<*xf32>)

func.func @tile(%x: tensor<2x2xf32>, %w: !w, %at: index, %y: tensor<2x3xf32>,
                %size: index) -> tensor<2x3xf32> {
  %e = tensor.extract_slice %y[0, %at] [2, %size] [1, 1]
      : tensor<2x3xf32> to tensor<2x?xf32>
  %t = sparsity.matmul ins(%x, %w : tensor<2x2xf32>, !w) at(%at)
           outs(%e : tensor<2x?xf32>) -> tensor<2x?xf32>
  %r = tensor.insert_slice %t into %y[0, %at] [2, %size] [1, 1]
      : tensor<2x?xf32> into tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

func.func @main() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %x = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %w = sparsity.load @w : !w
  %e = tensor.empty() : tensor<2x3xf32>
  %0 = call @tile(%x, %w, %c0, %e, %c2)
      : (tensor<2x2xf32>, !w, index, tensor<2x3xf32>, index) -> tensor<2x3xf32>
  %1 = call @tile(%x, %w, %c2, %0, %c1)
      : (tensor<2x2xf32>, !w, index, tensor<2x3xf32>, index) -> tensor<2x3xf32>
  %u = tensor.cast %1 : tensor<2x3xf32> to tensor<*xf32>
  // CHECK: [1, 20, 2100]
  // CHECK-NEXT: [3, 40, 4300]
  call @printMemrefF32(%u) : (tensor<*xf32>) -> ()
  return
}
