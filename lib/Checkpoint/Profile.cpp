//===- Profile.cpp - Statistics of a program's data in a file -------------===//
//
// The strict reader. Profiles are written by Runtime/Calibration.cpp, from the
// metadata of the program that has collected them.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Checkpoint/Profile.h"

#include "StrictJson.h"
#include "sparse-opt/Checkpoint/Names.h"

#include <cmath>
#include <map>
#include <set>

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;

namespace {
class ParameterPlace : public JsonRecord {
public:
  ParameterPlace()
      : JsonRecord({{"parameter", &name},
                    {"dtype", &dtype},
                    {"shape", &dims},
                    {"axis", &axis},
                    {"hash", &hash}}) {}
  std::vector<ObservedParameter> parameters;

private:
  Status complete() override;
  JsonText name, dtype, hash;
  JsonIntegers dims{2, 2};
  JsonInteger axis;
};

/// A statistic and the name of its tensor.
using NamedStatistic = std::pair<std::string, ProfileStatistic>;

class StatisticPlace : public JsonRecord {
public:
  StatisticPlace()
      : JsonRecord({{"tensor", &tensor}, {"kind", &kind}, {"of", &of}}) {}
  std::vector<NamedStatistic> statistics;

private:
  Status beginObject() override;
  Status complete() override;
  JsonText tensor, kind;
  ParameterPlace parameter;
  JsonList of{parameter};
  /// Kinds and parameters.
  std::set<std::pair<std::string, std::string>> seen;
  /// What is said about each parameter.
  std::map<std::string, ObservedParameter> known;
};

class RootPlace : public JsonRecord {
public:
  RootPlace()
      : JsonRecord({{"version", &version}, {"statistics", &statistics}}) {}
  StatisticPlace statistic;

private:
  Status complete() override;
  JsonInteger version;
  JsonList statistics{statistic};
};
} // namespace

static Result<ElementKind> kindOf(std::string_view dtype) {
  for (ElementKind kind : {ElementKind::F64, ElementKind::F32, ElementKind::F16,
                           ElementKind::BF16, ElementKind::I8, ElementKind::U8})
    if (format::elementName(kind) == dtype)
      return kind;
  return makeError("expected the dtype of a weight such as 'f32', found ",
                   quoteName(dtype));
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
  if (axis.value > 1)
    return makeError("expected axis 0 or 1, found ", axis.value);
  ObservedParameter parameter;
  parameter.name = std::move(name.value);
  parameter.kind = *kind;
  parameter.shape = std::move(*shape);
  parameter.axis = static_cast<int64_t>(axis.value);
  parameter.hash = std::move(hash.value);
  parameters.push_back(std::move(parameter));
  return {};
}

Status StatisticPlace::beginObject() {
  parameter.parameters.clear();
  return JsonRecord::beginObject();
}

Status StatisticPlace::complete() {
  ProfileStatistic statistic;
  statistic.kind = std::move(kind.value);
  statistic.of = std::move(parameter.parameters);
  if (statistic.of.empty())
    return makeError("expected parameters of ", quoteName(tensor.value),
                     ", found none");
  for (const ObservedParameter &observed : statistic.of) {
    if (!seen.insert({statistic.kind, observed.name}).second)
      return makeError("expected '", statistic.kind, "' of ",
                       quoteName(observed.name), " once, found it twice");
    const ObservedParameter &first =
        known.try_emplace(observed.name, observed).first->second;
    if (first.kind != observed.kind || first.shape != observed.shape ||
        first.axis != observed.axis || first.hash != observed.hash)
      return makeError("expected one type, axis and hash of ",
                       quoteName(observed.name), ", found others in '",
                       statistic.kind, "'");
  }
  statistics.emplace_back(std::move(tensor.value), std::move(statistic));
  return {};
}

Status RootPlace::complete() {
  if (version.value == kProfileVersion)
    return {};
  return makeError("expected profile version ", kProfileVersion, ", found ",
                   version.value);
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

/// Whether a statistic of `inputs` has the element type and the shape of its
/// kind; kinds that are not known are those of a number in f64 for each input.
static bool hasExpectedType(const ProfileStatistic &statistic, int64_t inputs) {
  const TensorView &tensor = statistic.tensor;
  std::vector<int64_t> shape = {inputs};
  if (statistic.kind == "rows")
    return tensor.kind == ElementKind::I64 &&
           tensor.shape == std::vector<int64_t>{1};
  if (statistic.kind == "gram") {
    shape.push_back(inputs);
    return tensor.shape == shape &&
           (tensor.kind == ElementKind::F32 || tensor.kind == ElementKind::F64);
  }
  return tensor.kind == ElementKind::F64 && tensor.shape == shape;
}

static Status checkNumbers(const TensorView &tensor) {
  const int64_t size = format::elementBytes(tensor.kind);
  for (size_t i = 0; i < tensor.bytes / size; ++i)
    if (!std::isfinite(format::toDouble(tensor.data + i * size, tensor.kind)))
      return makeError("expected finite numbers in tensor ",
                       quoteName(tensor.name), ", found another at index ", i);
  return {};
}

/// Finds and checks the tensor of a statistic.
static Status attach(const Checkpoint &file, NamedStatistic &named) {
  auto &[name, statistic] = named;
  const TensorView *tensor = file.find(name);
  if (!tensor)
    return makeError("expected a tensor ", quoteName(name), ", found none");
  statistic.tensor = *tensor;
  for (const ObservedParameter &observed : statistic.of)
    if (!hasExpectedType(statistic, observed.shape[observed.axis]))
      return makeError("expected tensor ", quoteName(name), " to be '",
                       statistic.kind, "' of ", observed.shape[observed.axis],
                       " inputs of ", quoteName(observed.name), ", found ",
                       format::elementName(tensor->kind), " ",
                       shapeText(tensor->shape));
  return checkNumbers(*tensor);
}

Result<Profile> Profile::open(const std::string &path) {
  Result<Checkpoint> file = Checkpoint::open(path);
  if (!file)
    return file.error();
  const Metadata &metadata = file->shards().front().metadata;
  auto found = metadata.find(kProfileKey);
  if (found == metadata.end())
    return makeError(path, ": expected a profile (metadata '", kProfileKey,
                     "'), found none");
  RootPlace root;
  std::string document = path + ": " + kProfileKey;
  if (Status status = parseStrictJson(found->second, document, 0, root);
      !status)
    return status.error();
  std::vector<ProfileStatistic> all;
  for (NamedStatistic &named : root.statistic.statistics) {
    if (Status status = attach(*file, named); !status)
      return makeError(path, ": ", status.message());
    all.push_back(std::move(named.second));
  }
  return Profile(std::move(*file), std::move(all));
}

const ProfileStatistic *Profile::find(std::string_view parameter,
                                      std::string_view kind) const {
  for (const ProfileStatistic &statistic : all)
    for (const ObservedParameter &observed : statistic.of)
      if (statistic.kind == kind && observed.name == parameter)
        return &statistic;
  return nullptr;
}

const ObservedParameter *Profile::findParameter(std::string_view name) const {
  for (const ProfileStatistic &statistic : all)
    for (const ObservedParameter &observed : statistic.of)
      if (observed.name == name)
        return &observed;
  return nullptr;
}
