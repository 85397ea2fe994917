//===- PackedHeader.h - The JSON header of the packed file ----------------===//
//
// The header as it stands in the file, with offsets. Each value has been
// checked alone; how the buffers lie is checked by the reader. Private to this
// room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CHECKPOINT_PACKEDHEADER_H
#define SPARSE_OPT_LIB_CHECKPOINT_PACKEDHEADER_H

#include "sparse-opt/Checkpoint/Shape.h"

#include <string_view>

namespace mlir::sparsity::checkpoint {

struct PackedHeader {
  struct Buffer {
    std::string name;
    ElementKind kind;
    int64_t count;
    uint64_t offset, bytes;
  };
  struct Parameter {
    TensorType type;
    std::string format, hash;
    std::vector<Buffer> buffers;
  };
  std::string program;
  std::vector<Parameter> parameters;
};

/// Reads the header; `base` is its place in the file.
Result<PackedHeader> parsePackedHeader(std::string_view json,
                                       std::string_view file, uint64_t base);

} // namespace mlir::sparsity::checkpoint

#endif // SPARSE_OPT_LIB_CHECKPOINT_PACKEDHEADER_H
