//===- PackedFileWriter.cpp - Writing the file of packed weights ----------===//
//
// Buffers are written as they come; the header grows meanwhile and is written
// last.
//
//===----------------------------------------------------------------------===//

#include "JsonText.h"
#include "LittleEndian.h"
#include "PackedLayout.h"
#include "StrictJson.h"
#include "System.h"
#include "sparse-opt/Checkpoint/ContentHash.h"
#include "sparse-opt/Checkpoint/Names.h"
#include "sparse-opt/Checkpoint/PackedFile.h"

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;

std::string mlir::sparsity::checkpoint::besideProgram(const std::string &path,
                                                      const char *suffix) {
  static constexpr std::string_view kEnding = ".so";
  size_t size = path.size();
  if (size > kEnding.size() &&
      std::string_view(path).substr(size - kEnding.size()) == kEnding)
    size -= kEnding.size();
  return path.substr(0, size) + suffix;
}

static Status checkNames(const PackedParameter &parameter) {
  std::set<std::string_view> names;
  bool isText = isUtf8(parameter.name) && isUtf8(parameter.format);
  for (const PackedBuffer &buffer : parameter.buffers) {
    isText &= isUtf8(buffer.name);
    if (!names.insert(buffer.name).second)
      return makeError("expected each buffer once, found ",
                       quoteName(buffer.name), " twice");
  }
  if (!isText)
    return makeError("expected names and format in UTF-8");
  return {};
}

static Result<uint64_t> bufferBytes(const PackedBuffer &buffer) {
  Result<uint64_t> bytes = shapeBytes(buffer.view.kind, {buffer.view.count});
  if (!bytes)
    return makeError("buffer ", quoteName(buffer.name), ": ", bytes.message());
  return bytes;
}

/// Everything that can be refused before a byte is written.
static Status checkParameter(const PackedParameter &parameter) {
  if (Status status = checkNames(parameter); !status)
    return status;
  if (Result<uint64_t> bytes = shapeBytes(parameter.kind, parameter.shape);
      !bytes)
    return bytes.error();
  for (const PackedBuffer &buffer : parameter.buffers)
    if (Result<uint64_t> bytes = bufferBytes(buffer); !bytes)
      return bytes.error();
  return {};
}

static std::string dtypeOf(ElementKind kind) {
  return "\"" + std::string(format::elementName(kind)) + "\"";
}

Result<PackedFileWriter> PackedFileWriter::open(const std::string &path,
                                                std::string_view program) {
  if (!isProgramHash(program))
    return fileError(path,
                     "expected a hexadecimal hash of the program, "
                     "found ",
                     quoteName(program));
  Result<AtomicFile> file = AtomicFile::open(path);
  if (!file)
    return file.error();
  std::string leader(kPackedMagic);
  appendLittle<uint32_t>(leader, kPackedVersion);
  appendLittle<uint32_t>(leader, 0);
  leader.resize(kPackedDataStart, '\0');
  if (Status status = file->write(leader); !status)
    return status.error();
  PackedFileWriter writer(std::move(*file));
  writer.header = "{\"program\":" + jsonString(program) + ",\"parameters\":[";
  return writer;
}

Result<std::string>
PackedFileWriter::appendBuffers(const std::vector<PackedBuffer> &buffers,
                                std::string &hash) {
  ContentHash content;
  std::string text;
  for (const PackedBuffer &buffer : buffers) {
    uint64_t bytes = *bufferBytes(buffer);
    text += (text.empty() ? "{\"name\":" : ",{\"name\":") +
            jsonString(buffer.name) +
            ",\"dtype\":" + dtypeOf(buffer.view.kind) +
            ",\"count\":" + std::to_string(buffer.view.count) +
            ",\"offset\":" + std::to_string(file.position()) + "}";
    content.update(buffer.view.data, bytes);
    if (Status status = file.write(buffer.view.data, bytes); !status)
      return status.error();
    if (Status status = file.pad(kPackedStep); !status)
      return status.error();
  }
  hash = content.text();
  return text;
}

Status PackedFileWriter::append(const PackedParameter &parameter) {
  std::string context = "parameter " + quoteName(parameter.name) + ": ";
  if (Status status = checkParameter(parameter); !status)
    return fileError(file.path(), context, status.message());
  if (!names.insert(parameter.name).second)
    return fileError(file.path(), context, "expected it once, found it twice");
  std::string hash;
  Result<std::string> buffers = appendBuffers(parameter.buffers, hash);
  if (!buffers)
    return buffers.error();
  header += (header.back() == '[' ? "{\"name\":" : ",{\"name\":") +
            jsonString(parameter.name) +
            ",\"shape\":" + jsonNumbers(parameter.shape) +
            ",\"dtype\":" + dtypeOf(parameter.kind) +
            ",\"format\":" + jsonString(parameter.format) +
            ",\"hash\":" + jsonString(hash) + ",\"buffers\":[" + *buffers +
            "]}";
  return {};
}

Status PackedFileWriter::commit() {
  header += "]}";
  if (header.size() > kMaxJsonBytes)
    return fileError(file.path(), "expected a header of at most ",
                     kMaxJsonBytes, " bytes, found ", header.size());
  std::string trailer;
  appendLittle<uint64_t>(trailer, file.position());
  appendLittle<uint64_t>(trailer, header.size());
  appendLittle<uint64_t>(trailer, contentHash(header.data(), header.size()));
  if (Status status = file.write(header); !status)
    return status;
  if (Status status = file.pad(kPackedStep); !status)
    return status;
  appendLittle<uint64_t>(trailer, file.position() + kPackedStep);
  trailer.append(kPackedTrailerZeros, '\0');
  trailer += kPackedEndMagic;
  if (Status status = file.write(trailer); !status)
    return status;
  return file.commit();
}
