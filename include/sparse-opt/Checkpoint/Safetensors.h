//===- Safetensors.h - Reading one safetensors file -----------------------===//
//
// A strict reader of the header of a safetensors file, on any range of memory,
// and a writer that streams. Several files with an index are in Checkpoint.h.
//
//   +---------------+----------------------------+---------------------------+
//   | u64 length L  | JSON object, L bytes,      | bytes of all tensors, one |
//   | little endian | trailing blanks allowed    | after another, no holes   |
//   +---------------+----------------------------+---------------------------+
//   0               8                            8 + L
//
// Stricter than the reference (0.8.0): also refused are a blank before '{', a
// duplicate name, an unknown field, rank > 8, and sizes whose product
// overflows without a zero dimension. Names may be anything: they are data.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_CHECKPOINT_SAFETENSORS_H
#define SPARSE_OPT_CHECKPOINT_SAFETENSORS_H

#include "sparse-opt/Checkpoint/AtomicFile.h"
#include "sparse-opt/Checkpoint/Shape.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mlir::sparsity::checkpoint {

using Metadata = std::map<std::string, std::string>;

/// One tensor of a header. Every range has been checked against the file.
struct TensorEntry : TensorType {
  /// From the start of the file; not always a multiple of the element's size.
  uint64_t offset = 0;
  uint64_t bytes = 0;
};

struct SafetensorsHeader {
  /// In the order of their bytes.
  std::vector<TensorEntry> tensors;
  Metadata metadata;
};

/// Reads the header of a whole file in memory. `file` is its name in messages.
/// Allocates a small multiple of the header's size and touches no data.
Result<SafetensorsHeader> parseSafetensors(const void *data, size_t size,
                                           std::string_view file);

/// Writes a safetensors file tensor by tensor. The data of the file starts at a
/// multiple of 64, and the format has no holes: declare tensors of wide
/// elements before those of narrow ones, and each of them is aligned for its
/// element type.
class SafetensorsWriter {
public:
  /// Starts a file with these tensors in this order. The reference's own writer
  /// accepts any order on reading.
  static Result<SafetensorsWriter> open(const std::string &path,
                                        std::vector<TensorType> tensors,
                                        const Metadata &metadata = {});

  /// Appends bytes of the tensor `name`, all at once or in pieces. Tensors come
  /// in the order of their declaration; one of no bytes may be left out.
  Status append(std::string_view name, const void *data, size_t size);

  /// Fails unless every tensor is complete.
  Status commit();

private:
  SafetensorsWriter(AtomicFile file) : file(std::move(file)) {}
  /// Skips tensors that are complete.
  void advance();

  AtomicFile file;
  std::vector<TensorType> tensors;
  std::vector<uint64_t> bytesLeft;
  size_t current = 0;
};

} // namespace mlir::sparsity::checkpoint

#endif // SPARSE_OPT_CHECKPOINT_SAFETENSORS_H
