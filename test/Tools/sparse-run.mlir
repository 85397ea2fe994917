// RUN: sparse-run %s --random-inputs=5x3xf32,5x3xf32 --check --time=3 --threads=2 \
// RUN:   | FileCheck %s
// RUN: sparse-run %s --function=fixed --check | FileCheck %s --check-prefix=FIXED
// RUN: sparse-run %s --random-inputs=5x3xf32,5x3xf32 --profile | FileCheck %s --check-prefix=PROFILE
// RUN: rm -rf %t && mkdir %t
// RUN: %python -c "import numpy as np; np.save('%t/x.npy', np.full((2, 2), 3, 'f4'))"
// RUN: sparse-run %s --input=%t/x.npy --input=%t/x.npy --output=%t/y.npy
// RUN: %python -c "import numpy as np; print(np.load('%t/y.npy').tolist())" \
// RUN:   | FileCheck %s --check-prefix=OUTPUT
// RUN: sparse-run --help | FileCheck %s --check-prefix=HELP

// Runs functions of MLIR text, compares with the oracle, times, writes results.

// CHECK: result 0: max abs error 0, max rel error 0
// CHECK-NEXT: best {{[0-9.]+}} ms, median {{[0-9.]+}} ms of 3 runs
// PROFILE: measured: the fastest of 1 runs
// PROFILE: operation {{ *}}predicted us {{ *}}measured us
// PROFILE-NEXT: parallel loop {{.*}}sparse-run.mlir:[[#@LINE+10]]:8
// FIXED: result 0: max abs error 0, max rel error 0
// OUTPUT: {{\[\[}}6.0, 6.0], [6.0, 6.0]]

// HELP: sparse-run options
// HELP: --check
// HELP: --random-inputs
// HELP-NOT: {{--x86|--debug|--asan}}

func.func @main(%x: tensor<?x?xf32>, %y: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %z = linalg.add ins(%x, %y : tensor<?x?xf32>, tensor<?x?xf32>)
      outs(%x : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %z : tensor<?x?xf32>
}

func.func @fixed(%x: tensor<4x4xi64>, %f: tensor<4x4xi1>) -> tensor<4x4xi64> {
  %empty = tensor.empty() : tensor<4x4xi64>
  %two = linalg.add ins(%x, %x : tensor<4x4xi64>, tensor<4x4xi64>)
      outs(%empty : tensor<4x4xi64>) -> tensor<4x4xi64>
  %z = linalg.select ins(%f, %x, %two : tensor<4x4xi1>, tensor<4x4xi64>,
      tensor<4x4xi64>) outs(%empty : tensor<4x4xi64>) -> tensor<4x4xi64>
  return %z : tensor<4x4xi64>
}
