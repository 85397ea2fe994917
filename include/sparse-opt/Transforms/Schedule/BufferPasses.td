//===- BufferPasses.td - Schedule passes on buffers --------*- tablegen -*-===//
//
// The passes of the Schedule family after bufferization: loops, vectors, memory
// and what the runtime is told. Included by Passes.td.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_TRANSFORMS_SCHEDULE_BUFFERPASSES
#define SPARSE_OPT_TRANSFORMS_SCHEDULE_BUFFERPASSES

include "mlir/Pass/PassBase.td"

def OwnResultsPass : Pass<"sparsity-own-results", "::mlir::func::FuncOp"> {
  let summary = "make every returned buffer an allocation of its own";
  let description = [{
    A caller frees what a function returns. Results that alias an argument,
    another result or a part of a larger buffer are copied.
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
}

def ApproximateMathPass
    : Pass<"sparsity-approximate-math", "::mlir::func::FuncOp"> {
  let summary = "expand vector exp, erf, tanh and their kin to polynomials";
  let description = [{
    Upstream's polynomial approximations in f32 (relative error at most 5e-7);
    left alone are scalars of other types, which call the C library.
  }];
  let dependentDialects = ["::mlir::vector::VectorDialect",
                           "::mlir::math::MathDialect"];
}

def ExpandReshapesPass
    : Pass<"sparsity-expand-reshapes", "::mlir::func::FuncOp"> {
  let summary = "turn memref.expand_shape into memref.reinterpret_cast";
  let description = [{
    Upstream's expand-strided-metadata has no form for a group with several
    dynamic extents; `output_shape` gives them all.
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect",
                           "::mlir::arith::ArithDialect"];
}

def ExpandBFloatsPass
    : Pass<"sparsity-expand-bfloats", "::mlir::func::FuncOp"> {
  let summary = "convert between f32 and bf16 by integer arithmetic";
  let description = [{
    Rounds to nearest even, as the instructions do. Functions for machines that
    have the instructions are left alone.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::vector::VectorDialect"];
}

def StoreBFloatsAsBitsPass
    : Pass<"sparsity-store-bfloats-as-bits", "::mlir::LLVM::LLVMFuncOp"> {
  let summary = "hold bf16 numbers as i16 in the LLVM dialect";
  let description = [{
    For what sparsity-expand-bfloats leaves: loads, stores, constants and
    choices. Functions for machines with bf16 are left alone.
  }];
}

def TimeOperationsPass
    : Pass<"sparsity-time-operations", "::mlir::ModuleOp"> {
  let summary = "tell the runtime when each operation of a program is done";
  let description = [{
    After every loop nest, product and copy at the top level of a public
    function comes a call of `sparse_opt_operation_done` with its number; the
    module's attribute `sparsity.operations` has a row for each: `op`,
    `location`, and `weight` for the product of one.
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
  }];
  let dependentDialects = ["::mlir::scf::SCFDialect",
                           "::mlir::affine::AffineDialect",
                           "::mlir::func::FuncDialect"];
}

def PlanArenaPass : Pass<"sparsity-plan-arena", "::mlir::func::FuncOp"> {
  let summary = "place all temporary buffers in one arena";
  let description = [{
    Buffers whose lifetimes do not overlap share a slot; sizes may be dynamic.
    The arena is one allocation per call, of a size computed at entry. Buffers
    that the function returns stay allocations of their own.
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect",
                           "::mlir::arith::ArithDialect"];
  let statistics = [
    Statistic<"numPlaced", "placed", "buffers placed in the arena">,
    Statistic<"numSlots", "slots", "slots of the arena">
  ];
}

def ReportAssertsPass
    : Pass<"sparsity-report-asserts", "::mlir::ModuleOp"> {
  let summary = "turn cf.assert into an error that the caller sees";
  let description = [{
    A failed assertion calls `sparse_opt_report_error` with its message and the
    program goes on; indices of loads and stores that depend on data are
    clamped, so going on never leaves a buffer (that is not empty). The runtime
    drops the results and returns the error.
  }];
  let dependentDialects = ["::mlir::scf::SCFDialect",
                           "::mlir::LLVM::LLVMDialect"];
}

#endif // SPARSE_OPT_TRANSFORMS_SCHEDULE_BUFFERPASSES
