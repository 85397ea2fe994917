//===- StorageFormat.cpp - Owned storage buffers --------------------------===//
//
// Allocation of one storage buffer. Layouts are in the formats' own files.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Format/StorageFormat.h"

#include "sparse-opt/Format/CheckedMath.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace mlir::sparsity::format {

/// One cache line, and one vector of the widest target.
static constexpr int64_t kAlignment = 64;

StorageFormat::~StorageFormat() = default;

int64_t StorageFormat::estimateStored(int64_t rows, int64_t cols,
                                      double density) const {
  return std::llround(static_cast<double>(rows * cols) * density);
}

/// At least one line, so that an empty buffer differs from a failure.
static void *allocateZeros(CheckedSize bytes) {
  CheckedSize size = checkedRoundUp(checkedAdd(bytes, 1), kAlignment);
  if (!size)
    return nullptr;
  void *memory = std::aligned_alloc(kAlignment, *size);
  if (memory)
    std::memset(memory, 0, *size);
  return memory;
}

Buffer::Buffer(ElementKind kind, int64_t count)
    : memory(allocateZeros(checkedMul(count, elementBytes(kind)))),
      elementKind(kind), elementCount(count) {}

Buffer::Buffer(Buffer &&other) noexcept
    : memory(std::exchange(other.memory, nullptr)),
      elementKind(other.elementKind),
      elementCount(std::exchange(other.elementCount, 0)) {}

Buffer &Buffer::operator=(Buffer &&other) noexcept {
  std::swap(memory, other.memory);
  std::swap(elementKind, other.elementKind);
  std::swap(elementCount, other.elementCount);
  return *this;
}

Buffer::~Buffer() { std::free(memory); }

} // namespace mlir::sparsity::format
