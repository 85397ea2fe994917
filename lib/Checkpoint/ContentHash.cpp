//===- ContentHash.cpp - XXH64 --------------------------------------------===//
//
// XXH64 as its specification describes it (github.com/Cyan4973/xxHash,
// doc/xxhash_spec.md): four lanes of 8 bytes, merged, then the tail.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Checkpoint/ContentHash.h"

#include "LittleEndian.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;

static constexpr uint64_t kPrime1 = 0x9E3779B185EBCA87u;
static constexpr uint64_t kPrime2 = 0xC2B2AE3D27D4EB4Fu;
static constexpr uint64_t kPrime3 = 0x165667B19E3779F9u;
static constexpr uint64_t kPrime4 = 0x85EBCA77C2B2AE63u;
static constexpr uint64_t kPrime5 = 0x27D4EB2F165667C5u;

static uint64_t rotate(uint64_t value, int bits) {
  return value << bits | value >> (64 - bits);
}

static uint64_t mixLane(uint64_t lane, uint64_t input) {
  return rotate(lane + input * kPrime2, 31) * kPrime1;
}

static uint64_t mergeLane(uint64_t hash, uint64_t lane) {
  return (hash ^ mixLane(0, lane)) * kPrime1 + kPrime4;
}

static uint64_t mixTail(uint64_t hash, const unsigned char *tail, size_t size) {
  for (; size >= 8; size -= 8, tail += 8)
    hash = rotate(hash ^ mixLane(0, loadLittle<uint64_t>(tail)), 27) * kPrime1 +
           kPrime4;
  for (; size >= 4; size -= 4, tail += 4)
    hash = rotate(hash ^ loadLittle<uint32_t>(tail) * kPrime1, 23) * kPrime2 +
           kPrime3;
  for (; size > 0; --size, ++tail)
    hash = rotate(hash ^ *tail * kPrime5, 11) * kPrime1;
  return hash;
}

ContentHash::ContentHash()
    : lanes{kPrime1 + kPrime2, kPrime2, 0, 0 - kPrime1} {}

void ContentHash::consume(const unsigned char *block) {
  for (int i = 0; i < 4; ++i)
    lanes[i] = mixLane(lanes[i], loadLittle<uint64_t>(block + 8 * i));
}

void ContentHash::update(const void *data, size_t size) {
  const unsigned char *bytes = static_cast<const unsigned char *>(data);
  total += size;
  if (tailSize > 0) {
    size_t taken = std::min(size, sizeof(tail) - tailSize);
    std::memcpy(tail + tailSize, bytes, taken);
    tailSize += taken;
    bytes += taken;
    size -= taken;
    if (tailSize < sizeof(tail))
      return;
    consume(tail);
    tailSize = 0;
  }
  for (; size >= sizeof(tail); size -= sizeof(tail), bytes += sizeof(tail))
    consume(bytes);
  if (size > 0)
    std::memcpy(tail, bytes, size);
  tailSize = size;
}

uint64_t ContentHash::digest() const {
  uint64_t hash = kPrime5;
  if (total >= sizeof(tail)) {
    hash = rotate(lanes[0], 1) + rotate(lanes[1], 7) + rotate(lanes[2], 12) +
           rotate(lanes[3], 18);
    for (uint64_t lane : lanes)
      hash = mergeLane(hash, lane);
  }
  hash = mixTail(hash + total, tail, tailSize);
  hash = (hash ^ hash >> 33) * kPrime2;
  hash = (hash ^ hash >> 29) * kPrime3;
  return hash ^ hash >> 32;
}

std::string ContentHash::text() const {
  char result[32];
  std::snprintf(result, sizeof(result), "xxh64:%016llx",
                static_cast<unsigned long long>(digest()));
  return result;
}

uint64_t checkpoint::contentHash(const void *data, size_t size) {
  ContentHash hash;
  hash.update(data, size);
  return hash.digest();
}

std::string checkpoint::hashElements(const format::MatrixView &matrix) {
  ContentHash hash;
  int64_t size = format::elementBytes(matrix.kind);
  for (int64_t row = 0; row < matrix.rows; ++row)
    if (matrix.colStride == 1)
      hash.update(matrix.at(row, 0), matrix.cols * size);
    else
      for (int64_t col = 0; col < matrix.cols; ++col)
        hash.update(matrix.at(row, col), size);
  return hash.text();
}
