// DEFINE: %{layout} = csr
// DEFINE: %{run} = sparse-opt %s --convert-sparsity-to-sparse-tensor=layout=%{layout} --convert-sparsity-to-linalg | mlir-opt --sparsifier=enable-runtime-library=false | mlir-runner -e main --entry-point-result=void --shared-libs=%llvm_lib_dir/libmlir_runner_utils.so,%llvm_lib_dir/libmlir_c_runner_utils.so | FileCheck %s

// RUN: %{run}
// REDEFINE: %{layout} = csc
// RUN: %{run}
// REDEFINE: %{layout} = coo
// RUN: %{run}

// Upstream's own pipeline takes what the conversion makes. That is safe only in
// a module without loops, as here; see the next test for the general way:
// sparse-tensor-beside-dense.mlir.

!stream = !sparsity.packed<3x4xf32, #sparsity.stream_format>
!bsr = !sparsity.packed<3x5xf32, #sparsity.bsr_format<[2, 2]>>

sparsity.parameter @stream : !stream = [dense<[0, 1, 1, 3]> : tensor<4xi32>,
    dense<[1, 0, 3]> : tensor<3xi16>,
    dense<[1.0, 10.0, 100.0]> : tensor<3xf32>]
sparsity.parameter @bsr : !bsr = [dense<[0, 1, 2]> : tensor<3xi32>,
    dense<[1, 2]> : tensor<2xi32>,
    dense<[1.0, 2.0, 3.0, 4.0, 5.0, 0.0, 0.0, 0.0]> : tensor<8xf32>]

func.func private @printMemrefF32(tensor<*xf32>)

func.func @main() {
  %e = tensor.empty() : tensor<2x3xf32>

  // CHECK: [2, 0, 410]
  // CHECK-NEXT: [6, 0, 850]
  %x = arith.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]>
      : tensor<2x4xf32>
  %w = sparsity.load @stream : !stream
  %0 = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, !stream)
           outs(%e : tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = tensor.cast %0 : tensor<2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%1) : (tensor<*xf32>) -> ()

  // CHECK: [15, 22, 25]
  // CHECK-NEXT: [1500, 2200, 2500]
  %v = arith.constant dense<[[1.0, 2.0, 3.0, 4.0, 5.0],
                             [100.0, 200.0, 300.0, 400.0, 500.0]]>
      : tensor<2x5xf32>
  %b = sparsity.load @bsr : !bsr
  %2 = sparsity.matmul ins(%v, %b : tensor<2x5xf32>, !bsr)
           outs(%e : tensor<2x3xf32>) -> tensor<2x3xf32>
  %3 = tensor.cast %2 : tensor<2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%3) : (tensor<*xf32>) -> ()
  return
}
