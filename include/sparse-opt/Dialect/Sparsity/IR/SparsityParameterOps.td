//===- SparsityParameterOps.td - Weights as symbols ---------*- tablegen -*-===//
//
// `sparsity.parameter`, `sparsity.load` and `sparsity.assume`.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_DIALECT_SPARSITY_IR_PARAMETEROPS
#define SPARSE_OPT_DIALECT_SPARSITY_IR_PARAMETEROPS

include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "sparse-opt/Dialect/Sparsity/IR/SparsityFormats.td"
include "sparse-opt/Dialect/Sparsity/IR/SparsityPatterns.td"
include "sparse-opt/Dialect/Sparsity/IR/SparsityStatistics.td"

class Sparsity_Op<string mnemonic, list<Trait> traits = []>
    : Op<Sparsity_Dialect, mnemonic, traits>;

def Sparsity_ParameterType
    : AnyTypeOf<[AnyStaticShapeTensor, Sparsity_PackedType]>;

def Sparsity_ParameterOp : Sparsity_Op<"parameter", [Symbol]> {
  let summary = "a weight of the program, under its own name";
  let description = [{
    The symbol is the parameter's fully qualified name. `value` holds the
    elements: an elements attribute for a tensor (usually a resource whose blob
    is borrowed from the file or framework that owns it), an array of elements
    attributes, one per storage buffer in ABI order, for a packed parameter.
    Passes take parameters without a value; compiling a program needs them all.

    `pattern` is a fact that the values satisfy, `request` a wish that
    `--sparsity-apply-pruning` has yet to carry out. `transposed` says that a
    packed parameter holds the transpose of the matrix named `origin`.

    ```mlir
    sparsity.parameter @bias : tensor<4xf32> = dense<1.0> : tensor<4xf32>
    sparsity.parameter @fc1.weight : tensor<8x4xf32>
        {pattern = #sparsity.nm<2:4>}
    ```
  }];
  let arguments = (ins
    SymbolNameAttr:$sym_name,
    OptionalAttr<StrAttr>:$sym_visibility,
    TypeAttrOf<Sparsity_ParameterType>:$type,
    OptionalAttr<AnyAttr>:$value,
    OptionalAttr<Sparsity_PatternAttrInterface>:$pattern,
    OptionalAttr<Sparsity_RequestAttr>:$request,
    OptionalAttr<StrAttr>:$origin,
    UnitAttr:$transposed);
  let assemblyFormat = [{
    ($sym_visibility^)? $sym_name `:` $type (`=` $value^)? attr-dict
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The elements of a tensor parameter, or null.
    ::mlir::ElementsAttr getElements();
    /// The storage buffers of a packed parameter; empty without a value.
    ::llvm::SmallVector<::mlir::ElementsAttr> getBuffers();
    /// The name that users know this parameter by.
    ::llvm::StringRef getUserName() {
      return getOrigin() ? *getOrigin() : getSymName();
    }
  }];
}

def Sparsity_LoadOp
    : Sparsity_Op<"load", [Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "the value of a parameter";
  let description = [{
    ```mlir
    sparsity.parameter @fc1.weight : tensor<8x4xf32>
    func.func @weight() -> tensor<8x4xf32> {
      %w = sparsity.load @fc1.weight : tensor<8x4xf32>
      return %w : tensor<8x4xf32>
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$parameter);
  let results = (outs Sparsity_ParameterType:$result);
  let assemblyFormat = "$parameter `:` type($result) attr-dict";
}

def Sparsity_AssumeOp : Sparsity_Op<"assume", [Pure, AllTypesMatch<["source", "result"]>]> {
  let summary = "states a fact about the zeros of a value";
  let description = [{
    The identity, with a promise. `--sparsity-detect-patterns` checks it where
    the value is a parameter. Nothing relies on promises about other values:
    only parameters are packed.

    ```mlir
    func.func @promise(%0: tensor<8x4xf32>) -> tensor<8x4xf32> {
      %1 = sparsity.assume %0 : tensor<8x4xf32>, #sparsity.nm<2:4>
      return %1 : tensor<8x4xf32>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$source,
                       Sparsity_PatternAttrInterface:$pattern);
  let results = (outs AnyRankedTensor:$result);
  // The pattern comes last: a colon after a dialect attribute is taken for the
  // type of that attribute.
  let assemblyFormat = "$source `:` type($result) `,` $pattern attr-dict";
  let hasVerifier = 1;
  let hasFolder = 1;
}

#endif // SPARSE_OPT_DIALECT_SPARSITY_IR_PARAMETEROPS
