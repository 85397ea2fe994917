//===- Passes.td - The Instrument family --------------------*- tablegen -*-===//
//
// Pattern stage: what criteria of pruning need to know of a program's data is
// collected by the program itself.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_TRANSFORMS_INSTRUMENT_PASSES
#define SPARSE_OPT_TRANSFORMS_INSTRUMENT_PASSES

include "mlir/Pass/PassBase.td"

def InstrumentPass : Pass<"sparsity-instrument", "::mlir::ModuleOp"> {
  let summary = "make a program collect statistics of its products' inputs";
  let description = [{
    Every public function that multiplies values with parameters gets a memref
    for each statistic of each of these values and adds to it what a call sees:
    the number of rows, and the kinds that `statistics` names (see
    `#sparsity.statistic`). Parameters that are multiplied with the same values
    share them; a parameter that is used several times has the sum of all.
    The caller owns the memrefs, so calls add up, and what is held is what the
    statistics take: `parameters`, a glob on names, says whose are collected.

    Unless `keep-results` is given the functions return nothing, and what only
    the results needed goes away with the next canonicalization.

    Runs after `--sparsity-raise-products`. Products of integers and of batches
    of parameters are left out, with a remark. The values of parameters must be
    in the program: their hashes tie the statistics to them.

    ```mlir
    sparsity.parameter @w : tensor<2x4xf32> = dense<1.0> : tensor<2x4xf32>
    func.func @f(%x: tensor<?x4xf32>, %e: tensor<?x2xf32>) -> tensor<?x2xf32> {
      %w = sparsity.load @w : tensor<2x4xf32>
      %y = sparsity.matmul ins(%x, %w : tensor<?x4xf32>, tensor<2x4xf32>)
          outs(%e : tensor<?x2xf32>) transpose_rhs -> tensor<?x2xf32>
      return %y : tensor<?x2xf32>
    }
    ```
    takes `%rows: memref<1xi64>` and `%squares: memref<4xf64>` as well, reads
    them with `bufferization.to_tensor` and writes the sums back with
    `bufferization.materialize_in_destination`.
  }];
  let options = [
    ListOption<"kinds", "statistics", "std::string",
               "what to collect: gram, magnitudes, squares, zeros (squares)">,
    Option<"parameters", "parameters", "std::string", "\"*\"",
           "glob on the names of parameters">,
    Option<"keepResults", "keep-results", "bool", "false",
           "return what the functions returned">
  ];
  let statistics = [
    Statistic<"numObserved", "observed", "values that are observed">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::bufferization::BufferizationDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::sparsity::SparsityDialect",
    "::mlir::tensor::TensorDialect"];
}

#endif // SPARSE_OPT_TRANSFORMS_INSTRUMENT_PASSES
