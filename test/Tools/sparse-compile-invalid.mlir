// RUN: rm -rf %t && mkdir %t && echo old > %t/m.so
// RUN: not sparse-compile %s -o %t/m.so 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: not sparse-compile %t/none.mlir -o %t/m.so 2>&1 | FileCheck %s --check-prefix=INPUT
// RUN: %python %S/Inputs/weights.py %t/w.safetensors
// RUN: not sparse-compile %s --weights=%t/none -o %t/m.so 2>&1 | FileCheck %s --check-prefix=WEIGHTS
// RUN: head -c 60 %t/w.safetensors > %t/cut.safetensors
// RUN: not sparse-compile %s --weights=%t/cut.safetensors -o %t/m.so 2>&1 \
// RUN:   | FileCheck %s --check-prefix=CUT
// RUN: not sparse-compile %s --weights=%t/w.safetensors -o %t/m.so --target=znver55 2>&1 \
// RUN:   | FileCheck %s --check-prefix=TARGET
// RUN: not sparse-compile %s --weights=%t/w.safetensors -o %t/m.so --target= 2>&1 \
// RUN:   | FileCheck %s --check-prefix=NOTARGET
// RUN: not sparse-compile %s --weights=%t/w.safetensors -o %t/m.so --recipe=%t/none.yaml 2>&1 \
// RUN:   | FileCheck %s --check-prefix=RECIPE
// RUN: not sparse-compile %s --weights=%t/w.safetensors -o %t/m.so --report=%t/none/r.json 2>&1 \
// RUN:   | FileCheck %s --check-prefix=REPORT
// RUN: not sparse-compile %s --weights=%t/w.safetensors -o %t/none/m.so 2>&1 \
// RUN:   | FileCheck %s --check-prefix=OUTPUT
// RUN: bash -c "ulimit -f 4; ! sparse-compile %s --weights=%t/w.safetensors -o %t/m.so" 2>&1 \
// RUN:   | FileCheck %s --check-prefix=LARGE
// RUN: not sparse-compile %s -o %t/model 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: cat %t/m.so | FileCheck %s --check-prefix=OLD
// RUN: ls -A %t | FileCheck %s --check-prefix=FILES

// Errors of sparse-compile: exit code 1, and outputs stay as they were.

// MISSING: sparse-compile-invalid.mlir:[[# @LINE + 23]]:{{[0-9]+}}: error: expected a weight for the resource 'fc.weight', got no weights: give a safetensors file that has them (--weights, or `weights` in Python)
// INPUT: error: {{.*}}none.mlir
// WEIGHTS: error: {{.*}}none
// CUT: error: {{.*}}cut.safetensors
// TARGET: error: {{.*}}znver55
// NOTARGET: error: expected 'host', {{.*}}, got ''{{$}}
// RECIPE: none.yaml:1:1: error: expected a readable recipe: No such file or directory
// REPORT: error: {{.*}}none: cannot open: No such file or directory
// OUTPUT: error: {{.*}}none
// NAME: sparse-compile: error: expected an output whose name ends with '.so', got '{{.*}}/model'
// LARGE: error: {{.*}}File too large
// OLD: {{^old$}}
// FILES: cut.safetensors
// FILES-NEXT: m.so
// FILES-NEXT: w.safetensors
// FILES-NOT: {{.}}

func.func @main(%x: tensor<?x3xf32>) -> tensor<?x2xf32> {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x3xf32>
  %empty = tensor.empty(%n) : tensor<?x2xf32>

  %w = arith.constant dense_resource<fc.weight> : tensor<3x2xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x2xf32>)
      -> tensor<?x2xf32>
  %y = linalg.matmul ins(%x, %w : tensor<?x3xf32>, tensor<3x2xf32>)
      outs(%init : tensor<?x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
