//===- PackedLayout.h - Constants of the packed file ----------------------===//
//
// What reader and writer of the packed file share; the picture is in
// PackedFile.h. Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CHECKPOINT_PACKEDLAYOUT_H
#define SPARSE_OPT_LIB_CHECKPOINT_PACKEDLAYOUT_H

#include "sparse-opt/Format/Matrix.h"

#include <cstdint>
#include <string_view>

namespace mlir::sparsity::checkpoint {

inline constexpr std::string_view kPackedMagic = "SPRSOPT1";
inline constexpr std::string_view kPackedEndMagic = "1TPOSRPS";
inline constexpr uint32_t kPackedVersion = 1;
/// Size of the leader and of the trailer, and alignment of all that is between.
inline constexpr uint64_t kPackedStep = 64;
inline constexpr uint64_t kPackedDataStart = 4096;
inline constexpr uint64_t kPackedTrailerZeros = 24;

inline constexpr format::ElementKind kPackedKinds[] = {
    format::ElementKind::F64,  format::ElementKind::F32,
    format::ElementKind::F16,  format::ElementKind::BF16,
    format::ElementKind::I64,  format::ElementKind::I32,
    format::ElementKind::I16,  format::ElementKind::I8,
    format::ElementKind::U64,  format::ElementKind::U32,
    format::ElementKind::U16,  format::ElementKind::U8,
    format::ElementKind::Bool,
};

/// True for a hash of a program: 1 to 128 lower-case hexadecimal digits.
inline bool isProgramHash(std::string_view text) {
  return !text.empty() && text.size() <= 128 &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

} // namespace mlir::sparsity::checkpoint

#endif // SPARSE_OPT_LIB_CHECKPOINT_PACKEDLAYOUT_H
