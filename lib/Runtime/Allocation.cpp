//===- Allocation.cpp - Memory of tensors, and its cache ------------------===//
//
// In front of every block lies what is needed to free it:
//
//   base                      block, aligned
//   | unused ... | Extent     | size bytes ...
//
//===----------------------------------------------------------------------===//

#include "Allocation.h"

#include "ReportedErrors.h"
#include "StateLock.h"

#include "sparse-opt/Runtime/Runtime.h"

#include <algorithm>
#include <cstdlib>
#include <sys/mman.h>
#include <vector>

using namespace mlir::sparsity::runtime;

static constexpr uint64_t kMappedFrom = uint64_t(256) << 10;
static constexpr uint64_t kHugePage = uint64_t(2) << 20;
/// What the cache keeps at most: the arena of a large network and its results.
static constexpr uint64_t kCacheBytes = uint64_t(512) << 20;
static constexpr size_t kCacheBlocks = 64;
static constexpr uint64_t kLargest = uint64_t(1) << 46;

namespace {
/// A piece of memory: a mapping of the system's, or malloc's.
struct Extent {
  void *base;
  /// Bytes from `base`.
  uint64_t bytes;

  bool isMapped() const { return bytes >= kMappedFrom; }
  void giveBack() const {
    if (isMapped())
      ::munmap(base, bytes);
    else
      std::free(base);
  }
};

/// Freed pieces, the oldest first.
class BlockCache {
public:
  void *take(uint64_t bytes) {
    StateLock lock;
    // The youngest block of this size is the likeliest to be in a cache.
    for (size_t i = blocks.size(); i-- > 0;) {
      if (blocks[i].bytes != bytes)
        continue;
      void *base = blocks[i].base;
      blocks.erase(blocks.begin() + i);
      total -= bytes;
      return base;
    }
    return nullptr;
  }

  void put(Extent block) {
    StateLock lock;
    blocks.push_back(block);
    total += block.bytes;
    shrink(kCacheBytes, kCacheBlocks);
  }

  void clear() {
    StateLock lock;
    shrink(0, 0);
  }

private:
  void shrink(uint64_t mostBytes, size_t mostBlocks) {
    size_t count = 0;
    for (; total > mostBytes || blocks.size() - count > mostBlocks; ++count) {
      total -= blocks[count].bytes;
      blocks[count].giveBack();
    }
    blocks.erase(blocks.begin(), blocks.begin() + count);
  }

  std::vector<Extent> blocks;
  uint64_t total = 0;
};
} // namespace

/// Never destroyed: results may be released by destructors at exit.
static BlockCache &cache = *new BlockCache();

/// `value` rounded up to a multiple of a power of two.
static uint64_t roundUp(uint64_t value, uint64_t step) {
  return (value + step - 1) & ~(step - 1);
}

/// Four sizes per power of two: at most a quarter is lost, and a shape that
/// changes a little finds the same block again.
static uint64_t sizeClass(uint64_t bytes) {
  unsigned log = 63 - __builtin_clzll(bytes);
  return roundUp(bytes, uint64_t(1) << (log - 2));
}

/// Maps at a huge page where the block is large enough to have some.
static void *mapBlock(uint64_t bytes) {
  uint64_t slack = bytes >= 2 * kHugePage ? kHugePage : 0;
  void *memory = ::mmap(nullptr, bytes + slack, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return nullptr;
  if (!slack)
    return memory;
  uint64_t start = reinterpret_cast<uint64_t>(memory);
  uint64_t aligned = roundUp(start, kHugePage);
  if (aligned != start)
    ::munmap(memory, aligned - start);
  if (uint64_t rest = start + slack - aligned)
    ::munmap(reinterpret_cast<void *>(aligned + bytes), rest);
  ::madvise(reinterpret_cast<void *>(aligned), bytes, MADV_HUGEPAGE);
  return reinterpret_cast<void *>(aligned);
}

static Extent findExtent(uint64_t bytes) {
  bytes = sizeClass(bytes);
  if (void *base = cache.take(bytes))
    return {base, bytes};
  return {bytes < kMappedFrom ? std::malloc(bytes) : mapBlock(bytes), bytes};
}

void *mlir::sparsity::runtime::allocateBlock(uint64_t size,
                                             uint64_t alignment) {
  alignment = std::max(alignment, kAlignment);
  if (size > kLargest || alignment > kLargest ||
      (alignment & (alignment - 1)) != 0)
    return nullptr;
  Extent extent = findExtent(size + sizeof(Extent) + alignment);
  if (!extent.base)
    return nullptr;
  uint64_t block = roundUp(
      reinterpret_cast<uint64_t>(extent.base) + sizeof(Extent), alignment);
  reinterpret_cast<Extent *>(block)[-1] = extent;
  return reinterpret_cast<void *>(block);
}

void mlir::sparsity::runtime::freeBlock(void *block) {
  if (!block)
    return;
  cache.put(static_cast<Extent *>(block)[-1]);
}

void *_mlir_memref_to_llvm_alloc(uint64_t size) {
  return _mlir_memref_to_llvm_aligned_alloc(kAlignment, size);
}

void *_mlir_memref_to_llvm_aligned_alloc(uint64_t alignment, uint64_t size) {
  void *block = allocateBlock(size, alignment);
  if (!block)
    abandonCall(size);
  if (RunningCall *call = currentCall())
    call->addBlock(block);
  return block;
}

void _mlir_memref_to_llvm_free(void *block) {
  if (RunningCall *call = currentCall())
    call->removeBlock(block);
  freeBlock(block);
}

void sparse_opt_trim(void) { cache.clear(); }
