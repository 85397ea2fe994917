//===- Passes.td - The Schedule family ----------------------*- tablegen -*-===//
//
// Schedule stage: in which order, by whom and in which memory the dense rest of
// a program is computed. Storage formats are not known here. Passes on tensors
// are in this file, those on buffers and vectors in BufferPasses.td.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_TRANSFORMS_SCHEDULE_PASSES
#define SPARSE_OPT_TRANSFORMS_SCHEDULE_PASSES

include "mlir/Pass/PassBase.td"
include "sparse-opt/Transforms/Schedule/BufferPasses.td"

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

def HoistAssertsPass : Pass<"sparsity-hoist-asserts", "::mlir::func::FuncOp"> {
  let summary = "check data-dependent indices apart from the code that uses them";
  let description = [{
    A `cf.assert` inside a `linalg.generic` keeps the op alive and its checks are
    repeated wherever fusion copies the body. This moves the checks of each op
    into an op of their own over the dimensions that the checked values have, so
    that the computation is free of side effects. The same check is made once.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
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

#endif // SPARSE_OPT_TRANSFORMS_SCHEDULE_PASSES
