// RUN: mlir-opt %s --sparsifier=enable-runtime-library=false \
// RUN:   | mlir-runner -e main --entry-point-result=void \
// RUN:       --shared-libs=%llvm_lib_dir/libmlir_runner_utils.so,%llvm_lib_dir/libmlir_c_runner_utils.so \
// RUN:   | FileCheck %s

// What upstream does with a matrix that breaks its n:m claim: the surplus of a
// group is stored and never read. Each row of ones sums to 8, and upstream says
// 4. So the conversion hands over arrays that it has checked itself.

// CHECK: [4,  4]

#NM = #sparse_tensor.encoding<{
  map = (i, j) -> (i : dense, j floordiv 4 : dense, j mod 4 : structured[2, 4])
}>

func.func private @printMemrefF32(tensor<*xf32>)

func.func private @row_sums(%w: tensor<2x8xf32, #NM>, %x: tensor<8xf32>)
    -> tensor<2xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  %y = linalg.matvec ins(%w, %x : tensor<2x8xf32, #NM>, tensor<8xf32>)
                     outs(%f : tensor<2xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

func.func @main() {
  %ones = arith.constant dense<1.0> : tensor<2x8xf32>
  %x = arith.constant dense<1.0> : tensor<8xf32>
  %w = sparse_tensor.convert %ones : tensor<2x8xf32> to tensor<2x8xf32, #NM>
  %y = call @row_sums(%w, %x)
      : (tensor<2x8xf32, #NM>, tensor<8xf32>) -> tensor<2xf32>
  %u = tensor.cast %y : tensor<2xf32> to tensor<*xf32>
  call @printMemrefF32(%u) : (tensor<*xf32>) -> ()
  return
}
