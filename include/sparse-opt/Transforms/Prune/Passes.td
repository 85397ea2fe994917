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
    Each tensor constant that is a `dense_resource` becomes a
    private `sparsity.parameter` at the start of the module, named after the
    resource, and a `sparsity.load` where it was. Equal resources of one type
    become one parameter, so tied weights stay tied. The blob may be absent.

    Inline constants with at least `min-elements` elements are lifted as well,
    as `constant.0`, `constant.1`, and so on, unless all elements are equal;
    those that a `sparsity.assume` or `sparsity.pack` stands on always are.
    Booleans, inline scalars and constants inside nested modules stay.

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

def DetectPatternsPass
    : Pass<"sparsity-detect-patterns", "::mlir::ModuleOp"> {
  let summary = "what is already zero in the weights, and whether promises hold";
  let description = [{
    Counts, for each parameter of rank 2 or more (higher ranks as dimension 0 by
    all others), its zeros, the overfull groups of each n:m candidate along both
    axes, and the zero blocks of each block candidate. The counts are exact and
    come as analysis remarks named after the candidate. -0.0 is a zero.

    The most useful fact becomes the parameter's `pattern`: of those that hold,
    the one that needs the least storage, unless the dense weight needs no more.

    A `pattern` that is already there, and each `sparsity.assume` on a load, is
    checked against the data: a violation is an error that names row and column.
    A promise about a parameter without a value is taken as it is.

    ```mlir
    sparsity.parameter @w : tensor<2x4xf32>
        = dense<[[1.0, 0.0, 0.0, 2.0], [0.0, 3.0, 4.0, 0.0]]> : tensor<2x4xf32>
    // becomes
    sparsity.parameter @w : tensor<2x4xf32>
        = dense<[[1.0, 0.0, 0.0, 2.0], [0.0, 3.0, 4.0, 0.0]]> : tensor<2x4xf32>
        {pattern = #sparsity.nm<2:4>}
    ```
  }];
  let dependentDialects = ["::mlir::sparsity::SparsityDialect"];
  let options = [
    Option<"nm", "nm", "std::string", "\"2:4,1:4,1:8,4:8\"",
           "n:m candidates, separated by commas">,
    Option<"blockSizes", "block-sizes", "std::string",
           "\"4x4,8x8,16x16,32x32,1x4,4x1\"",
           "block candidates, separated by commas">,
  ];
  let statistics = [
    Statistic<"numCounted", "counted", "parameters counted">,
    Statistic<"numPatterns", "patterns", "patterns found">,
    Statistic<"numSkipped", "skipped", "parameters without data or weights">,
  ];
}

def AnnotatePass : Pass<"sparsity-annotate", "::mlir::ModuleOp"> {
  let summary = "writes the wishes of a recipe on parameters";
  let description = [{
    Gives each parameter the `request` of the last rule whose glob matches its
    name; a rule with pattern `dense` takes a request away. The rules are those
    of a recipe file, or one rule spelt by the other options. The form of a
    recipe is in include/sparse-opt/Recipe/Recipe.h.

    Only the weights of matmuls and convolutions get requests: tensors of rank 2
    or more that reach one through transposes, reshapes, slices, casts and
    broadcasts. Other parameters that a glob matches are skipped with a remark; a
    rule that matches none, or none that can be pruned, is an error, unless its
    glob is `*` and there are parameters.

    An n:m pattern without an axis is turned to the axis along which the
    products sum (axis 1 where they disagree).

    ```mlir
    // sparse-opt --sparsity-annotate=pattern=2:4
    sparsity.parameter @w : tensor<8x4xf32>
    func.func @f(%x: tensor<3x4xf32>, %t: tensor<4x8xf32>, %y: tensor<3x8xf32>)
        -> tensor<3x8xf32> {
      %w = sparsity.load @w : tensor<8x4xf32>
      %wt = linalg.transpose ins(%w : tensor<8x4xf32>)
          outs(%t : tensor<4x8xf32>) permutation = [1, 0]
      %r = linalg.matmul ins(%x, %wt : tensor<3x4xf32>, tensor<4x8xf32>)
          outs(%y : tensor<3x8xf32>) -> tensor<3x8xf32>
      return %r : tensor<3x8xf32>
    }
    ```
    gives the parameter
    `#sparsity.request<#sparsity.nm<2:4>, importance = "magnitude">`.
  }];
  let dependentDialects = ["::mlir::sparsity::SparsityDialect"];
  let options = [
    Option<"recipe", "recipe", "std::string", "\"\"", "path of a recipe file">,
    Option<"parameters", "parameters", "std::string", "\"*\"",
           "glob on the names of parameters">,
    Option<"pattern", "pattern", "std::string", "\"\"",
           "n:m, 'n:m axis 0', 'block RxC', unstructured or dense">,
    Option<"importance", "importance", "std::string", "\"\"",
           "how elements are scored: magnitude (the default), random, "
           "imported, taylor, wanda or sparsegpt, and its options">,
    Option<"targetSparsity", "target-sparsity", "std::string", "\"\"",
           "fraction of zeros, for block and unstructured">,
    Option<"mask", "mask", "std::string", "\"\"",
           "safetensors file that says which elements stay, instead of an "
           "importance">,
  ];
  let statistics = [
    Statistic<"numRequests", "requests", "requests written">,
    Statistic<"numSkipped", "skipped", "matched parameters that can't be pruned">,
  ];
}

def ApplyPruningPass : Pass<"sparsity-apply-pruning", "::mlir::ModuleOp"> {
  let summary = "carries out the pruning requests of parameters";
  let description = [{
    For each parameter with a `request`: scores its elements by the importance,
    keeps what scores most within the pattern, clears the rest to +0.0, and
    turns the request into the parameter's `pattern`. A mask says itself what
    stays: its file has a tensor of 0 and 1 of any type under the parameter's
    name, or that name and `_mask`; it must fit the pattern, whose blocks stay
    or go as a whole, and the fact says how much is zero. Kept elements
    keep their bits, unless the importance is one that gives them new values
    (sparsegpt). Equal scores keep the lowest index; Inf is the largest
    score; NaN in the weight is an error that names row and column. The
    importances and their options are in lib/Transforms/Prune/README.md.

    The result is a new value, the old one is not written to; parameters are
    pruned one by one, so that the scratch memory is that of one weight, beside
    the files of scores and masks, which stay open. Ranks above 2 are pruned as dimension 0 by all others.

    THIS CHANGES NUMBERS: the remark of each parameter says which fraction of
    its elements, and of its importance if it has one, was kept, and the
    parameter's attribute `sparsity.original` has the hash of its old elements.

    ```mlir
    sparsity.parameter @w : tensor<1x4xf32>
        = dense<[[1.0, -3.0, 0.5, 2.0]]> : tensor<1x4xf32>
        {request = #sparsity.request<#sparsity.nm<2:4>,
                                     importance = "magnitude">}
    // becomes
    sparsity.parameter @w : tensor<1x4xf32>
        = dense<[[0.0, -3.0, 0.0, 2.0]]> : tensor<1x4xf32>
        {pattern = #sparsity.nm<2:4>, sparsity.original = "xxh64:a46fbd11eb946cab"}
    ```
  }];
  let dependentDialects = ["::mlir::sparsity::SparsityDialect"];
  let statistics = [
    Statistic<"numPruned", "pruned", "parameters pruned">,
  ];
}

#endif // SPARSE_OPT_TRANSFORMS_PRUNE_PASSES
