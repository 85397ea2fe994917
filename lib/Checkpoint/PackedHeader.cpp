//===- PackedHeader.cpp - The JSON header of the packed file --------------===//
//
// The fields of the header, of its parameters and of their buffers.
//
//===----------------------------------------------------------------------===//

#include "PackedHeader.h"

#include "PackedLayout.h"
#include "StrictJson.h"
#include "sparse-opt/Checkpoint/Names.h"

#include <set>

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;

static Result<ElementKind> kindOf(std::string_view dtype) {
  for (ElementKind kind : kPackedKinds)
    if (format::elementName(kind) == dtype)
      return kind;
  return makeError("expected a dtype such as 'f32', found ", quoteName(dtype));
}

namespace {

class BufferPlace : public JsonRecord {
public:
  BufferPlace()
      : JsonRecord({{"name", &name},
                    {"dtype", &dtype},
                    {"count", &count},
                    {"offset", &offset}}) {}
  std::vector<PackedHeader::Buffer> buffers;
  std::set<std::string> names;

private:
  Status complete() override;
  JsonText name, dtype;
  JsonInteger count, offset;
};

class ParameterPlace : public JsonRecord {
public:
  ParameterPlace()
      : JsonRecord({{"name", &name},
                    {"shape", &dims},
                    {"dtype", &dtype},
                    {"format", &format},
                    {"hash", &hash},
                    {"buffers", &buffers}}) {}
  std::vector<PackedHeader::Parameter> parameters;

private:
  Status beginObject() override;
  Status complete() override;
  JsonText name, dtype, format, hash;
  JsonIntegers dims{0, kMaxRank};
  BufferPlace buffer;
  JsonList buffers{buffer};
  std::set<std::string> names;
};

class RootPlace : public JsonRecord {
public:
  RootPlace()
      : JsonRecord({{"program", &program}, {"parameters", &parameters}}) {}
  JsonText program;
  ParameterPlace parameter;

private:
  Status complete() override;
  JsonList parameters{parameter};
};

} // namespace

Status BufferPlace::complete() {
  Result<ElementKind> kind = kindOf(dtype.value);
  if (!kind)
    return kind.error();
  Result<std::vector<int64_t>> shape = toShape({count.value});
  if (!shape)
    return shape.error();
  Result<uint64_t> bytes = shapeBytes(*kind, *shape);
  if (!bytes)
    return bytes.error();
  if (!names.insert(name.value).second)
    return makeError("expected each buffer once, found ", quoteName(name.value),
                     " twice");
  buffers.push_back(
      {std::move(name.value), *kind, shape->front(), offset.value, *bytes});
  return {};
}

Status ParameterPlace::beginObject() {
  buffer.buffers.clear();
  buffer.names.clear();
  return JsonRecord::beginObject();
}

Status ParameterPlace::complete() {
  Result<ElementKind> kind = kindOf(dtype.value);
  if (!kind)
    return kind.error();
  Result<std::vector<int64_t>> shape = toShape(dims.values);
  if (!shape)
    return shape.error();
  if (Result<uint64_t> bytes = shapeBytes(*kind, *shape); !bytes)
    return bytes.error();
  if (!names.insert(name.value).second)
    return makeError("expected each parameter once, found ",
                     quoteName(name.value), " twice");
  PackedHeader::Parameter parameter;
  parameter.type.name = std::move(name.value);
  parameter.type.kind = *kind;
  parameter.type.shape = std::move(*shape);
  parameter.format = std::move(format.value);
  parameter.hash = std::move(hash.value);
  parameter.buffers = std::move(buffer.buffers);
  parameters.push_back(std::move(parameter));
  return {};
}

Status RootPlace::complete() {
  if (isProgramHash(program.value))
    return {};
  return makeError("expected a hexadecimal hash as 'program', found ",
                   quoteName(program.value));
}

Result<PackedHeader> checkpoint::parsePackedHeader(std::string_view json,
                                                   std::string_view file,
                                                   uint64_t base) {
  RootPlace root;
  if (Status status = parseStrictJson(json, file, base, root); !status)
    return status.error();
  return PackedHeader{std::move(root.program.value),
                      std::move(root.parameter.parameters)};
}
