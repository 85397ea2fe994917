//===- StorageFormat.h - What every storage format can do -----------------===//
//
// A storage format is a way to lay a matrix out in a fixed list of flat
// buffers. This is the interface; each format is one class in one file beside
// it. Code generation is not here: it reads the layout that the header of each
// format draws.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_FORMAT_STORAGEFORMAT_H
#define SPARSE_OPT_FORMAT_STORAGEFORMAT_H

#include "sparse-opt/Format/Matrix.h"
#include "sparse-opt/Format/Result.h"

#include <string>
#include <vector>

namespace mlir::sparsity::format {

/// Rows that one vector of outputs spans in every lane-wise format. A property
/// of the layout, not of a machine: narrower targets use part of a lane group.
inline constexpr int64_t kLanes = 16;

/// Larger matrices, and larger blocks, are refused before any memory is asked
/// for.
inline constexpr int64_t kMaxElements = int64_t(1) << 40;

/// One storage buffer as the format declares it.
struct BufferSpec {
  std::string name;
  ElementKind kind;
  /// Elements, or -1 when the count depends on the stored values.
  int64_t count;
};

/// Memory of one storage buffer that somebody else owns.
struct BufferView {
  const void *data;
  ElementKind kind;
  int64_t count;
};

/// One owned storage buffer; 64-byte aligned, filled with zeros. `data` is null
/// after a failed allocation and in a buffer that was moved from, never because
/// the count is 0.
class Buffer {
public:
  Buffer(ElementKind kind, int64_t count);
  Buffer(Buffer &&other) noexcept;
  Buffer &operator=(Buffer &&other) noexcept;
  ~Buffer();

  void *data() { return memory; }
  const void *data() const { return memory; }
  ElementKind kind() const { return elementKind; }
  int64_t count() const { return elementCount; }
  int64_t bytes() const { return elementCount * elementBytes(elementKind); }
  template <typename T>
  T *as() {
    return static_cast<T *>(memory);
  }
  operator BufferView() const { return {memory, elementKind, elementCount}; }

private:
  void *memory = nullptr;
  ElementKind elementKind;
  int64_t elementCount;
};

using Storage = std::vector<Buffer>;
using StorageView = std::vector<BufferView>;

class StorageFormat {
public:
  virtual ~StorageFormat();

  /// The word used in IR, recipes and reports: "dense", "nm", "bsr", "stream".
  virtual std::string name() const = 0;

  /// The buffers of a rows x cols matrix, in ABI order. Fails on sizes that
  /// overflow or that the format cannot hold.
  virtual Result<std::vector<BufferSpec>>
  buffers(ElementKind kind, int64_t rows, int64_t cols) const = 0;

  /// Elements that `encode` would store of the matrix: blocks counted whole,
  /// padding of panels not counted. Also for matrices it would refuse.
  virtual int64_t countStored(const MatrixView &matrix) const = 0;

  /// The same of a matrix of which only the part of nonzeros, in [0, 1], is
  /// known.
  virtual int64_t estimateStored(int64_t rows, int64_t cols,
                                 double density) const;

  /// Packs a matrix. Stored values keep their bits. Fails, naming row and
  /// column, where the matrix has a nonzero that the format cannot hold.
  virtual Result<Storage> encode(const MatrixView &matrix) const = 0;

  /// Writes every element of `matrix`; what is not stored becomes +0.0.
  /// `storage` must be valid.
  virtual void decode(const StorageView &storage,
                      const MutableMatrixView &matrix) const = 0;

  /// Checks untrusted buffers completely: kinds, counts, index ranges, order,
  /// padding. After success decode and generated code stay inside the buffers.
  virtual Status validate(const StorageView &storage, ElementKind kind,
                          int64_t rows, int64_t cols) const = 0;

  /// Bytes of all buffers when `stored` elements (blocks counted whole, a
  /// begun block as a whole one) are kept; `stored` is ignored by formats of
  /// fixed size.
  virtual Result<int64_t> bytes(ElementKind kind, int64_t rows, int64_t cols,
                                int64_t stored) const = 0;
};

} // namespace mlir::sparsity::format

#endif // SPARSE_OPT_FORMAT_STORAGEFORMAT_H
