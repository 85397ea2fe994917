//===- SparsityInterfaces.td - What patterns and formats answer -*- tablegen -//
//
// Attribute interfaces. A new pattern or format implements one of these and
// needs no edit elsewhere.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_DIALECT_SPARSITY_IR_INTERFACES
#define SPARSE_OPT_DIALECT_SPARSITY_IR_INTERFACES

include "mlir/IR/OpBase.td"

def Sparsity_PatternAttrInterface : AttrInterface<"PatternAttrInterface"> {
  let cppNamespace = "::mlir::sparsity";
  let description = [{
    A fact about the zeros of a matrix. The mathematics lives in the Format
    room, without MLIR; an attribute only names it.
  }];
  let methods = [
    InterfaceMethod<[{
        The pattern's mathematics: checks a matrix, finds the best mask.
      }],
      "::std::unique_ptr<::mlir::sparsity::format::ZeroPattern>",
      "getZeroPattern">,
    InterfaceMethod<[{
        True when every matrix that satisfies this pattern satisfies `other`
        too, whatever its shape.
      }],
      "bool", "refines", (ins "::mlir::Attribute":$other)>,
    InterfaceMethod<[{
        True when the pattern alone does not say how much is zero, so that a
        request for it needs a target sparsity.
      }],
      "bool", "needsTarget">,
    InterfaceMethod<[{
        The pattern with the declared fraction `zeros` of what it counts;
        unchanged when it needs no target.
      }],
      "::mlir::Attribute", "withZeros", (ins "double":$zeros)>,
    InterfaceMethod<[{
        The pattern that the transposed matrix has.
      }],
      "::mlir::Attribute", "getTransposed">,
    InterfaceMethod<[{
        The storage formats that leave out what this pattern says is zero, in
        the order in which ties are decided.
      }],
      "::llvm::SmallVector<::mlir::Attribute>", "getFormats">,
  ];
}

def Sparsity_FormatAttrInterface : AttrInterface<"FormatAttrInterface"> {
  let cppNamespace = "::mlir::sparsity";
  let description = [{
    How a matrix is stored. The bytes are defined by a `format::StorageFormat`.
  }];
  let methods = [
    InterfaceMethod<[{
        The layout: buffers, encode, decode, validate, bytes.
      }],
      "::std::unique_ptr<::mlir::sparsity::format::StorageFormat>",
      "getStorageFormat">,
    InterfaceMethod<[{
        True when every matrix with this pattern fits the format.
      }],
      "bool", "holds", (ins "::mlir::sparsity::PatternAttrInterface":$pattern)>,
    InterfaceMethod<[{
        The kernels that visit this format on a vector unit, by ascending
        `fewestRows`; never empty. A product's `kernel` has the first one's tile.
      }],
      "::llvm::SmallVector<::mlir::sparsity::format::KernelDescriptor>",
      "getKernels", (ins "const ::mlir::sparsity::format::VectorUnit &":$unit)>,
  ];
}

#endif // SPARSE_OPT_DIALECT_SPARSITY_IR_INTERFACES
