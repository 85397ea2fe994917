//===- SafetensorsTypes.h - Names of element types in safetensors ---------===//
//
// The table that reader and writer of safetensors share. Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CHECKPOINT_SAFETENSORSTYPES_H
#define SPARSE_OPT_LIB_CHECKPOINT_SAFETENSORSTYPES_H

#include "sparse-opt/Format/Matrix.h"

#include <string_view>

namespace mlir::sparsity::checkpoint {

struct SafetensorsType {
  std::string_view name;
  format::ElementKind kind;
};

/// Every element kind, so a lookup by kind always succeeds.
inline constexpr SafetensorsType kSafetensorsTypes[] = {
    {"BOOL", format::ElementKind::Bool}, {"U8", format::ElementKind::U8},
    {"I8", format::ElementKind::I8},     {"U16", format::ElementKind::U16},
    {"I16", format::ElementKind::I16},   {"U32", format::ElementKind::U32},
    {"I32", format::ElementKind::I32},   {"U64", format::ElementKind::U64},
    {"I64", format::ElementKind::I64},   {"F16", format::ElementKind::F16},
    {"BF16", format::ElementKind::BF16}, {"F32", format::ElementKind::F32},
    {"F64", format::ElementKind::F64},
};

} // namespace mlir::sparsity::checkpoint

#endif // SPARSE_OPT_LIB_CHECKPOINT_SAFETENSORSTYPES_H
