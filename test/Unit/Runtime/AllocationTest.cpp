//===- AllocationTest.cpp - Memory of tensors -----------------------------===//
//
// Alignment, reuse of large blocks, the bound of the cache, and threads.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Runtime/Runtime.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

static uint64_t addressOf(void *block) {
  return reinterpret_cast<uint64_t>(block);
}

TEST(Allocation, EveryBlockIsAlignedAndWritable) {
  for (uint64_t size : {0, 1, 63, 4096, 262080, 262144, 5 << 20}) {
    void *block = _mlir_memref_to_llvm_alloc(size);
    ASSERT_NE(block, nullptr) << size;
    EXPECT_EQ(addressOf(block) % 64, 0u) << size;
    std::memset(block, 0xff, size);
    _mlir_memref_to_llvm_free(block);
  }
}

TEST(Allocation, LargerAlignmentsAreObeyed) {
  for (uint64_t alignment : {1, 64, 128, 4096, 1 << 16})
    for (uint64_t size : {1, 1 << 20}) {
      void *block = _mlir_memref_to_llvm_aligned_alloc(alignment, size);
      EXPECT_EQ(addressOf(block) % alignment, 0u);
      std::memset(block, 0xff, size);
      _mlir_memref_to_llvm_free(block);
    }
}

TEST(Allocation, NullMayBeFreed) { _mlir_memref_to_llvm_free(nullptr); }

TEST(Allocation, LargeBlocksAreReused) {
  sparse_opt_trim();
  void *first = _mlir_memref_to_llvm_alloc(1200 << 10);
  _mlir_memref_to_llvm_free(first);
  // A little smaller: the same size class.
  void *second = _mlir_memref_to_llvm_alloc(1100 << 10);
  EXPECT_EQ(first, second);
  void *third = _mlir_memref_to_llvm_alloc(1200 << 10);
  EXPECT_NE(second, third);
  _mlir_memref_to_llvm_free(second);
  _mlir_memref_to_llvm_free(third);
}

TEST(Allocation, TheCacheIsBounded) {
  sparse_opt_trim();
  // Never touched, so these cost address space only.
  std::vector<void *> blocks;
  for (int i = 0; i < 6; ++i)
    blocks.push_back(_mlir_memref_to_llvm_alloc(uint64_t(100) << 20));
  for (void *block : blocks)
    _mlir_memref_to_llvm_free(block);
  void *last = _mlir_memref_to_llvm_alloc(uint64_t(100) << 20);
  EXPECT_EQ(last, blocks.back());
  _mlir_memref_to_llvm_free(last);
  void *whole = _mlir_memref_to_llvm_alloc(uint64_t(1) << 30);
  _mlir_memref_to_llvm_free(whole);
  sparse_opt_trim();
}

TEST(Allocation, ThreadsDoNotShareBlocks) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([t] {
      for (int i = 0; i < 200; ++i) {
        uint64_t size = (i % 2 ? 300 : 3) << 10;
        auto *block =
            static_cast<unsigned char *>(_mlir_memref_to_llvm_alloc(size));
        block[0] = block[size - 1] = static_cast<unsigned char>(t);
        std::this_thread::yield();
        EXPECT_EQ(block[0], t);
        EXPECT_EQ(block[size - 1], t);
        _mlir_memref_to_llvm_free(block);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
}
