//===- SafetensorsWriter.cpp - Writing one safetensors file ---------------===//
//
// The header is known before the first byte of data, so the file is written
// once, from front to back.
//
//===----------------------------------------------------------------------===//

#include "JsonText.h"
#include "LittleEndian.h"
#include "SafetensorsTypes.h"
#include "StrictJson.h"
#include "System.h"
#include "sparse-opt/Checkpoint/Names.h"
#include "sparse-opt/Checkpoint/Safetensors.h"
#include "sparse-opt/Format/CheckedMath.h"

#include <set>

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;
using format::CheckedSize;

static constexpr size_t kDataAlignment = 64;

static std::string_view nameOf(ElementKind kind) {
  for (const SafetensorsType &type : kSafetensorsTypes)
    if (type.kind == kind)
      return type.name;
  return {};
}

static Status checkName(const std::string &name, const char *what) {
  if (isUtf8(name))
    return {};
  return makeError("expected ", what, " in UTF-8, found ", quoteName(name));
}

/// `"name":{"dtype":...}` of a tensor whose data starts at `begin`, which is
/// moved to its end.
static Result<std::string> describe(const TensorType &tensor, uint64_t &begin) {
  if (Status status = checkName(tensor.name, "a tensor name"); !status)
    return status.error();
  if (tensor.name == "__metadata__")
    return makeError(
        "expected a tensor name, found the reserved '__metadata__'");
  Result<uint64_t> bytes = shapeBytes(tensor.kind, tensor.shape);
  if (!bytes)
    return makeError("tensor ", quoteName(tensor.name), ": ", bytes.message());
  CheckedSize end = format::checkedAdd(begin, *bytes);
  if (!end)
    return makeError("expected tensors below 2^63 bytes in all, found more at ",
                     quoteName(tensor.name));
  std::string text = jsonString(tensor.name) + ":{\"dtype\":\"" +
                     std::string(nameOf(tensor.kind)) +
                     "\",\"shape\":" + jsonNumbers(tensor.shape) +
                     ",\"data_offsets\":[" + std::to_string(begin) + "," +
                     std::to_string(*end) + "]}";
  begin = static_cast<uint64_t>(*end);
  return text;
}

static Result<std::string> describe(const Metadata &metadata) {
  std::string text = "\"__metadata__\":{";
  for (const auto &[key, value] : metadata) {
    if (Status status = checkName(key, "a metadata name"); !status)
      return status.error();
    if (Status status = checkName(value, "a metadata value"); !status)
      return status.error();
    text += (text.back() == '{' ? "" : ",") + jsonString(key) + ":" +
            jsonString(value);
  }
  return text + "}";
}

/// The JSON header without its padding.
static Result<std::string> makeHeader(const std::vector<TensorType> &tensors,
                                      const Metadata &metadata) {
  std::set<std::string_view> names;
  std::string header = "{";
  if (!metadata.empty()) {
    Result<std::string> text = describe(metadata);
    if (!text)
      return text;
    header += *text;
  }
  uint64_t begin = 0;
  for (const TensorType &tensor : tensors) {
    if (!names.insert(tensor.name).second)
      return makeError("expected each tensor once, found ",
                       quoteName(tensor.name), " twice");
    Result<std::string> text = describe(tensor, begin);
    if (!text)
      return text;
    header += (header.size() > 1 ? "," : "") + *text;
  }
  return header + "}";
}

Result<SafetensorsWriter>
SafetensorsWriter::open(const std::string &path,
                        std::vector<TensorType> tensors,
                        const Metadata &metadata) {
  Result<std::string> header = makeHeader(tensors, metadata);
  if (!header)
    return fileError(path, header.message());
  size_t used = (sizeof(uint64_t) + header->size()) % kDataAlignment;
  header->append((kDataAlignment - used) % kDataAlignment, ' ');
  if (header->size() > kMaxJsonBytes)
    return fileError(path, "expected a header of at most ", kMaxJsonBytes,
                     " bytes, found ", header->size());
  Result<AtomicFile> file = AtomicFile::open(path);
  if (!file)
    return file.error();
  std::string prefix;
  appendLittle<uint64_t>(prefix, header->size());
  if (Status status = file->write(prefix + *header); !status)
    return status.error();

  SafetensorsWriter writer(std::move(*file));
  for (const TensorType &tensor : tensors)
    writer.bytesLeft.push_back(*shapeBytes(tensor.kind, tensor.shape));
  writer.tensors = std::move(tensors);
  return writer;
}

void SafetensorsWriter::advance() {
  while (current < tensors.size() && bytesLeft[current] == 0)
    ++current;
}

Status SafetensorsWriter::append(std::string_view name, const void *data,
                                 size_t size) {
  if (size == 0)
    return {};
  advance();
  if (current == tensors.size())
    return fileError(file.path(), "expected no more tensors, found ",
                     quoteName(name));
  if (tensors[current].name != name)
    return fileError(file.path(), "expected tensor ",
                     quoteName(tensors[current].name), ", found ",
                     quoteName(name));
  if (size > bytesLeft[current])
    return fileError(file.path(), "tensor ", quoteName(name),
                     ": expected at most ", bytesLeft[current],
                     " more bytes, found ", size);
  if (Status status = file.write(data, size); !status)
    return status;
  bytesLeft[current] -= size;
  return {};
}

Status SafetensorsWriter::commit() {
  advance();
  if (current == tensors.size())
    return file.commit();
  return fileError(file.path(), "expected ", bytesLeft[current],
                   " more bytes of tensor ", quoteName(tensors[current].name),
                   ", found the end");
}
