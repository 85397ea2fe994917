//===- Passes.td - The Schedule family ----------------------*- tablegen -*-===//
//
// Schedule stage: in which order, by whom and in which memory the dense rest of
// a program is computed. Storage formats are not known here.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_TRANSFORMS_SCHEDULE_PASSES
#define SPARSE_OPT_TRANSFORMS_SCHEDULE_PASSES

include "mlir/Pass/PassBase.td"

def RaiseReshapesPass
    : Pass<"sparsity-raise-reshapes", "::mlir::func::FuncOp"> {
  let summary = "turn tensor.reshape into expand_shape and collapse_shape";
  let description = [{
    Frontends write a reshape with dynamic extents as `tensor.reshape` with a
    shape operand, which no fusion sees through. Where trailing static extents
    factor, the reshape becomes an expansion or a collapse that does.

    ```mlir
    %r = tensor.reshape %x(%s) : (tensor<?x384xf32>, tensor<4xi64>)
        -> tensor<?x?x12x32xf32>
    // becomes
    %r = tensor.expand_shape %x [[0, 1], [2, 3]] output_shape [%b, %t, 12, 32]
        : tensor<?x384xf32> into tensor<?x?x12x32xf32>
    ```
  }];
  let dependentDialects = ["::mlir::tensor::TensorDialect",
                           "::mlir::arith::ArithDialect"];
}

def CheckExtentsPass
    : Pass<"sparsity-check-extents", "::mlir::func::FuncOp"> {
  let summary = "check at entry that arguments used together agree in extent";
  let description = [{
    Ops on tensors take equal extents for granted. Where those of an op come from
    dynamic extents of different arguments, or from one of an argument and a
    constant, a `cf.assert` at the function's entry compares them.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::cf::ControlFlowDialect",
                           "::mlir::tensor::TensorDialect"];
}

def HoistAssertsPass : Pass<"sparsity-hoist-asserts", "::mlir::func::FuncOp"> {
  let summary = "check data-dependent indices apart from the code that uses them";
  let description = [{
    A `cf.assert` inside a `linalg.generic` keeps the op alive and its checks are
    repeated wherever fusion copies the body. This moves the checks of each op
    into an op of their own over the dimensions that the checked values have, so
    that the computation is free of side effects. The same check is made once.
    A body without assertions gets one for each index of `tensor.extract` that is
    computed from elements of tensors.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::cf::ControlFlowDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def FoldUnitDimsPass : Pass<"sparsity-fold-unit-dims", "::mlir::func::FuncOp"> {
  let summary = "drop dimensions of extent 1 from generics";
  let description = [{
    Upstream's patterns, kept away from ops that read through windows
    (convolutions, pooling), whose extents they infer wrongly in LLVM 22.1.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::affine::AffineDialect"];
}

def InitsToInputsPass
    : Pass<"sparsity-inits-to-inputs", "::mlir::func::FuncOp"> {
  let summary = "let parallel generics read their initial values as inputs";
  let description = [{
    A parallel `linalg.generic` on tensors whose body reads `outs` gets that
    tensor as an input and an empty tensor as `outs`. It can then be fused.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

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

def TileAndFusePass
    : Pass<"sparsity-tile-and-fuse", "::mlir::func::FuncOp"> {
  let summary = "compute softmax, norms and attention in one loop over rows";
  let description = [{
    Groups of generics and dense products on tensors that read each other's
    results row by row become one `scf.forall`. Nothing is computed twice and no
    sum changes its order.
  }];
  let statistics = [Statistic<"numGroups", "groups", "loops made">];
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
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

#endif // SPARSE_OPT_TRANSFORMS_SCHEDULE_PASSES
