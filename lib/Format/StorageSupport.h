//===- StorageSupport.h - Checks that all storage formats share -----------===//
//
// Shapes, buffer lists and allocation: what every format must check in the same
// words. No layout is known here.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_FORMAT_STORAGESUPPORT_H
#define SPARSE_OPT_LIB_FORMAT_STORAGESUPPORT_H

#include "sparse-opt/Format/CheckedMath.h"
#include "sparse-opt/Format/StorageFormat.h"

namespace mlir::sparsity::format {

/// Buffers as a format declares them, or why it cannot.
using BufferSpecs = Result<std::vector<BufferSpec>>;

/// Most entries that 32-bit positions can count.
inline constexpr int64_t kMaxEntries = (int64_t(1) << 32) - 1;

/// Extents are >= 0 and their product, with 0 counted as 1, is at most
/// kMaxElements.
Status checkExtents(int64_t rows, int64_t cols);
/// The extents, and a kind that a weight may have.
Status checkShape(ElementKind kind, int64_t rows, int64_t cols);

/// `name` of `kind`, failing on a count that overflowed. Used in a list:
/// `specs({{"values", kind, checkedMul(...)}, ...})`.
struct CheckedSpec {
  std::string name;
  ElementKind kind;
  /// -1 = depends on the values; nothing = overflow.
  CheckedSize count;
};
BufferSpecs checkedSpecs(std::vector<CheckedSpec> specs);

/// The sum over all buffers; every count must be known.
Result<int64_t> totalBytes(const BufferSpecs &specs);

/// Zero-filled buffers; every count must be known.
Result<Storage> allocate(const BufferSpecs &specs);

/// Number, kinds, counts (where the specs know them) and presence of memory.
Status checkBuffers(const BufferSpecs &specs, const StorageView &storage);

/// The positions of a compressed format: from 0, not decreasing, to `entries`.
Status checkPositions(const BufferView &positions, int64_t entries);

/// The columns (u16 or u32) between checked positions: ascending in a row and
/// below `limit`.
Status checkColumns(const BufferView &positions, const BufferView &columns,
                    int64_t limit);

} // namespace mlir::sparsity::format

#endif // SPARSE_OPT_LIB_FORMAT_STORAGESUPPORT_H
