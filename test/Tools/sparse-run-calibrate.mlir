// RUN: rm -rf %t && mkdir %t
// RUN: %python -c "import numpy as np; [np.save(f'%t/{n}.npy', np.full((n, 2), n, 'f4')) for n in (1, 2)]"
// RUN: sparse-run %s --calibrate=%t/p.safetensors --statistics=gram,zeros --input=%t/1.npy --input=%t/2.npy
// RUN: %python %S/Inputs/print_profile.py %t/p.safetensors | FileCheck %s --check-prefix=GRAM
// RUN: sparse-compile %s --statistics=squares --observe='f*' -o %t/m.so
// RUN: sparse-run %t/m.so --calibrate=%t/q.safetensors --input=%t/2.npy
// RUN: %python %S/Inputs/print_profile.py %t/q.safetensors | FileCheck %s --check-prefix=SQUARES
// RUN: sparse-run %s --calibrate=%t/r.safetensors --random-inputs=3x2xf32
// RUN: %python %S/Inputs/print_profile.py %t/r.safetensors | FileCheck %s --check-prefix=DEFAULT

// Two calls: one row of ones, two rows of twos.
// GRAM: rows of fc.weight: [3]
// GRAM-NEXT: gram of fc.weight: {{\[\[}}9.0, 9.0], [9.0, 9.0]]
// GRAM-NEXT: zeros of fc.weight: [0.0, 0.0]
// SQUARES: rows of fc.weight: [2]
// SQUARES-NEXT: squares of fc.weight: [8.0, 8.0]
// DEFAULT: rows of fc.weight: [3]
// DEFAULT-NEXT: squares of fc.weight

// RUN: not sparse-run %s --calibrate=%t/no --check --input=%t/1.npy 2>&1 | FileCheck %s --check-prefix=CHECKED
// CHECKED: sparse-run: error: expected --calibrate without --check, --output, --profile and --time, got one of them
// RUN: not sparse-run %s --statistics=gram --input=%t/1.npy 2>&1 | FileCheck %s --check-prefix=ALONE
// RUN: not sparse-run %s --observe=f --input=%t/1.npy 2>&1 | FileCheck %s --check-prefix=ALONE
// ALONE: sparse-run: error: --observe and --statistics need --calibrate, got none
// RUN: not sparse-run %s --calibrate=%t/no 2>&1 | FileCheck %s --check-prefix=DYNAMIC
// DYNAMIC: sparse-run: error: expected --input or --random-inputs: input 'arg0' has dynamic extents
// RUN: not sparse-run %t/m.so --calibrate=%t/no --statistics=gram --input=%t/1.npy 2>&1 | FileCheck %s --check-prefix=COMPILED
// COMPILED: sparse-run: error: --check, --recipe, --statistics and --weights need MLIR text, got the compiled program
// RUN: not sparse-run %s --calibrate=%t/1.npy --input=%t/1.npy 2>&1 | FileCheck %s --check-prefix=CLASH
// CLASH: sparse-run: error: expected different files to read and to write
// RUN: not sparse-run %s --calibrate=%t/none/p --input=%t/1.npy 2>&1 | FileCheck %s --check-prefix=FOLDER
// FOLDER: sparse-run: error: {{.*}}/none: cannot open
// RUN: not ls %t/no

func.func @main(%x: tensor<?x2xf32>) -> tensor<?x3xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense_resource<fc.weight> : tensor<2x3xf32>
  %rows = tensor.dim %x, %c0 : tensor<?x2xf32>
  %e = tensor.empty(%rows) : tensor<?x3xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x3xf32>) -> tensor<?x3xf32>
  %y = linalg.matmul ins(%x, %w : tensor<?x2xf32>, tensor<2x3xf32>) outs(%f : tensor<?x3xf32>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

{-#
  dialect_resources: {
    builtin: {
      fc.weight: "0x040000000000803F0000803F0000803F0000803F0000803F0000803F"
    }
  }
#-}
