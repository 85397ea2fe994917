//===- SafetensorsReader.cpp - Reading one safetensors file ---------------===//
//
// What the JSON header may contain, and the check that its tensors cover the
// data of the file exactly once.
//
//===----------------------------------------------------------------------===//

#include "SafetensorsTypes.h"
#include "StrictJson.h"

#include "LittleEndian.h"
#include "System.h"
#include "sparse-opt/Checkpoint/Names.h"
#include "sparse-opt/Checkpoint/Safetensors.h"

#include <algorithm>
#include <tuple>

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;

static constexpr uint64_t kPrefix = sizeof(uint64_t);

static Result<ElementKind> kindOf(std::string_view dtype) {
  std::string known;
  for (const SafetensorsType &type : kSafetensorsTypes) {
    if (type.name == dtype)
      return type.kind;
    known += (known.empty() ? "" : ", ") + std::string(type.name);
  }
  return makeError("unknown or unsupported dtype: expected one of ", known,
                   ", found ", quoteName(dtype));
}

namespace {

/// {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}.
class TensorPlace : public JsonRecord {
public:
  TensorPlace(std::vector<TensorEntry> &tensors, uint64_t dataStart,
              uint64_t dataSize)
      : JsonRecord(
            {{"dtype", &dtype}, {"shape", &dims}, {"data_offsets", &offsets}}),
        tensors(tensors), dataStart(dataStart), dataSize(dataSize) {}

  std::string name;

private:
  Status complete() override;
  Status checkOffsets(uint64_t bytes) const;

  JsonText dtype;
  // Longer shapes are refused as soon as they are.
  JsonIntegers dims{0, kMaxRank}, offsets{2, 2};
  std::vector<TensorEntry> &tensors;
  uint64_t dataStart, dataSize;
};

/// The header.
class HeaderPlace : public JsonPlace {
public:
  HeaderPlace(uint64_t dataStart, uint64_t dataSize)
      : tensor(tensors, dataStart, dataSize) {}

  Status beginObject() override { return {}; }
  Result<JsonPlace *> member(const std::string &key) override {
    if (key == "__metadata__")
      return &metadata;
    tensor.name = key;
    return &tensor;
  }

  std::vector<TensorEntry> tensors;
  JsonTextMap metadata;

protected:
  std::string expected() const override { return "an object of tensors"; }

private:
  TensorPlace tensor;
};

} // namespace

Status TensorPlace::checkOffsets(uint64_t bytes) const {
  uint64_t begin = offsets.values[0], end = offsets.values[1];
  if (begin > end || end > dataSize)
    return makeError("expected 0 <= begin <= end <= ", dataSize,
                     " in data_offsets, found ", begin, " and ", end);
  if (end - begin != bytes)
    return makeError("expected ", bytes,
                     " bytes for this dtype and shape, found ", end - begin);
  return {};
}

Status TensorPlace::complete() {
  Result<ElementKind> kind = kindOf(dtype.value);
  if (!kind)
    return kind.error();
  Result<std::vector<int64_t>> shape = toShape(dims.values);
  if (!shape)
    return shape.error();
  Result<uint64_t> bytes = shapeBytes(*kind, *shape);
  if (!bytes)
    return bytes.error();
  if (Status status = checkOffsets(*bytes); !status)
    return status;
  TensorEntry entry;
  entry.name = std::move(name);
  entry.kind = *kind;
  entry.shape = std::move(*shape);
  entry.offset = dataStart + offsets.values[0];
  entry.bytes = *bytes;
  tensors.push_back(std::move(entry));
  return {};
}

/// `next` must start where `last` (null at the start of the data) ends.
static Status checkAdjacent(const TensorEntry *last, const TensorEntry &next,
                            uint64_t dataStart) {
  uint64_t place = last ? last->offset + last->bytes : dataStart;
  if (next.offset == place)
    return {};
  if (next.offset < place)
    return makeError("expected tensors that do not overlap, found ",
                     quoteName(last->name), " and ", quoteName(next.name),
                     " at byte ", next.offset);
  return makeError("at byte ", place,
                   ": expected tensors without holes, found ",
                   next.offset - place, " bytes before ", quoteName(next.name),
                   (last ? " and after " + quoteName(last->name) : ""));
}

/// Sorts the tensors by their bytes; they must cover the data exactly.
static Status checkLayout(std::vector<TensorEntry> &tensors, uint64_t dataStart,
                          uint64_t size) {
  std::sort(tensors.begin(), tensors.end(),
            [](const TensorEntry &a, const TensorEntry &b) {
              return std::tie(a.offset, a.bytes, a.name) <
                     std::tie(b.offset, b.bytes, b.name);
            });
  const TensorEntry *last = nullptr;
  for (const TensorEntry &next : tensors) {
    if (Status status = checkAdjacent(last, next, dataStart); !status)
      return status;
    last = &next;
  }
  uint64_t end = last ? last->offset + last->bytes : dataStart;
  if (end == size)
    return {};
  return makeError("at byte ", end, ": expected the end of the file, found ",
                   size - end, " more bytes");
}

/// The length of the header, checked against the file.
static Result<uint64_t> headerLength(const void *data, size_t size) {
  if (size < kPrefix)
    return makeError("expected a header length of 8 bytes, found a file of ",
                     size);
  uint64_t length = loadLittle<uint64_t>(data);
  uint64_t most = std::min<uint64_t>(kMaxJsonBytes, size - kPrefix);
  if (length < 2 || length > most)
    return makeError("at byte 0: expected a header length from 2 to ", most,
                     ", found ", length);
  return length;
}

Result<SafetensorsHeader> checkpoint::parseSafetensors(const void *data,
                                                       size_t size,
                                                       std::string_view file) {
  Result<uint64_t> length = headerLength(data, size);
  if (!length)
    return fileError(file, length.message());
  uint64_t dataStart = kPrefix + *length;
  HeaderPlace header(dataStart, size - dataStart);
  std::string_view json(static_cast<const char *>(data) + kPrefix, *length);
  if (Status status = parseStrictJson(json, file, kPrefix, header); !status)
    return status.error();
  if (Status status = checkLayout(header.tensors, dataStart, size); !status)
    return fileError(file, status.message());
  return SafetensorsHeader{std::move(header.tensors),
                           std::move(header.metadata.values)};
}
