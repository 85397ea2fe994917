//===- Passes.td - Passes of the pattern stage -------------*- tablegen -*-===//
//
// Lift, detect, annotate, prune. Their files have the same names.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_TRANSFORMS_PRUNE_PASSES
#define SPARSE_OPT_TRANSFORMS_PRUNE_PASSES

include "mlir/Pass/PassBase.td"

def LiftParametersPass : Pass<"sparsity-lift-parameters", "::mlir::ModuleOp"> {
  let summary = "weights become parameters under their own names";
  let description = [{
    Each tensor constant of rank 1 or more that is a `dense_resource` becomes a
    private `sparsity.parameter` at the start of the module, named after the
    resource, and a `sparsity.load` where it was. Equal resources of one type
    become one parameter, so tied weights stay tied. The blob may be absent.

    Inline constants with at least `min-elements` elements are lifted as well,
    as `constant.0`, `constant.1`, and so on, unless all elements are equal.
    Booleans, scalars and constants inside nested modules stay.

    A parameter whose name is taken gets another symbol and keeps its name as
    `origin`.

    ```mlir
    func.func @f() -> tensor<4x4xf32> {
      %w = arith.constant dense_resource<fc1.weight> : tensor<4x4xf32>
      return %w : tensor<4x4xf32>
    }
    // becomes
    sparsity.parameter "private" @fc1.weight : tensor<4x4xf32>
        = dense_resource<fc1.weight> : tensor<4x4xf32>
    func.func @f() -> tensor<4x4xf32> {
      %w = sparsity.load @fc1.weight : tensor<4x4xf32>
      return %w : tensor<4x4xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::sparsity::SparsityDialect"];
  let options = [
    Option<"minElements", "min-elements", "int64_t", "64",
           "inline constants with fewer elements stay">,
  ];
  let statistics = [
    Statistic<"numParameters", "parameters", "parameters made">,
    Statistic<"numLoads", "loads", "constants replaced by loads">,
  ];
}

#endif // SPARSE_OPT_TRANSFORMS_PRUNE_PASSES
