//===- FormatText.h - Storage formats by their attribute text -------------===//
//
// From the text of a format attribute to the format itself, without MLIR.
// Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_RUNTIME_FORMATTEXT_H
#define SPARSE_OPT_LIB_RUNTIME_FORMATTEXT_H

#include "sparse-opt/Format/StorageFormat.h"

#include <memory>
#include <string_view>

namespace mlir::sparsity::runtime {

/// "#sparsity.nm_format<2:4>", "#sparsity.dense_format<panel = 64>",
/// "#sparsity.bsr_format<[16, 16]>" or "#sparsity.stream_format".
format::Result<std::unique_ptr<format::StorageFormat>>
parseFormat(std::string_view text);

} // namespace mlir::sparsity::runtime

#endif // SPARSE_OPT_LIB_RUNTIME_FORMATTEXT_H
