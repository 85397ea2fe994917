//===- NpyTypes.h - Names of element types in .npy ------------------------===//
//
// What reader and writer of .npy share. Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CHECKPOINT_NPYTYPES_H
#define SPARSE_OPT_LIB_CHECKPOINT_NPYTYPES_H

#include "sparse-opt/Checkpoint/Shape.h"

#include <string_view>

namespace mlir::sparsity::checkpoint {

inline constexpr std::string_view kNpyMagic = "\x93NUMPY";

/// "<f4" of f32; fails on bf16.
Result<std::string_view> npyTypeName(ElementKind kind);

/// The kind of "<f4"; fails on other byte orders and on types that are not
/// numbers.
Result<ElementKind> npyTypeKind(std::string_view name);

} // namespace mlir::sparsity::checkpoint

#endif // SPARSE_OPT_LIB_CHECKPOINT_NPYTYPES_H
