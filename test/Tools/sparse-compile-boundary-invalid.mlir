// RUN: rm -rf %t && split-file %s %t
// RUN: not sparse-compile %t/encoded.mlir -o %t/m.so 2>&1 | FileCheck %s --check-prefix=ENCODED
// RUN: not sparse-compile %t/scalar.mlir -o %t/m.so 2>&1 | FileCheck %s --check-prefix=SCALAR
// RUN: not sparse-compile %t/complex.mlir -o %t/m.so 2>&1 | FileCheck %s --check-prefix=COMPLEX
// RUN: not sparse-compile %t/vector.mlir -o %t/m.so 2>&1 | FileCheck %s --check-prefix=VECTOR
// RUN: not sparse-compile %t/strided.mlir -o %t/m.so 2>&1 | FileCheck %s --check-prefix=STRIDED
// RUN: not sparse-compile %t/memory.mlir -o %t/m.so 2>&1 | FileCheck %s --check-prefix=MEMORY
// RUN: not sparse-compile %t/result.mlir -o %t/m.so 2>&1 | FileCheck %s --check-prefix=RESULT
// RUN: not sparse-compile %t/name.mlir -o %t/m.so 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not sparse-compile %t/huge.mlir -o %t/m.so 2>&1 | FileCheck %s --check-prefix=HUGE
// RUN: not sparse-compile %t/splat.mlir -o %t/m.so 2>&1 | FileCheck %s --check-prefix=SPLAT
// RUN: not sparse-compile %t/pack.mlir -o %t/m.so 2>&1 | FileCheck %s --check-prefix=PACK
// RUN: not sparse-compile %t/packed.mlir -o %t/m.so 2>&1 | FileCheck %s --check-prefix=COMPUTED
// RUN: not sparse-compile %t/assembled.mlir -o %t/m.so 2>&1 | FileCheck %s --check-prefix=ASSEMBLED
// RUN: not sparse-compile %t/unpacked.mlir -o %t/m.so 2>&1 | FileCheck %s --check-prefix=UNPACKED
// RUN: not sparse-compile %t/read.mlir -o %t/m.so 2>&1 | FileCheck %s --check-prefix=READ
// RUN: not sparse-compile %t/float8.mlir -o %t/m.so 2>&1 | FileCheck %s --check-prefix=FLOAT8
// RUN: not sparse-compile %t/unsigned.mlir -o %t/m.so 2>&1 | FileCheck %s --check-prefix=UNSIGNED
// RUN: not sparse-compile %t/power.mlir -o %t/m.so 2>&1 | FileCheck %s --check-prefix=POWER
// RUN: not sparse-compile %t/private.mlir -o %t/m.so 2>&1 | FileCheck %s --check-prefix=PRIVATE
// RUN: not sparse-compile %t/pack.mlir -o %t/m.so --report %t/m.weights 2>&1 | FileCheck %s --check-prefix=CLASH
// RUN: not sparse-compile %t/pack.mlir -o %t/m.so --report %t/../%basename_t.tmp/pack.mlir 2>&1 | FileCheck %s --check-prefix=CLASH

// What programs take and return, and are.

// ENCODED: encoded.mlir:2:1: error: expected tensors without encoding at the boundary of a program, got 'tensor<4xf32, #sparse_tensor.encoding<{{.*}}>>'
// SCALAR: scalar.mlir:1:1: error: expected ranked tensors of numbers, or memrefs to update, at the boundary of a program, got 'f32'
// COMPLEX: complex.mlir:1:1: error: expected ranked tensors of numbers, or memrefs to update, at the boundary of a program, got 'tensor<4xcomplex<f32>>'
// VECTOR: vector.mlir:1:1: error: expected ranked tensors of numbers, or memrefs to update, at the boundary of a program, got 'vector<4xf32>'
// STRIDED: strided.mlir:1:1: error: expected row-major memrefs in plain memory at the boundary of a program, got 'memref<4xf32, strided<[2]>>'
// MEMORY: memory.mlir:1:1: error: expected row-major memrefs in plain memory at the boundary of a program, got 'memref<4xf32, 1>'
// RESULT: result.mlir:1:1: error: expected tensors as results of a program, got 'memref<4xf32>'
// NAME: name.mlir:1:1: error: expected a function name of letters, digits and '_', got 'a b'
// HUGE: huge.mlir:2:8: error: expected tensors that fit in memory, got 'tensor<1099511627776x1099511627776xf32>'
// SPLAT: splat.mlir:2:8: error: expected at most 268435456 equal elements in a constant, got 'tensor<65536x65536xf32>'
// PACK: pack.mlir:2:8: error: expected an op that sparse-opt compiles, got 'linalg.pack'; lower it to linalg first
// COMPUTED: packed.mlir:2:8: error: expected the pack of a parameter (sparsity.load), got that of a value the program computes
// ASSEMBLED: assembled.mlir:2:8: error: expected packed values from sparsity.load or sparsity.pack, got one from unchecked buffers
// UNPACKED: unpacked.mlir:4:8: error: expected packed values to be operands of sparsity.matmul, got an op that needs all elements
// READ: read.mlir:3:8: error: expected an op that sparse-opt compiles, got 'vector.transfer_read'; lower it to linalg first
// FLOAT8: float8.mlir:2:8: error: expected f64, f32, f16 or bf16, got 'tensor<4xf8E4M3FN>'
// UNSIGNED: unsigned.mlir:1:1: error: expected integers where 'sparsity.unsigned' stands, got 'tensor<4xf32>'
// POWER: power.mlir:2:8: error: expected an op that sparse-opt compiles, got 'math.ipowi'; lower it to linalg first
// PRIVATE: private.mlir:0:0: error: expected a public function to compile, found none
// CLASH: error: expected different files to read and to write, got '{{.*}}' twice

