//===- Metadata.cpp - What a program says about itself --------------------===//
//
// The writer of the JSON text that lib/Runtime/Metadata.h draws.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Pipelines/Link.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace mlir::sparsity;
namespace json = llvm::json;

static constexpr int64_t kMetadataVersion = 3;

/// Names come from files: what is not UTF-8 would not be JSON.
static json::Value text(StringRef value) {
  return json::isUTF8(value) ? value.str() : json::fixUTF8(value);
}

template <typename Info>
static json::Object typeOf(const Info &info) {
  return json::Object{{"dtype", text(info.dtype)},
                      {"shape", json::Array(info.shape)}};
}

static json::Object statistic(const StatisticInfo &info) {
  json::Array of;
  for (const StatisticInfo::Observed &observed : info.of) {
    json::Object object = typeOf(observed);
    object["parameter"] = text(observed.parameter);
    object["axis"] = observed.axis;
    object["hash"] = text(observed.hash);
    of.push_back(std::move(object));
  }
  return json::Object{{"kind", text(info.kind)}, {"of", std::move(of)}};
}

static json::Array tensors(const std::vector<TensorInfo> &infos) {
  json::Array array;
  for (const TensorInfo &info : infos) {
    json::Object object = typeOf(info);
    object["name"] = text(info.name);
    if (info.isUpdated)
      object["updated"] = true;
    if (info.statistic)
      object["statistic"] = statistic(*info.statistic);
    array.push_back(std::move(object));
  }
  return array;
}

static json::Object function(const FunctionInfo &info) {
  json::Array parameters;
  for (auto [parameter, buffer] : info.parameters)
    parameters.push_back(json::Array{parameter, buffer});
  return json::Object{{"name", text(info.name)},
                      {"symbol", text(info.symbol)},
                      {"inputs", tensors(info.inputs)},
                      {"results", tensors(info.results)},
                      {"parameters", std::move(parameters)}};
}

static json::Object parameter(const ParameterInfo &info) {
  json::Array buffers;
  for (const ParameterBuffer &buffer : info.buffers)
    buffers.push_back(typeOf(buffer));
  json::Object object = typeOf(info);
  object["name"] = text(info.name);
  object["format"] = text(info.format);
  object["transposed"] = info.transposed;
  object["buffers"] = std::move(buffers);
  return object;
}

/// What ties a weights file to its program: code and signatures, not weights.
static std::string programHash(const CompiledProgram &program,
                               const json::Object &metadata) {
  std::string all = llvm::formatv("{0}", json::Value(json::Object(metadata)));
  for (const ProgramVariant &variant : program.variants)
    all += variant.object;
  return llvm::utohexstr(llvm::xxh3_64bits(all), /*LowerCase=*/true,
                         /*Width=*/16);
}

std::string mlir::sparsity::writeMetadata(const CompiledProgram &program) {
  json::Array functions, parameters;
  for (const FunctionInfo &info : program.functions)
    functions.push_back(function(info));
  for (const ParameterInfo &info : program.parameters)
    parameters.push_back(parameter(info));
  json::Array variants;
  for (const ProgramVariant &variant : program.variants)
    variants.push_back(
        json::Object{{"target", text(variant.target)},
                     {"suffix", variant.suffix},
                     {"instruction_sets", variant.instructionSets}});
  json::Object metadata{{"version", kMetadataVersion},
                        {"functions", std::move(functions)},
                        {"parameters", std::move(parameters)},
                        {"operations", program.operationCount},
                        {"variants", std::move(variants)}};
  metadata["program"] = programHash(program, metadata);
  llvm::Expected<json::Value> report = json::parse(program.report);
  metadata["report"] = report ? std::move(*report) : json::Value(nullptr);
  llvm::consumeError(report.takeError());
  return llvm::formatv("{0}", json::Value(std::move(metadata)));
}
