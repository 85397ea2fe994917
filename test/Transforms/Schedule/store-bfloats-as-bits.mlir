// RUN: sparse-opt %s --sparsity-store-bfloats-as-bits | FileCheck %s
// RUN: sparse-opt %s --sparsity-select-formats='target=znver4' --sparsity-store-bfloats-as-bits | FileCheck %s --check-prefix=NATIVE
// Numbers that are only moved, chosen and stored are integers, constants by
// their bits; not where the machine has bf16.

// CHECK-LABEL: llvm.func @move(%{{.*}}: !llvm.ptr, %{{.*}}: i1) -> i16
// CHECK:         llvm.mlir.constant(dense<16256> : vector<4xi16>) : vector<4xi16>
// CHECK:         llvm.mlir.constant(-16384 : i16) : i16
// CHECK:         llvm.load %{{.*}} : !llvm.ptr -> vector<4xi16>
// CHECK-NOT:     bf16
// NATIVE-LABEL: llvm.func @move(
// NATIVE:         dense<1.000000e+00> : vector<4xbf16>
llvm.func @move(%p: !llvm.ptr, %c: i1) -> bf16 {
  %ones = llvm.mlir.constant(dense<1.0> : vector<4xbf16>) : vector<4xbf16>
  %two = llvm.mlir.constant(-2.0 : bf16) : bf16
  %v = llvm.load %p : !llvm.ptr -> vector<4xbf16>
  %s = llvm.select %c, %v, %ones : i1, vector<4xbf16>
  llvm.store %s, %p : vector<4xbf16>, !llvm.ptr
  llvm.br ^end(%two : bf16)
^end(%r: bf16):
  llvm.return %r : bf16
}
