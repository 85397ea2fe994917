//===- DecodeParameter.cpp - The matrix of a packed parameter -------------===//
//
// Opens the storage buffers of a packed parameter at compile time. They may
// come from a file, so they are checked completely before they are decoded.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace mlir::sparsity;

/// The bytes of one buffer: of a resource, of an attribute, or of a splat that
/// is spelled out in `spelledOut`.
static ArrayRef<char> getBytes(ElementsAttr elements, int64_t elementBytes,
                               std::vector<char> &spelledOut) {
  ArrayRef<char> bytes;
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    bytes = blob ? blob->getData() : ArrayRef<char>();
  } else if (auto dense = dyn_cast<DenseElementsAttr>(elements)) {
    bytes = dense.getRawData();
    if (dense.isSplat())
      for (int64_t i = 0, e = elements.getNumElements(); i < e; ++i)
        spelledOut.insert(spelledOut.end(), bytes.begin(), bytes.end());
    bytes = dense.isSplat() ? ArrayRef<char>(spelledOut) : bytes;
  }
  // A resource may be placed anywhere; typed reads need their alignment.
  if (reinterpret_cast<uintptr_t>(bytes.data()) % elementBytes) {
    spelledOut.assign(bytes.begin(), bytes.end());
    return spelledOut;
  }
  return bytes;
}

FailureOr<PackedStorage> mlir::sparsity::getStorage(ParameterOp parameter) {
  auto packed = cast<PackedType>(parameter.getType());
  std::unique_ptr<format::StorageFormat> layout =
      packed.getFormat().getStorageFormat();
  format::ElementKind kind = *getElementKind(packed.getElementType());
  std::vector<format::BufferSpec> specs =
      *layout->buffers(kind, packed.getRows(), packed.getCols());
  PackedStorage storage;
  storage.copies.resize(specs.size());
  for (auto [elements, spec, copy] :
       llvm::zip_equal(parameter.getBuffers(), specs, storage.copies)) {
    int64_t width = format::elementBytes(spec.kind);
    int64_t count = elements.getNumElements();
    ArrayRef<char> bytes = getBytes(elements, width, copy);
    if (static_cast<int64_t>(bytes.size()) != count * width)
      return parameter.emitOpError("expected ")
             << count * width << " bytes for buffer '" << spec.name << "' of '"
             << parameter.getUserName() << "', got " << bytes.size();
    storage.views.push_back({bytes.data(), spec.kind, count});
  }
  format::Status valid =
      layout->validate(storage.views, kind, packed.getRows(), packed.getCols());
  if (!valid)
    return parameter.emitOpError("expected valid storage for '")
           << parameter.getUserName() << "': " << valid.message();
  return storage;
}

FailureOr<std::vector<char>>
mlir::sparsity::decodeMatrix(ParameterOp parameter) {
  FailureOr<PackedStorage> storage = getStorage(parameter);
  if (failed(storage))
    return failure();
  auto packed = cast<PackedType>(parameter.getType());
  format::ElementKind kind = *getElementKind(packed.getElementType());
  std::vector<char> bytes(packed.getDenseType().getNumElements() *
                          format::elementBytes(kind));
  packed.getFormat().getStorageFormat()->decode(
      storage->views, {bytes.data(), kind, packed.getRows(), packed.getCols(),
                       packed.getCols(), 1});
  return bytes;
}
