//===- VerifyProgram.cpp - What can be compiled ---------------------------===//
//
// See VerifyProgram.h.
//
//===----------------------------------------------------------------------===//

#include "VerifyProgram.h"

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"
#include "sparse-opt/Format/CheckedMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::sparsity;

/// Elements of a static tensor; nothing when they overflow 46 bits, the last
/// address of a process and more.
static std::optional<int64_t> countElements(RankedTensorType type) {
  constexpr int64_t kMost = int64_t(1) << 46;
  format::CheckedSize count = 1;
  for (int64_t extent : type.getShape())
    count = format::checkedMul(count, std::max<int64_t>(extent, 1));
  if (!count || *count > kMost / 8)
    return std::nullopt;
  return *count;
}

static LogicalResult verifySize(Operation *op, Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || !tensor.hasStaticShape())
    return success();
  std::optional<int64_t> count = countElements(tensor);
  if (!count)
    return op->emitError("expected tensors that fit in memory, got ") << type;
  ElementsAttr value;
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    value = dyn_cast<ElementsAttr>(constant.getValue());
  if (value && value.isSplat() && *count > kMostEqual)
    return op->emitError("expected at most ")
           << kMostEqual << " equal elements in a constant, got " << type;
  return success();
}

LogicalResult mlir::sparsity::verifySizes(ModuleOp module) {
  WalkResult result = module.walk([](Operation *op) {
    for (Type type : op->getResultTypes())
      if (failed(verifySize(op, type)))
        return WalkResult::interrupt();
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

/// Dialects whose ops have a way to LLVM here.
static bool isCompiled(Operation *op) {
  static const llvm::StringSet<> known = {
      "affine", "arith",    "bufferization", "builtin", "cf",
      "func",   "index",    "linalg",        "memref",  "math",
      "scf",    "sparsity", "tensor",        "ub",      "vector"};
  // Powers of integers are expanded where the exponent is known.
  return known.contains(op->getName().getDialectNamespace()) &&
         (!isa<math::IPowIOp>(op) ||
          matchPattern(op->getOperand(1), m_Constant()));
}

/// Ops on tensors become ops on buffers, or others that do.
static bool isBufferized(Operation *op) {
  if (isa<bufferization::BufferizableOpInterface,
          linalg::AggregatedOpInterface>(op) ||
      op->getDialect()->getNamespace() ==
          SparsityDialect::getDialectNamespace())
    return true;
  auto isTensor = [](Type type) { return isa<TensorType>(type); };
  return llvm::none_of(op->getOperandTypes(), isTensor) &&
         llvm::none_of(op->getResultTypes(), isTensor);
}

/// Floating-point numbers of 8, 80 and 128 bits have no code here.
static bool isSupported(Type type) {
  auto number = dyn_cast<FloatType>(getElementTypeOrSelf(type));
  return !number || number.isF64() || number.isF32() || number.isF16() ||
         number.isBF16();
}

/// Weights are packed, and their buffers checked, once, when they are known:
/// 1. Only parameters are packed.
/// 2. No buffers of the program's own are taken for packed ones.
/// 3. Nothing but products reads packed weights.
static LogicalResult verifyPacked(Operation *op) {
  auto pack = dyn_cast<PackOp>(op);
  if (pack && !pack.getSource().getDefiningOp<LoadOp>())
    return op->emitError("expected the pack of a parameter (sparsity.load), "
                         "got that of a value the program computes");
  if (isa<AssembleOp>(op))
    return op->emitError("expected packed values from sparsity.load or "
                         "sparsity.pack, got one from unchecked buffers");
  if (isa<UnpackOp>(op))
    return op->emitError("expected packed values to be operands of "
                         "sparsity.matmul, got an op that needs all elements");
  return success();
}

/// Vectors are read and written by code of ours: indices of others are not
/// checked.
static bool isVectorAccess(Operation *op) {
  auto isShaped = [](Type type) {
    return isa<TensorType, BaseMemRefType>(type);
  };
  return isa<vector::VectorDialect>(op->getDialect()) &&
         (llvm::any_of(op->getOperandTypes(), isShaped) ||
          llvm::any_of(op->getResultTypes(), isShaped));
}

LogicalResult mlir::sparsity::verifyOps(ModuleOp module) {
  WalkResult result = module.walk([](Operation *op) {
    if (failed(verifyPacked(op)))
      return WalkResult::interrupt();
    for (Type type : op->getResultTypes())
      if (!isSupported(type)) {
        op->emitError("expected f64, f32, f16 or bf16, got ") << type;
        return WalkResult::interrupt();
      }
    if (!op->isRegistered() || !isCompiled(op) || !isBufferized(op) ||
        isVectorAccess(op)) {
      op->emitError("expected an op that sparse-opt compiles, got '")
          << op->getName() << "'; lower it to linalg first";
      return WalkResult::interrupt();
    }
    auto function = dyn_cast<func::FuncOp>(op);
    if (!function || !function.isExternal())
      return WalkResult::advance();
    function.emitError("expected a body for the function '")
        << function.getSymName() << "', found none";
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}