//--- encoded.mlir
#sparse = #sparse_tensor.encoding<{map = (i) -> (i : compressed)}>
func.func @main(%x: tensor<4xf32, #sparse>) -> tensor<4xf32, #sparse> {
  return %x : tensor<4xf32, #sparse>
}

//--- scalar.mlir
func.func @main(%x: f32) -> f32 {
  return %x : f32
}

//--- complex.mlir
func.func @main(%x: tensor<4xcomplex<f32>>) -> tensor<4xcomplex<f32>> {
  return %x : tensor<4xcomplex<f32>>
}

//--- vector.mlir
func.func @main(%x: vector<4xf32>) -> vector<4xf32> {
  return %x : vector<4xf32>
}

//--- strided.mlir
func.func @main(%x: memref<4xf32, strided<[2]>>) {
  return
}

//--- memory.mlir
func.func @main(%x: memref<4xf32, 1>) {
  return
}

//--- result.mlir
func.func @main(%x: memref<4xf32>) -> memref<4xf32> {
  return %x : memref<4xf32>
}

//--- name.mlir
func.func @"a b"(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

//--- huge.mlir
func.func @main() -> tensor<1099511627776x1099511627776xf32> {
  %x = tensor.empty() : tensor<1099511627776x1099511627776xf32>
  return %x : tensor<1099511627776x1099511627776xf32>
}

//--- splat.mlir
func.func @main() -> tensor<65536x65536xf32> {
  %x = arith.constant dense<1.0> : tensor<65536x65536xf32>
  return %x : tensor<65536x65536xf32>
}

//--- pack.mlir
func.func @main(%x: tensor<8x8xf32>, %y: tensor<2x2x4x4xf32>) -> tensor<2x2x4x4xf32> {
  %p = linalg.pack %x inner_dims_pos = [0, 1] inner_tiles = [4, 4] into %y : tensor<8x8xf32> -> tensor<2x2x4x4xf32>
  return %p : tensor<2x2x4x4xf32>
}

//--- float8.mlir
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf8E4M3FN>
  return %x : tensor<4xf32>
}

//--- private.mlir
func.func private @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

//--- unsigned.mlir
func.func @f(%x: tensor<4xf32> {sparsity.unsigned}) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

//--- power.mlir
func.func @f(%x: tensor<4xi32>) -> tensor<4xi32> {
  %y = math.ipowi %x, %x : tensor<4xi32>
  return %y : tensor<4xi32>
}

//--- packed.mlir
func.func @main(%x: tensor<4x4xf32>, %w: tensor<8x4xf32>, %e: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %p = sparsity.pack %w : tensor<8x4xf32> -> <8x4xf32, #sparsity.nm_format<2:4>>
  %y = sparsity.matmul ins(%x, %p : tensor<4x4xf32>, !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>)
      outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

//--- assembled.mlir
func.func @main(%x: tensor<4x4xf32>, %v: tensor<32xf32>, %c: tensor<2xi32>, %e: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %p = sparsity.assemble %v, %c : tensor<32xf32>, tensor<2xi32> -> !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
  %y = sparsity.matmul ins(%x, %p : tensor<4x4xf32>, !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>)
      outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

//--- unpacked.mlir
func.func @main() -> tensor<1x2xf32> {
  %w = arith.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %p = sparsity.pack %w : tensor<1x2xf32> -> <1x2xf32, #sparsity.stream_format>
  %y = sparsity.unpack %p : <1x2xf32, #sparsity.stream_format> -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

//--- read.mlir
func.func @main(%x: tensor<?xf32>, %at: index, %e: tensor<4xf32>) -> tensor<4xf32> {
  %zero = arith.constant 0.0 : f32
  %v = vector.transfer_read %x[%at], %zero : tensor<?xf32>, vector<4xf32>
  %y = vector.transfer_write %v, %e[%at] : vector<4xf32>, tensor<4xf32>
  return %y : tensor<4xf32>
}
