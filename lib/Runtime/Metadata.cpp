//===- Metadata.cpp - What a program says about itself --------------------===//
//
// The reader of a program's metadata. The text comes from a library that has
// been loaded, so it is trusted, but a broken one is still an error.
//
//===----------------------------------------------------------------------===//

#include "Metadata.h"

#include "sparse-opt/Checkpoint/Names.h"
#include "sparse-opt/Runtime/Runtime.h"

#include <map>
#include <nlohmann/json.hpp>
#include <optional>

using namespace mlir::sparsity;
using namespace mlir::sparsity::runtime;
using checkpoint::quoteName;
using format::Error;
using format::makeError;
using Json = nlohmann::json;

namespace {
struct TypeName {
  std::string_view name;
  ElementKind kind;
  bool isSignless;
};

/// Collects the first error; every read after it gives something harmless.
class MetadataReader {
public:
  ProgramSpec read(const Json &root);
  const std::optional<Error> &error() const { return failure; }

private:
  void fail(std::string_view key, std::string_view expected);
  const Json &member(const Json &object, const char *key, Json::value_t type);
  std::string text(const Json &object, const char *key);
  TensorSpec tensor(const Json &object, const char *nameKey);
  std::vector<TensorSpec> tensors(const Json &object, const char *key,
                                  const char *nameKey);
  ParameterSpec parameter(const Json &object);
  FunctionSpec function(const Json &object, const ProgramSpec &program);
  int64_t operationCount(const Json &count);
  VariantSpec variant(const Json &object);
  std::pair<int64_t, int64_t> reference(const Json &pair,
                                        const ProgramSpec &program);

  std::optional<Error> failure;
};
} // namespace

static constexpr TypeName kTypeNames[] = {
    {"f64", ElementKind::F64, false},   {"f32", ElementKind::F32, false},
    {"f16", ElementKind::F16, false},   {"bf16", ElementKind::BF16, false},
    {"i64", ElementKind::I64, true},    {"i32", ElementKind::I32, true},
    {"i16", ElementKind::I16, true},    {"i8", ElementKind::I8, true},
    {"index", ElementKind::I64, false}, {"i1", ElementKind::Bool, false},
    {"si64", ElementKind::I64, false},  {"si32", ElementKind::I32, false},
    {"si16", ElementKind::I16, false},  {"si8", ElementKind::I8, false},
    {"ui64", ElementKind::U64, false},  {"ui32", ElementKind::U32, false},
    {"ui16", ElementKind::U16, false},  {"ui8", ElementKind::U8, false},
    {"u64", ElementKind::U64, false},   {"u32", ElementKind::U32, false},
    {"u16", ElementKind::U16, false},   {"u8", ElementKind::U8, false},
    {"bool", ElementKind::Bool, false}};

static const TypeName *findType(std::string_view name) {
  for (const TypeName &type : kTypeNames)
    if (type.name == name)
      return &type;
  return nullptr;
}

void MetadataReader::fail(std::string_view key, std::string_view expected) {
  if (!failure)
    failure = makeError("broken program: expected ", expected, " as '", key,
                        "' of its metadata");
}

/// An empty value of `type` when there is none.
const Json &MetadataReader::member(const Json &object, const char *key,
                                   Json::value_t type) {
  static const std::map<Json::value_t, Json> empty = {
      {Json::value_t::array, Json::array()},
      {Json::value_t::object, Json::object()},
      {Json::value_t::string, ""},
      {Json::value_t::boolean, false}};
  if (object.is_object()) {
    Json::const_iterator found = object.find(key);
    if (found != object.end() && found->type() == type)
      return *found;
  }
  fail(key, empty.at(type).type_name());
  return empty.at(type);
}

std::string MetadataReader::text(const Json &object, const char *key) {
  return member(object, key, Json::value_t::string).get<std::string>();
}

TensorSpec MetadataReader::tensor(const Json &object, const char *nameKey) {
  TensorSpec spec;
  if (nameKey)
    spec.name = text(object, nameKey);
  const TypeName *type = findType(text(object, "dtype"));
  if (!type)
    fail("dtype", "an integer or floating-point type");
  else
    spec.kind = type->kind, spec.isSignless = type->isSignless;
  for (const Json &extent : member(object, "shape", Json::value_t::array)) {
    int64_t value = extent.is_number_integer() ? extent.get<int64_t>() : -2;
    if (value < -1)
      fail("shape", "a list of extents");
    spec.shape.push_back(value);
  }
  if (spec.shape.size() > SPARSE_OPT_MAX_RANK)
    fail("shape", "at most 16 extents");
  if (object.is_object() && object.contains("updated"))
    spec.isUpdated =
        member(object, "updated", Json::value_t::boolean).get<bool>();
  if (object.is_object() && object.contains("statistic")) {
    const Json &statistic = member(object, "statistic", Json::value_t::object);
    spec.statisticKind = text(statistic, "kind");
    spec.statistic = statistic.dump();
  }
  return spec;
}

