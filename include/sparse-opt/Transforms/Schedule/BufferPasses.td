//===- BufferPasses.td - Schedule passes on buffers --------*- tablegen -*-===//
//
// The passes of the Schedule family after bufferization: loops, vectors, memory
// and what the runtime is told. Included by Passes.td.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_TRANSFORMS_SCHEDULE_BUFFERPASSES
#define SPARSE_OPT_TRANSFORMS_SCHEDULE_BUFFERPASSES

include "mlir/Pass/PassBase.td"

def ApproximateMathPass
    : Pass<"sparsity-approximate-math", "::mlir::func::FuncOp"> {
  let summary = "expand vector exp, erf, tanh and their kin to polynomials";
  let description = [{
    Polynomial approximations in f32 of exp and erf (our own) and, upstream's,
    of the functions where their relative error is at most 5e-7 for all finite
    numbers: expm1, erfc, tanh, log, log2, log1p, asin and acos. Others, and
    f64, are left to the C library.

    ```mlir
    func.func @exp(%x: vector<8xf32>) -> vector<8xf32> {
      %a = math.exp %x : vector<8xf32>
      return %a : vector<8xf32>
    }
    ```
    becomes a power of 2 times a polynomial.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::vector::VectorDialect"];
}

def CopiesToGenericsPass
    : Pass<"sparsity-copies-to-generics", "::mlir::func::FuncOp"> {
  let summary = "turn memref.copy into linalg.generic";
  let description = [{
    So that copies are vectorised and parallel as other ops are; LLVM's lowering
    of a strided one would call a library that programs do not have.

    ```mlir
    func.func @f(%x: memref<4x?xf32, strided<[?, 1]>>, %y: memref<4x?xf32>) {
      memref.copy %x, %y : memref<4x?xf32, strided<[?, 1]>> to memref<4x?xf32>
      return
    }
    ```
    becomes a `linalg.generic` with parallel loops.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

def DivideByScalarsPass
    : Pass<"sparsity-divide-by-scalars", "::mlir::func::FuncOp"> {
  let summary = "divide f32 vectors by one number through its reciprocal";
  let description = [{
    Correctly rounded as the division is, for all divisors; off by one unit at
    most where the dividend or the quotient is near or below 2^-126. For
    machines with fused multiply-add.

    ```mlir
    // sparse-opt --sparsity-select-formats=target=znver4 --sparsity-divide-by-scalars
    func.func @f(%x: vector<8xf32>, %s: f32) -> vector<8xf32> {
      %v = vector.broadcast %s : f32 to vector<8xf32>
      %y = arith.divf %x, %v : vector<8xf32>
      return %y : vector<8xf32>
    }
    ```
    becomes one division of scalars, two products and two `math.fma`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::vector::VectorDialect"];
}

def ExpandReshapesPass
    : Pass<"sparsity-expand-reshapes", "::mlir::func::FuncOp"> {
  let summary = "turn memref.expand_shape into memref.reinterpret_cast";
  let description = [{
    Upstream's expand-strided-metadata has no form for a group with several
    dynamic extents; `output_shape` gives them all.

    ```mlir
    func.func @f(%m: memref<?x6xf32>, %n: index) -> memref<?x2x3xf32> {
      %r = memref.expand_shape %m [[0], [1, 2]] output_shape [%n, 2, 3]
          : memref<?x6xf32> into memref<?x2x3xf32>
      return %r : memref<?x2x3xf32>
    }
    ```
    becomes a `memref.reinterpret_cast` to sizes [%n, 2, 3].
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect",
                           "::mlir::arith::ArithDialect"];
}

def ExpandFloatsPass
    : Pass<"sparsity-expand-floats", "::mlir::func::FuncOp"> {
  let summary = "expand clampf, expm1 and conversions to bf16";
  let description = [{
    `math.clampf` becomes comparisons, `math.expm1` exp and log without loss of
    digits.
    Conversions round to nearest even, once, as the instructions do; those from
    f64 and bf16 `math.fma` go through f32. Machines that have instructions
    between f32 and bf16 use them (which take subnormal numbers for 0).

    ```mlir
    func.func @widen(%x: vector<8xbf16>) -> vector<8xf32> {
      %w = arith.extf %x : vector<8xbf16> to vector<8xf32>
      return %w : vector<8xf32>
    }
    // becomes
    func.func @widen(%x: vector<8xbf16>) -> vector<8xf32> {
      %sixteen = arith.constant dense<16> : vector<8xi32>
      %0 = arith.bitcast %x : vector<8xbf16> to vector<8xi16>
      %1 = arith.extui %0 : vector<8xi16> to vector<8xi32>
      %2 = arith.shli %1, %sixteen : vector<8xi32>
      %w = arith.bitcast %2 : vector<8xi32> to vector<8xf32>
      return %w : vector<8xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::vector::VectorDialect"];
}

def StoreBFloatsAsBitsPass
    : Pass<"sparsity-store-bfloats-as-bits", "::mlir::LLVM::LLVMFuncOp"> {
  let summary = "hold bf16 numbers as i16 in the LLVM dialect";
  let description = [{
    For what sparsity-expand-floats leaves: loads, stores, constants and
    choices. Functions for machines with bf16 are left alone.

    ```mlir
    llvm.func @move(%from: !llvm.ptr, %to: !llvm.ptr) {
      %v = llvm.load %from : !llvm.ptr -> vector<4xbf16>
      llvm.store %v, %to : vector<4xbf16>, !llvm.ptr
      llvm.return
    }
    // becomes
    llvm.func @move(%from: !llvm.ptr, %to: !llvm.ptr) {
      %v = llvm.load %from : !llvm.ptr -> vector<4xi16>
      llvm.store %v, %to : vector<4xi16>, !llvm.ptr
      llvm.return
    }
    ```
  }];
}

def TimeOperationsPass
    : Pass<"sparsity-time-operations", "::mlir::ModuleOp"> {
  let summary = "tell the runtime when each operation of a program is done";
  let description = [{
    After every loop nest, product and copy at the top level of a public
    function comes a call of `sparse_opt_operation_done` with its number, its
    floating-point operations and the bytes that it touches (0 = unknown); the
    module's attribute `sparsity.operations` has a row for each: `op`,
    `location`, and for products `parameter` and the `ranking` of formats.

    ```mlir
    func.func @main(%x: memref<4xf32>, %y: memref<4xf32>) {
      memref.copy %x, %y : memref<4xf32> to memref<4xf32>
      return
    }
    ```
    becomes the copy and a call with number 0, whose row has `op = "copy"`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect"];
}

def VectorizeGenericsPass
    : Pass<"sparsity-vectorize-generics", "::mlir::func::FuncOp"> {
  let summary = "lower linalg.generic on memrefs to parallel vector loops";
  let description = [{
    One dimension of each op becomes a vector loop with a masked remainder: the
    one along which results, or the inputs of a sum, are contiguous. The other
    parallel dimensions become one `scf.parallel`. Scalar parts of a body that
    do not depend on the vector dimension stay scalar. What has no vector form
    (gathers along the vector dimension, integer division by a vector, several
    results of a reduction) becomes scalar loops, and is counted.

    ```mlir
    #id = affine_map<(d0) -> (d0)>
    func.func @add(%x: memref<8xf32>, %y: memref<8xf32>) {
      linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
          ins(%x : memref<8xf32>) outs(%y : memref<8xf32>) {
      ^bb0(%a: f32, %b: f32):
        %s = arith.addf %a, %b : f32
        linalg.yield %s : f32
      }
      return
    }
    // becomes
    func.func @add(%x: memref<8xf32>, %y: memref<8xf32>) {
      %c8 = arith.constant 8 : index
      %c0 = arith.constant 0 : index
      %c4 = arith.constant 4 : index
      scf.for %i = %c0 to %c8 step %c4 {
        %a = vector.load %x[%i] : memref<8xf32>, vector<4xf32>
        %b = vector.load %y[%i] : memref<8xf32>, vector<4xf32>
        %s = arith.addf %a, %b : vector<4xf32>
        vector.store %s, %y[%i] : memref<8xf32>, vector<4xf32>
      }
      return
    }
    ```
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect",
                           "::mlir::vector::VectorDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::memref::MemRefDialect"];
  let statistics = [
    Statistic<"numVector", "vector", "ops lowered to vector loops">,
    Statistic<"numScalar", "scalar", "ops lowered to scalar loops">
  ];
}

def ChunkParallelLoopsPass
    : Pass<"sparsity-chunk-parallel-loops", "::mlir::ModuleOp"> {
  let summary = "give each thread one contiguous part of a parallel loop";
  let description = [{
    Every outermost `scf.parallel` becomes a parallel loop over as many chunks
    as there are threads (`omp_get_max_threads`), with a sequential loop over
    the chunk's iterations inside. Inner parallel loops become sequential.

    ```mlir
    func.func @clear(%x: memref<?xf32>, %n: index) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %z = arith.constant 0.0 : f32
      scf.parallel (%i) = (%c0) to (%n) step (%c1) {
        memref.store %z, %x[%i] : memref<?xf32>
      }
      return
    }
    ```
    becomes a parallel loop over threads, each with a sequential one over its
    part.
  }];
  let dependentDialects = ["::mlir::scf::SCFDialect",
                           "::mlir::affine::AffineDialect",
                           "::mlir::func::FuncDialect"];
}

def PlanArenaPass : Pass<"sparsity-plan-arena", "::mlir::ModuleOp"> {
  let summary = "place all temporary buffers in one arena";
  let description = [{
    Buffers whose lifetimes do not overlap share a slot; sizes may be dynamic.
    The arena is one allocation per call, of a size computed at entry. Every
    chunk of a parallel loop over chunks has its own part of it, and private
    functions get theirs from their callers as a last argument. Buffers that the
    function returns, and those of sizes that are known too late, stay
    allocations of their own.

    ```mlir
    func.func @f(%x: memref<16xf32>, %y: memref<16xf32>) {
      %a = memref.alloc() : memref<16xf32>
      memref.copy %x, %a : memref<16xf32> to memref<16xf32>
      memref.copy %a, %y : memref<16xf32> to memref<16xf32>
      return
    }
    // becomes
    func.func @f(%x: memref<16xf32>, %y: memref<16xf32>) {
      %c0 = arith.constant 0 : index
      %c64 = arith.constant 64 : index
      %arena = memref.alloc(%c64) {alignment = 64 : i64} : memref<?xi8>
      %a = memref.view %arena[%c0][] : memref<?xi8> to memref<16xf32>
      memref.copy %x, %a : memref<16xf32> to memref<16xf32>
      memref.copy %a, %y : memref<16xf32> to memref<16xf32>
      memref.dealloc %arena : memref<?xi8>
      return
    }
    ```
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect",
                           "::mlir::arith::ArithDialect"];
  let statistics = [
    Statistic<"numPlaced", "placed", "buffers placed in the arena">,
    Statistic<"numSlots", "slots", "slots of the arena">
  ];
}

#endif // SPARSE_OPT_TRANSFORMS_SCHEDULE_BUFFERPASSES
