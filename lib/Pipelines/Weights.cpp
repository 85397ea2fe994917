//===- Weights.cpp - The values behind the resources of a program ---------===//
//
// Finds the resources of a module and gives them their bytes.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Pipelines/Weights.h"

#include "sparse-opt/Checkpoint/Names.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinDialect.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/DenseSet.h"

using namespace mlir;
using namespace mlir::sparsity;
using checkpoint::quoteName;
using checkpoint::TensorView;
using format::ElementKind;

namespace {
class WeightAttacher {
public:
  WeightAttacher(ModuleOp module, const WeightMap &weights)
      : blobs(DenseResourceElementsHandle::getManagerInterface(
                  module.getContext())
                  .getBlobManager()),
        weights(weights) {}

  LogicalResult attach(Operation *op, DenseResourceElementsAttr attr);
  /// One error for all resources, where no weights were given at all.
  LogicalResult checkGiven();

private:
  LogicalResult reportMissing(Operation *op, StringRef name);

  DialectResourceBlobManager &blobs;
  const WeightMap &weights;
  /// Where the first resource without any weights is, and how many there are.
  Operation *firstMissing = nullptr;
  StringRef firstName;
  int64_t numMissing = 0;
};
} // namespace

/// Integers of either signedness are one type in programs; booleans are bytes.
static bool isKindOf(ElementKind kind, Type type) {
  if (type.isInteger(1))
    return kind == ElementKind::Bool || kind == ElementKind::U8;
  StringRef name = format::elementName(kind);
  if (isa<FloatType>(type)) {
    std::string text;
    llvm::raw_string_ostream(text) << type;
    return name == text;
  }
  unsigned width = type.isIndex()     ? 64
                   : type.isInteger() ? type.getIntOrFloatBitWidth()
                                      : 0;
  return (name.consume_front("i") || name.consume_front("u")) &&
         name == std::to_string(width);
}

LogicalResult WeightAttacher::checkGiven() {
  if (numMissing == 0)
    return success();
  InFlightDiagnostic diagnostic = firstMissing->emitError()
                                  << "expected a weight for the resource "
                                  << quoteName(firstName);
  if (numMissing > 1)
    diagnostic << " and " << numMissing - 1 << " more";
  return diagnostic << ", got no weights: give a safetensors file that has "
                       "them (--weights, or `weights` in Python)";
}

LogicalResult WeightAttacher::reportMissing(Operation *op, StringRef name) {
  if (weights.empty()) {
    if (numMissing++ == 0) {
      firstMissing = op;
      firstName = name;
    }
    return success();
  }
  InFlightDiagnostic diagnostic = op->emitError()
                                  << "expected a weight for the resource "
                                  << quoteName(name) << ", found none";
  StringRef nearest;
  unsigned best = name.size() / 2 + 1;
  for (const auto &[other, view] : weights) {
    unsigned distance = name.edit_distance(other, true, best);
    if (distance < best)
      nearest = other, best = distance;
  }
  if (!nearest.empty())
    diagnostic.attachNote() << "the nearest name is " << quoteName(nearest);
  return diagnostic;
}

static LogicalResult checkSize(Operation *op, ShapedType type, StringRef name,
                               int64_t bytes) {
  Type element = type.getElementType();
  if (!element.isIntOrIndexOrFloat())
    return op->emitError() << "expected numbers in the resource "
                           << quoteName(name) << ", got " << type;
  int64_t width = element.isIndex()
                      ? 8
                      : llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
  int64_t expected = type.getNumElements() * width;
  if (bytes == expected)
    return success();
  return op->emitError() << "expected " << expected << " bytes of " << type
                         << " in the resource " << quoteName(name) << ", found "
                         << bytes;
}

LogicalResult WeightAttacher::attach(Operation *op,
                                     DenseResourceElementsAttr attr) {
  DenseResourceElementsHandle handle = attr.getRawHandle();
  StringRef name = handle.getKey();
  AsmResourceBlob *blob = handle.getBlob();
  WeightMap::const_iterator found = weights.find(name);
  if (found == weights.end())
    return blob ? checkSize(op, attr.getType(), name, blob->getData().size())
                : reportMissing(op, name);
  const TensorView &weight = found->second;
  ShapedType type = attr.getType();
  if (!isKindOf(weight.kind, type.getElementType()) ||
      ArrayRef<int64_t>(weight.shape) != type.getShape())
    return op->emitError() << "expected a weight " << type
                           << " for the resource " << quoteName(name)
                           << ", found " << format::elementName(weight.kind)
                           << " " << checkpoint::shapeText(weight.shape);
  if (blob) // In the text, or attached for an earlier use.
    return checkSize(op, type, name, blob->getData().size());
  ArrayRef<char> bytes(reinterpret_cast<const char *>(weight.data),
                       weight.bytes);
  size_t alignment = format::elementBytes(weight.kind);
  if (reinterpret_cast<uintptr_t>(weight.data) % alignment == 0)
    blobs.update(name,
                 UnmanagedAsmResourceBlob::allocateWithAlign(bytes, alignment));
  else
    blobs.update(name, HeapAsmResourceBlob::allocateAndCopyWithAlign(
                           bytes, 64, /*dataIsMutable=*/false));
  return success();
}

LogicalResult mlir::sparsity::attachWeights(ModuleOp module,
                                            const WeightMap &weights) {
  WeightAttacher attacher(module, weights);
  llvm::DenseSet<Attribute> seen;
  bool hasFailed = false;
  module->walk([&](Operation *op) {
    op->getAttrDictionary().walk([&](DenseResourceElementsAttr attr) {
      if (seen.insert(attr).second)
        hasFailed |= failed(attacher.attach(op, attr));
    });
  });
  return failure(hasFailed || failed(attacher.checkGiven()));
}

WeightMap mlir::sparsity::weightsOf(const checkpoint::Checkpoint &checkpoint) {
  WeightMap weights;
  for (const TensorView &tensor : checkpoint.tensors())
    weights.emplace(tensor.name, tensor);
  return weights;
}