std::vector<TensorSpec> MetadataReader::tensors(const Json &object,
                                                const char *key,
                                                const char *nameKey) {
  std::vector<TensorSpec> specs;
  for (const Json &element : member(object, key, Json::value_t::array))
    specs.push_back(tensor(element, nameKey));
  return specs;
}

ParameterSpec MetadataReader::parameter(const Json &object) {
  ParameterSpec spec;
  static_cast<TensorSpec &>(spec) = tensor(object, "name");
  spec.format = text(object, "format");
  spec.isTransposed =
      member(object, "transposed", Json::value_t::boolean).get<bool>();
  spec.buffers = tensors(object, "buffers", nullptr);
  if (spec.format.empty() && spec.buffers.size() != 1)
    fail("buffers", "one buffer of a plain tensor");
  return spec;
}

std::pair<int64_t, int64_t>
MetadataReader::reference(const Json &pair, const ProgramSpec &program) {
  bool isPair = pair.is_array() && pair.size() == 2 &&
                pair[0].is_number_unsigned() && pair[1].is_number_unsigned();
  uint64_t parameter = isPair ? pair[0].get<uint64_t>() : 0;
  uint64_t buffer = isPair ? pair[1].get<uint64_t>() : 0;
  if (isPair && parameter < program.parameters.size() &&
      buffer < program.parameters[parameter].buffers.size())
    return {parameter, buffer};
  fail("parameters", "pairs of a parameter and one of its buffers");
  return {0, 0};
}

FunctionSpec MetadataReader::function(const Json &object,
                                      const ProgramSpec &program) {
  FunctionSpec spec;
  spec.name = text(object, "name");
  spec.symbol = text(object, "symbol");
  spec.inputs = tensors(object, "inputs", "name");
  spec.results = tensors(object, "results", "name");
  for (const Json &pair : member(object, "parameters", Json::value_t::array))
    spec.parameters.push_back(reference(pair, program));
  return spec;
}

/// Gives parameters of one name entries "w", "w (2)", ...
static void nameEntries(std::vector<ParameterSpec> &parameters) {
  std::map<std::string, int> uses;
  for (ParameterSpec &parameter : parameters) {
    int use = ++uses[parameter.name];
    parameter.entry = parameter.name;
    if (use > 1)
      parameter.entry += " (" + std::to_string(use) + ")";
  }
}

int64_t MetadataReader::operationCount(const Json &count) {
  constexpr uint64_t kMost = 1 << 20;
  if (count.is_number_unsigned() && count.get<uint64_t>() <= kMost)
    return count.get<int64_t>();
  fail("operations", "a number up to 1048576");
  return 0;
}

VariantSpec MetadataReader::variant(const Json &object) {
  VariantSpec spec;
  spec.target = text(object, "target");
  spec.suffix = text(object, "suffix");
  for (const Json &name :
       member(object, "instruction_sets", Json::value_t::array)) {
    if (!name.is_string())
      fail("instruction_sets", "a list of names");
    spec.instructionSets.push_back(name.is_string() ? name.get<std::string>()
                                                    : "");
  }
  return spec;
}

ProgramSpec MetadataReader::read(const Json &root) {
  ProgramSpec spec;
  spec.program = text(root, "program");
  for (const Json &element : member(root, "parameters", Json::value_t::array))
    spec.parameters.push_back(parameter(element));
  nameEntries(spec.parameters);
  for (const Json &element : member(root, "functions", Json::value_t::array))
    spec.functions.push_back(function(element, spec));
  if (Json::const_iterator count = root.find("operations"); count != root.end())
    spec.operationCount = operationCount(*count);
  for (const Json &element : member(root, "variants", Json::value_t::array))
    spec.variants.push_back(variant(element));
  if (spec.variants.empty())
    fail("variants", "at least one");
  Json::const_iterator report = root.find("report");
  spec.report = report == root.end() ? "null" : report->dump();
  return spec;
}

format::Result<ProgramSpec>
mlir::sparsity::runtime::parseMetadata(std::string_view text) {
  Json root = Json::parse(text.begin(), text.end(), nullptr,
                          /*allow_exceptions=*/false);
  if (!root.is_object())
    return makeError("broken program: its metadata is no JSON object");
  Json::const_iterator version = root.find("version");
  if (version == root.end() || *version != kMetadataVersion)
    return makeError("expected a program of format version ", kMetadataVersion,
                     ", found ",
                     version == root.end() ? "none" : version->dump());
  MetadataReader reader;
  ProgramSpec spec = reader.read(root);
  if (reader.error())
    return *reader.error();
  return spec;
}

std::string
mlir::sparsity::runtime::shapeText(const std::vector<int64_t> &shape) {
  std::string text = "[";
  for (int64_t extent : shape) {
    text += text.size() > 1 ? ", " : "";
    text += extent == -1 ? "?" : std::to_string(extent);
  }
  return text + "]";
}
