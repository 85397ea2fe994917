// RUN: rm -rf %t && mkdir %t
// RUN: %python %S/Inputs/weights.py %t/w.safetensors
// RUN: sparse-compile %s --weights=%t/w.safetensors -o %t/model.so --report=%t/report.json
// RUN: ls -A %t | FileCheck %s --check-prefix=FILES
// RUN: FileCheck %s --check-prefix=HEADER --input-file=%t/model.h
// RUN: %python -m json.tool %t/report.json
// RUN: readelf -d %t/model.so | FileCheck %s --check-prefix=NEEDED --implicit-check-not=libomp
// RUN: nm -D --defined-only %t/model.so | FileCheck %s --check-prefix=EXPORTS
// RUN: %cc %sanitizers -I %source_dir/include -I %t %S/Inputs/call.c -o %t/call \
// RUN:   -L %build_dir/lib -lsparse_opt_runtime -Wl,-rpath,%build_dir/lib
// RUN: %t/call %t/model.so | FileCheck %s --check-prefix=CALL

// Compiles a program to a library, a header and weights; a C program calls it.

// FILES: model.h
// FILES-NEXT: model.so
// FILES-NEXT: model.weights
// FILES-NEXT: report.json
// FILES-NEXT: w.safetensors
// FILES-NOT: {{.}}

// HEADER: input 0 'x': f32 [?, 3]
// HEADER: result 0 'result0': f32 [?, 2]
// HEADER: #define MODEL_MAIN 0
// HEADER: #define MODEL_MAIN_INPUTS 1
// HEADER: void {{.*}}(void **args);

// NEEDED-DAG: NEEDED{{.*}}[libsparse_opt_runtime.so]
// NEEDED-DAG: SONAME{{.*}}[sparse_opt_program.so]
// NEEDED-NOT: {{RPATH|RUNPATH}}

// EXPORTS-COUNT-2: {{ [TRD] }}
// EXPORTS-NOT: {{ [TRDBW] }}

// CALL: 9 12

func.func @main(%x: tensor<?x3xf32> {sparsity.name = "x"}) -> tensor<?x2xf32> {
  %w = arith.constant dense_resource<fc.weight> : tensor<3x2xf32>
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x3xf32>
  %empty = tensor.empty(%n) : tensor<?x2xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x2xf32>)
      -> tensor<?x2xf32>
  %y = linalg.matmul ins(%x, %w : tensor<?x3xf32>, tensor<3x2xf32>)
      outs(%init : tensor<?x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
