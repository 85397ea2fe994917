// RUN: mlir-opt %s --sparsifier=enable-runtime-library=false \
// RUN:   | mlir-runner -e main --entry-point-result=void \
// RUN:       --shared-libs=%llvm_lib_dir/libmlir_runner_utils.so,%llvm_lib_dir/libmlir_c_runner_utils.so \
// RUN:   | FileCheck %s

// What upstream does with a column past the end of a row: it is believed. Here
// the dense operand has room behind, so nothing crashes and 1 * 7 is added. So
// the conversion hands over arrays that it has checked itself.

// CHECK: [7]

#CSR = #sparse_tensor.encoding<{map = (i, j) -> (i : dense, j : compressed)}>

func.func private @printMemrefF32(tensor<*xf32>)

func.func @main() {
  %pos = arith.constant dense<[0, 1]> : tensor<2xindex>
  %crd = arith.constant dense<[3]> : tensor<1xindex>
  %val = arith.constant dense<[1.0]> : tensor<1xf32>
  %w = sparse_tensor.assemble (%pos, %crd), %val
      : (tensor<2xindex>, tensor<1xindex>), tensor<1xf32>
      to tensor<1x3xf32, #CSR>
  %all = arith.constant dense<[1.0, 2.0, 3.0, 7.0]> : tensor<4xf32>
  %x = tensor.extract_slice %all[0] [3] [1] : tensor<4xf32> to tensor<3xf32>
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<1xf32>) -> tensor<1xf32>
  %y = linalg.matvec ins(%w, %x : tensor<1x3xf32, #CSR>, tensor<3xf32>)
                     outs(%f : tensor<1xf32>) -> tensor<1xf32>
  %u = tensor.cast %y : tensor<1xf32> to tensor<*xf32>
  call @printMemrefF32(%u) : (tensor<*xf32>) -> ()
  return
}
