//===- SparsityBase.td - The sparsity dialect itself -------*- tablegen -*-===//
//
// The dialect definition that every other .td file of this folder includes.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_DIALECT_SPARSITY_IR_BASE
#define SPARSE_OPT_DIALECT_SPARSITY_IR_BASE

include "mlir/IR/OpBase.td"

def Sparsity_Dialect : Dialect {
  let name = "sparsity";
  let cppNamespace = "::mlir::sparsity";
  let summary = "what in a tensor program may be zero, and how the rest is stored";
  let description = [{
    The dialect keeps three things apart. *Patterns* are facts about zeros and
    never needed for correctness. *Formats* are bytes: a weight becomes one
    value of type `!sparsity.packed` that only our own ops understand. *Ops*
    have a dense meaning in linalg (`--convert-sparsity-to-linalg`), which is
    the oracle for everything else.

    Weights are symbols (`sparsity.parameter`) used through `sparsity.load`, so
    that names, ties and decisions hang on the symbol and not on a constant that
    any canonicaliser may merge or move.
  }];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::tensor::TensorDialect"];
  let extraClassDeclaration = [{
    /// Discardable attribute of function arguments: the pattern that a caller
    /// promises for this argument.
    static constexpr ::llvm::StringLiteral kPatternAttrName = "sparsity.pattern";
    /// Discardable attributes of function arguments: the parameter that the
    /// caller passes here (a symbol), and which of its storage buffers.
    static constexpr ::llvm::StringLiteral kParameterAttrName =
        "sparsity.parameter";
    static constexpr ::llvm::StringLiteral kBufferAttrName = "sparsity.buffer";
    /// Discardable attributes of arguments and results of functions: the name
    /// in a program's interface (a string), and that integers have no sign
    /// there (a unit), which MLIR's tensors of integers do not say.
    static constexpr ::llvm::StringLiteral kNameAttrName = "sparsity.name";
    static constexpr ::llvm::StringLiteral kUnsignedAttrName =
        "sparsity.unsigned";
    /// Discardable attribute of a function's memref: what the function adds to
    /// it.
    static constexpr ::llvm::StringLiteral kStatisticAttrName =
        "sparsity.statistic";
    /// Discardable attribute of a kernel's call: how the operands of attention
    /// are indexed.
    static constexpr ::llvm::StringLiteral kMapsAttrName = "sparsity.maps";
    /// Discardable attribute of a module: what its functions do, a dictionary of
    /// strings for each part that can be timed.
    static constexpr ::llvm::StringLiteral kOperationsAttrName =
        "sparsity.operations";
  }];
}

#endif // SPARSE_OPT_DIALECT_SPARSITY_IR_BASE
