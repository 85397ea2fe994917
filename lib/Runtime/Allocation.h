//===- Allocation.h - Memory of tensors -----------------------------------===//
//
// The allocator behind generated code and results. Blocks below 256 KiB come
// from malloc. Larger ones are mapped, rounded up to one of four sizes per
// power of two, and kept when they are freed: a program that is called again
// finds its arena in place, without page faults. Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_RUNTIME_ALLOCATION_H
#define SPARSE_OPT_LIB_RUNTIME_ALLOCATION_H

#include <cstddef>
#include <cstdint>

namespace mlir::sparsity::runtime {

inline constexpr uint64_t kAlignment = 64;

/// At least `size` bytes at a multiple of `alignment` (a power of two); null
/// when there is no memory. Never null because the size is 0.
void *allocateBlock(uint64_t size, uint64_t alignment = kAlignment);
/// Takes what allocateBlock returned, or null.
void freeBlock(void *block);

} // namespace mlir::sparsity::runtime

#endif // SPARSE_OPT_LIB_RUNTIME_ALLOCATION_H
