//===- Npy.cpp - NumPy's .npy files ---------------------------------------===//
//
// Data of .npy files: from any order to row-major order, and writing. The
// header is read in NpyHeader.cpp.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Checkpoint/Npy.h"

#include "LittleEndian.h"
#include "NpyTypes.h"
#include "System.h"
#include "sparse-opt/Checkpoint/AtomicFile.h"
#include "sparse-opt/Checkpoint/MappedFile.h"

#include <cstring>

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;

static constexpr size_t kHeaderAlignment = 64;

/// Copies an array whose first index runs fastest to one whose last does. The
/// array is not empty.
static void copyFromFortran(const std::byte *from, std::byte *to,
                            const std::vector<int64_t> &shape, size_t bytes,
                            size_t elementSize) {
  size_t rank = shape.size();
  std::vector<size_t> strides(rank), index(rank);
  size_t stride = elementSize;
  for (size_t i = 0; i < rank; ++i) {
    strides[i] = stride;
    stride *= static_cast<size_t>(shape[i]);
  }
  size_t place = 0;
  for (size_t done = 0; done < bytes; done += elementSize) {
    std::memcpy(to + done, from + place, elementSize);
    for (size_t i = rank; i-- > 0;) {
      place += strides[i];
      if (++index[i] < static_cast<size_t>(shape[i]))
        break;
      place -= strides[i] * index[i];
      index[i] = 0;
    }
  }
}

static Status checkBooleans(const std::byte *data, size_t size) {
  for (size_t i = 0; i < size; ++i)
    if (std::to_integer<unsigned>(data[i]) > 1)
      return makeError("expected booleans 0 or 1, found ",
                       std::to_integer<unsigned>(data[i]), " at byte ", i,
                       " of the data");
  return {};
}

Result<NpyArray> checkpoint::parseNpy(const void *data, size_t size,
                                      std::string_view file) {
  Result<NpyHeader> header = parseNpyHeader(data, size, file);
  if (!header)
    return header.error();
  const std::byte *from = static_cast<const std::byte *>(data) + header->offset;
  if (header->kind == ElementKind::Bool)
    if (Status status = checkBooleans(from, header->bytes); !status)
      return fileError(file, status.message());
  int64_t elementSize = format::elementBytes(header->kind);
  int64_t count = static_cast<int64_t>(header->bytes) / elementSize;
  NpyArray array{std::move(header->shape), format::Buffer(header->kind, count)};
  if (!array.elements.data())
    return fileError(file, "cannot allocate ", header->bytes, " bytes");
  std::byte *to = array.elements.as<std::byte>();
  if (header->bytes == 0)
    return array;
  if (header->isFortranOrder)
    copyFromFortran(from, to, array.shape, header->bytes,
                    static_cast<size_t>(elementSize));
  else
    std::memcpy(to, from, header->bytes);
  return array;
}

Result<NpyArray> checkpoint::readNpy(const std::string &path) {
  Result<MappedFile> file = MappedFile::open(path);
  if (!file)
    return file.error();
  return parseNpy(file->data(), file->size(), path);
}

/// The header as NumPy writes it, version 1.0.
static std::string makeHeader(std::string_view dtype,
                              const std::vector<int64_t> &shape) {
  std::string literal = "{'descr': '" + std::string(dtype) +
                        "', 'fortran_order': False, 'shape': (";
  for (int64_t dim : shape)
    literal += std::to_string(dim) + ", ";
  if (shape.size() == 1)
    literal.pop_back();
  else if (!shape.empty())
    literal.resize(literal.size() - 2);
  literal += "), }";
  size_t used = kNpyMagic.size() + 4 + literal.size() + 1;
  literal.append(
      (kHeaderAlignment - used % kHeaderAlignment) % kHeaderAlignment, ' ');
  literal += '\n';
  std::string header(kNpyMagic);
  header += std::string("\x01\0", 2);
  appendLittle<uint16_t>(header, static_cast<uint16_t>(literal.size()));
  return header + literal;
}

Status checkpoint::writeNpy(const std::string &path, ElementKind kind,
                            const std::vector<int64_t> &shape,
                            const void *data) {
  Result<std::string_view> dtype = npyTypeName(kind);
  if (!dtype)
    return fileError(path, dtype.message());
  Result<uint64_t> bytes = shapeBytes(kind, shape);
  if (!bytes)
    return fileError(path, bytes.message());
  Result<AtomicFile> file = AtomicFile::open(path);
  if (!file)
    return file.error();
  if (Status status = file->write(makeHeader(*dtype, shape)); !status)
    return status;
  if (Status status = file->write(data, *bytes); !status)
    return status;
  return file->commit();
}
