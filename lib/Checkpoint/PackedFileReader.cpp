//===- PackedFileReader.cpp - Reading the file of packed weights ----------===//
//
// Every byte of a packed file is checked here: leader, trailer, header, the
// order of the buffers, the zeros between them, and the hashes of the data.
//
//===----------------------------------------------------------------------===//

#include "LittleEndian.h"
#include "PackedHeader.h"
#include "PackedLayout.h"
#include "System.h"
#include "sparse-opt/Checkpoint/ContentHash.h"
#include "sparse-opt/Checkpoint/Names.h"
#include "sparse-opt/Checkpoint/PackedFile.h"
#include "sparse-opt/Format/CheckedMath.h"

#include <algorithm>

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;
using format::CheckedSize;

namespace {

/// The parser of one file.
class PackedReader {
public:
  PackedReader(const void *data, size_t size)
      : bytes(static_cast<const char *>(data), size) {}

  Status checkLeader() const;
  Status readTrailer();
  /// Buffers follow each other, each at the next multiple of 64.
  Status placeBuffers(const PackedHeader &header) const;
  Status checkHash(const PackedHeader::Parameter &parameter) const;
  std::string_view json() const {
    return bytes.substr(headerOffset, headerLength);
  }

  uint64_t headerOffset = 0;

private:
  Status checkZeros(uint64_t begin, uint64_t end) const;
  /// The place of the next buffer when `buffer` lies at `place`.
  Result<uint64_t> placeBuffer(const PackedHeader::Buffer &buffer,
                               uint64_t place) const;

  std::string_view bytes;
  uint64_t headerLength = 0;
};

} // namespace

Status PackedReader::checkZeros(uint64_t begin, uint64_t end) const {
  size_t found = bytes.substr(0, end).find_first_not_of('\0', begin);
  if (found == std::string_view::npos)
    return {};
  return makeError("at byte ", found,
                   ": expected zeros between the parts of the file");
}

Status PackedReader::checkLeader() const {
  static constexpr size_t kVersionAt = 8, kFlagsAt = 12, kZerosAt = 16;
  static constexpr size_t kLeast = kPackedDataStart + 2 * kPackedStep;
  if (bytes.substr(0, kPackedMagic.size()) != kPackedMagic)
    return makeError("expected a packed file, which begins with '",
                     kPackedMagic, "', found '",
                     escapeName(bytes.substr(0, kPackedMagic.size())), "'");
  if (bytes.size() < kZerosAt)
    return makeError("expected a version, found the end of the file");
  uint32_t version = loadLittle<uint32_t>(&bytes[kVersionAt]);
  if (version > kPackedVersion)
    return makeError("packed file version ", version,
                     " is newer than this program understands (",
                     kPackedVersion, ")");
  if (version != kPackedVersion)
    return makeError("expected packed file version ", kPackedVersion,
                     ", found ", version);
  if (uint32_t flags = loadLittle<uint32_t>(&bytes[kFlagsAt]))
    return makeError("expected no flags, found ", flags);
  if (bytes.size() < kLeast)
    return makeError("expected at least ", kLeast,
                     " bytes in the packed file, found ", bytes.size());
  return checkZeros(kZerosAt, kPackedDataStart);
}

Status PackedReader::readTrailer() {
  uint64_t start = bytes.size() - kPackedStep;
  const char *trailer = &bytes[start];
  if (bytes.substr(bytes.size() - kPackedEndMagic.size()) != kPackedEndMagic)
    return makeError("expected a whole packed file, which ends with '",
                     kPackedEndMagic, "', found it cut off");
  headerOffset = loadLittle<uint64_t>(trailer);
  headerLength = loadLittle<uint64_t>(trailer + 8);
  uint64_t hash = loadLittle<uint64_t>(trailer + 16);
  uint64_t size = loadLittle<uint64_t>(trailer + 24);
  if (size != bytes.size())
    return makeError("expected ", size, " bytes in the packed file, found ",
                     bytes.size());
  CheckedSize sum = format::checkedAdd(headerOffset, headerLength);
  CheckedSize end = format::checkedRoundUp(sum, kPackedStep);
  if (headerOffset < kPackedDataStart || headerOffset % kPackedStep != 0 ||
      !end || static_cast<uint64_t>(*end) != start)
    return makeError("expected a header that ends at byte ", start, ", found ",
                     headerLength, " bytes from ", headerOffset);
  if (contentHash(json().data(), json().size()) != hash)
    return makeError("expected a header that matches its hash, found a damaged "
                     "one");
  if (Status status = checkZeros(headerOffset + headerLength, start); !status)
    return status;
  return checkZeros(start + 32, start + 32 + kPackedTrailerZeros);
}

