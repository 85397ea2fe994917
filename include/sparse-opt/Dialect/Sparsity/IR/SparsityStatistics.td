//===- SparsityStatistics.td - What calibration collects ----*- tablegen -*-===//
//
// Attributes of the memory that an instrumented program adds statistics to.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_DIALECT_SPARSITY_IR_STATISTICS
#define SPARSE_OPT_DIALECT_SPARSITY_IR_STATISTICS

include "mlir/IR/AttrTypeBase.td"
include "sparse-opt/Dialect/Sparsity/IR/SparsityBase.td"

def Sparsity_ObservedAttr : AttrDef<Sparsity_Dialect, "Observed"> {
  let mnemonic = "observed";
  let summary = "a parameter whose inputs are observed";
  let description = [{
    The parameter's name for users, its type, the axis of it that products sum
    along, and the hash of its elements in row-major order: together they tell
    this parameter from one of another model. Inside of `#sparsity.statistic` it
    is written without its name.

    ```mlir
    func.func private @f() attributes {
        a = #sparsity.observed<"fc1.weight", tensor<8x4xf32>, axis = 1,
                               hash = "xxh64:0123456789abcdef">}
    ```
  }];
  let parameters = (ins "::mlir::StringAttr":$parameter,
                        "::mlir::RankedTensorType":$type,
                        "int64_t":$axis,
                        "::mlir::StringAttr":$hash);
  let assemblyFormat =
      "`<` $parameter `,` $type `,` `axis` `=` $axis `,` `hash` `=` $hash `>`";
  let genVerifyDecl = 1;
}

def Sparsity_StatisticAttr : AttrDef<Sparsity_Dialect, "Statistic"> {
  let mnemonic = "statistic";
  let summary = "what is added up in a memref";
  let description = [{
    A program that `--sparsity-instrument` has been at takes a memref for each
    statistic and adds to it what the call sees. With x the rows that the
    observed parameters are multiplied with, each of K elements:

    | kind | sums over all rows | type |
    |---|---|---|
    | `rows` | 1: how many there were | 1xi64 |
    | `magnitudes` | abs(x[i]) | Kxf64 |
    | `squares` | x[i]^2 | Kxf64 |
    | `zeros` | 1 where x[i] is 0 | Kxf64 |
    | `gram` | x[i] x[j] | KxKxf32, f64 where x is |

    ```mlir
    func.func private @f(memref<4xf64> {sparsity.statistic =
        #sparsity.statistic<"squares", [<"fc1.weight", tensor<8x4xf32>,
            axis = 1, hash = "xxh64:0123456789abcdef">]>})
    ```
  }];
  let parameters = (ins "::mlir::StringAttr":$kind,
                        ArrayRefParameter<"::mlir::sparsity::ObservedAttr">:$of);
  let assemblyFormat = "`<` $kind `,` `[` $of `]` `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// All kinds but `rows`, which comes with each.
    static ::llvm::ArrayRef<::llvm::StringRef> getKinds();
  }];
}

#endif // SPARSE_OPT_DIALECT_SPARSITY_IR_STATISTICS
