//===- Sparsity.h - The sparsity dialect ----------------------------------===//
//
// Dialect, attributes, types and ops; the one header of this room that others
// include. External models of upstream interfaces are in ExternalModels.h.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_DIALECT_SPARSITY_IR_SPARSITY_H
#define SPARSE_OPT_DIALECT_SPARSITY_IR_SPARSITY_H

#include "sparse-opt/Format/Kernel.h"
#include "sparse-opt/Format/StorageFormat.h"
#include "sparse-opt/Format/ZeroPattern.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/TilingInterface.h"

#include <memory>
#include <optional>

namespace mlir::sparsity {
class PatternAttrInterface;

/// The element kind that stands for an MLIR element type, or nothing when
/// weights cannot have that type.
std::optional<format::ElementKind> getElementKind(Type type);
/// The MLIR type of an element kind (signless integers).
Type getElementType(MLIRContext *context, format::ElementKind kind);
/// A rank-2 static elements attribute as a matrix over its raw bytes; nothing
/// when the bytes are not at hand (a missing blob) or the type is not a weight.
/// A splat's one element is at every place; of more than kMostEqual elements it
/// is refused: it may claim any shape in a few bytes of text.
inline constexpr int64_t kMostEqual = int64_t(1) << 28;
std::optional<format::MatrixView> getMatrixView(ElementsAttr elements);
/// The names of all storage formats, dense first.
ArrayRef<StringRef> getFormatNames();
} // namespace mlir::sparsity

#include "sparse-opt/Dialect/Sparsity/IR/SparsityAttrInterfaces.h.inc"
#include "sparse-opt/Dialect/Sparsity/IR/SparsityDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "sparse-opt/Dialect/Sparsity/IR/SparsityAttrs.h.inc"

#define GET_TYPEDEF_CLASSES
#include "sparse-opt/Dialect/Sparsity/IR/SparsityTypes.h.inc"

#define GET_OP_CLASSES
#include "sparse-opt/Dialect/Sparsity/IR/SparsityOps.h.inc"

namespace mlir::sparsity {
/// The storage buffers of a packed parameter. Views point into the attributes,
/// or into `copies` where those have no plain, aligned bytes.
struct PackedStorage {
  format::StorageView views;
  std::vector<std::vector<char>> copies;
};

/// The checked buffers of a packed parameter that has a value; emits an error
/// on the parameter when they are missing or not valid for the format.
FailureOr<PackedStorage> getStorage(ParameterOp parameter);
/// The bytes of the dense matrix of a packed parameter that has a value, row
/// major; fails likewise.
FailureOr<std::vector<char>> decodeMatrix(ParameterOp parameter);
} // namespace mlir::sparsity

#endif // SPARSE_OPT_DIALECT_SPARSITY_IR_SPARSITY_H
