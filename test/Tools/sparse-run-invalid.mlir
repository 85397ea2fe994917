// RUN: not sparse-run %s 2>&1 | FileCheck %s --check-prefix=DYNAMIC
// RUN: not sparse-run %s --random-inputs=2x2xf31 2>&1 | FileCheck %s --check-prefix=TYPE
// RUN: not sparse-run %s --random-inputs=4x3xf32 2>&1 | FileCheck %s --check-prefix=SHAPE
// RUN: not sparse-run %s --random-inputs=4x2xf64 2>&1 | FileCheck %s --check-prefix=DTYPE
// RUN: not sparse-run %s --input=%t.none.npy 2>&1 | FileCheck %s --check-prefix=FILE
// RUN: not sparse-run %s --function=nope 2>&1 | FileCheck %s --check-prefix=FUNCTION
// RUN: not sparse-run %s --random-inputs=1x2xf32 --output=%t/none/y.npy 2>&1 \
// RUN:   | FileCheck %s --check-prefix=OUTPUT
// RUN: not sparse-run %s --random-inputs=1x2xf32 --output=a --output=b 2>&1 \
// RUN:   | FileCheck %s --check-prefix=COUNT
// RUN: cp %s %t.mlir
// RUN: not sparse-run %t.mlir --random-inputs=1x2xf32 --output=%t.mlir 2>&1 \
// RUN:   | FileCheck %s --check-prefix=CLASH
// RUN: cmp %s %t.mlir
// RUN: not sparse-run %t.none.so --output=%t.none.weights 2>&1 | FileCheck %s --check-prefix=CLASH
// RUN: not sparse-run %s --output=%t.y --output=%t.y 2>&1 | FileCheck %s --check-prefix=CLASH
// RUN: not sparse-run %t.none.so --check 2>&1 | FileCheck %s --check-prefix=ORACLE
// RUN: not sparse-run - --check < %s 2>&1 | FileCheck %s --check-prefix=STDIN
// RUN: not sparse-run %t.none.so 2>&1 | FileCheck %s --check-prefix=LOAD

// Errors of sparse-run: one line, exit code 1.

// DYNAMIC: sparse-run: error: expected --input or --random-inputs: input '{{.*}}' has dynamic extents
// TYPE: sparse-run: error: expected a type like 2x17xi64 or 3xf32, got '2x2xf31'
// SHAPE: sparse-run: error: expected shape [?, 2] for input '{{.*}}', got [4, 3]
// DTYPE: sparse-run: error: expected element type f32 for input '{{.*}}', got f64
// FILE: sparse-run: error: {{.*}}none.npy
// FUNCTION: sparse-run: error: expected one of the functions main, got 'nope'
// OUTPUT: sparse-run: error: {{.*}}none
// COUNT: sparse-run: error: expected at most 1 --output, got 2
// CLASH: sparse-run: error: expected different files to read and to write, got '{{.*}}' twice
// ORACLE: sparse-run: error: --check, --recipe, --statistics and --weights need MLIR text, got the compiled program '{{.*}}.none.so'
// STDIN: sparse-run: error: --check reads the program twice: expected a file, got '-'
// LOAD: sparse-run: error: cannot open '{{.*}}.none.so': No such file or directory

func.func @main(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %z = linalg.add ins(%x, %x : tensor<?x2xf32>, tensor<?x2xf32>)
      outs(%x : tensor<?x2xf32>) -> tensor<?x2xf32>
  return %z : tensor<?x2xf32>
}