Result<uint64_t> PackedReader::placeBuffer(const PackedHeader::Buffer &buffer,
                                           uint64_t place) const {
  if (buffer.offset != place)
    return makeError("expected it at byte ", place, ", found ", buffer.offset);
  CheckedSize end = format::checkedAdd(place, buffer.bytes);
  CheckedSize next = format::checkedRoundUp(end, kPackedStep);
  if (!next || static_cast<uint64_t>(*next) > headerOffset)
    return makeError("expected it to end before the header at byte ",
                     headerOffset, ", found ", buffer.bytes, " bytes from ",
                     place);
  return static_cast<uint64_t>(*next);
}

Status PackedReader::placeBuffers(const PackedHeader &header) const {
  uint64_t place = kPackedDataStart;
  std::string last = "the start of the data";
  for (const PackedHeader::Parameter &parameter : header.parameters)
    for (const PackedHeader::Buffer &buffer : parameter.buffers) {
      std::string name = "buffer " + quoteName(buffer.name) + " of " +
                         quoteName(parameter.type.name);
      Result<uint64_t> next = placeBuffer(buffer, place);
      if (!next)
        return makeError(name, ", after ", last, ": ", next.message());
      place = *next;
      last = std::move(name);
    }
  if (place != headerOffset)
    return makeError("expected the header at byte ", place, ", after ", last,
                     ", found it at ", headerOffset);
  return {};
}

Status PackedReader::checkHash(const PackedHeader::Parameter &parameter) const {
  ContentHash hash;
  for (const PackedHeader::Buffer &buffer : parameter.buffers) {
    uint64_t end = buffer.offset + buffer.bytes;
    hash.update(bytes.data() + buffer.offset, buffer.bytes);
    uint64_t next = end + (kPackedStep - end % kPackedStep) % kPackedStep;
    if (Status status = checkZeros(end, next); !status)
      return status;
  }
  if (hash.text() != parameter.hash)
    return makeError("parameter ", quoteName(parameter.type.name),
                     ": expected data with hash ", quoteName(parameter.hash),
                     ", found '", hash.text(), "'");
  return {};
}

/// The header as callers see it, with memory in place of offsets.
static PackedContents toContents(PackedHeader header, const void *data) {
  PackedContents contents;
  contents.program = std::move(header.program);
  for (PackedHeader::Parameter &from : header.parameters) {
    PackedParameter to;
    static_cast<TensorType &>(to) = std::move(from.type);
    to.format = std::move(from.format);
    to.hash = std::move(from.hash);
    for (PackedHeader::Buffer &buffer : from.buffers)
      to.buffers.push_back(
          {std::move(buffer.name),
           {static_cast<const std::byte *>(data) + buffer.offset, buffer.kind,
            buffer.count}});
    contents.parameters.push_back(std::move(to));
  }
  return contents;
}

Result<PackedContents> checkpoint::parsePackedFile(const void *data,
                                                   size_t size,
                                                   std::string_view file,
                                                   PackedCheck check) {
  PackedReader reader(data, size);
  if (Status status = reader.checkLeader(); !status)
    return fileError(file, status.message());
  if (Status status = reader.readTrailer(); !status)
    return fileError(file, status.message());
  Result<PackedHeader> header =
      parsePackedHeader(reader.json(), file, reader.headerOffset);
  if (!header)
    return header.error();
  if (Status status = reader.placeBuffers(*header); !status)
    return fileError(file, status.message());
  if (check == PackedCheck::Everything)
    for (const PackedHeader::Parameter &parameter : header->parameters)
      if (Status status = reader.checkHash(parameter); !status)
        return fileError(file, status.message());
  return toContents(std::move(*header), data);
}

Result<PackedFile> PackedFile::open(const std::string &path,
                                    PackedCheck check) {
  Result<MappedFile> file = MappedFile::open(path);
  if (!file)
    return file.error();
  Result<PackedContents> contents =
      parsePackedFile(file->data(), file->size(), path, check);
  if (!contents)
    return contents.error();
  return PackedFile(std::move(*file), std::move(*contents));
}

const PackedParameter *PackedFile::find(std::string_view name) const {
  auto found = std::find_if(
      contents.parameters.begin(), contents.parameters.end(),
      [&](const PackedParameter &parameter) { return parameter.name == name; });
  return found == contents.parameters.end() ? nullptr : &*found;
}
