//===- Npy.h - NumPy's .npy files -----------------------------------------===//
//
// One array per file, versions 1.0 to 3.0, little endian. The header is a
// Python literal; it is read by a parser for exactly that literal. Object and
// structured arrays are refused, and bf16, which NumPy does not have.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_CHECKPOINT_NPY_H
#define SPARSE_OPT_CHECKPOINT_NPY_H

#include "sparse-opt/Checkpoint/Shape.h"
#include "sparse-opt/Format/StorageFormat.h"

#include <string_view>

namespace mlir::sparsity::checkpoint {

/// What a header says; the range of the data has been checked.
struct NpyHeader {
  ElementKind kind = ElementKind::F32;
  std::vector<int64_t> shape;
  bool isFortranOrder = false;
  uint64_t offset = 0;
  uint64_t bytes = 0;
};

/// Reads the header of a whole file in memory.
Result<NpyHeader> parseNpyHeader(const void *data, size_t size,
                                 std::string_view file);

/// An array in row-major (C) order.
struct NpyArray {
  std::vector<int64_t> shape;
  format::Buffer elements;
};

/// The array of a whole file in memory, brought to row-major order. Booleans
/// other than 0 and 1 are refused.
Result<NpyArray> parseNpy(const void *data, size_t size, std::string_view file);

Result<NpyArray> readNpy(const std::string &path);

/// Writes `data` in row-major order.
Status writeNpy(const std::string &path, ElementKind kind,
                const std::vector<int64_t> &shape, const void *data);

} // namespace mlir::sparsity::checkpoint

#endif // SPARSE_OPT_CHECKPOINT_NPY_H
