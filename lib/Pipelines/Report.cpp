//===- Report.cpp - The decisions of one compilation ----------------------===//
//
// Reads what the passes recorded off the described program, and later off its
// loops.
//
//===----------------------------------------------------------------------===//

#include "Report.h"

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

#include <cmath>

using namespace mlir;
using namespace mlir::sparsity;
namespace json = llvm::json;

template <typename T>
static std::string print(T value) {
  std::string text;
  if (value)
    llvm::raw_string_ostream(text) << value;
  return text;
}

static std::string nameOf(FormatAttrInterface format) {
  return format.getStorageFormat()->name();
}

/// Rounded to nanoseconds: more digits are no information.
static json::Array describeTimes(ArrayRef<double> microseconds) {
  json::Array times;
  for (double time : microseconds)
    times.push_back(std::round(time * 1e3) / 1e3);
  return times;
}

/// The winner beside the runner-up, in numbers of the largest regime.
static std::string explain(const Ranking &ranking) {
  const RankedFormat &best = ranking.candidates.front();
  if (ranking.candidates.size() == 1)
    return nameOf(best.format) + " is the only format for its pattern";
  const RankedFormat &next = ranking.candidates[1];
  return llvm::formatv(
      "{0} {1:F1} us, runner-up {2} {3:F1} us at {4} tokens; {5} and {6} bytes",
      nameOf(best.format), best.microseconds.back(), nameOf(next.format),
      next.microseconds.back(), ranking.tokens.back(), best.bytes, next.bytes);
}

static void addRanking(json::Object &row, const Ranking &ranking) {
  const RankedFormat &best = ranking.candidates.front();
  json::Array candidates;
  for (const RankedFormat &candidate : ranking.candidates)
    candidates.push_back(
        json::Object{{"format", print(Attribute(candidate.format))},
                     {"bytes", candidate.bytes},
                     {"stored", candidate.stored},
                     {"predicted_us", describeTimes(candidate.microseconds)}});
  row["tokens"] = json::Array(ranking.tokens);
  row["predicted_us"] = describeTimes(best.microseconds);
  row["why"] = explain(ranking);
  row["candidates"] = std::move(candidates);
}

/// The share of elements that the pattern lets be nonzero.
static double getDensity(PatternAttrInterface pattern,
                         ArrayRef<int64_t> shape) {
  if (!pattern || shape.size() < 2)
    return 1.0;
  int64_t cols = 1;
  for (int64_t extent : shape.drop_front())
    cols *= extent;
  return pattern.getZeroPattern()->density(shape.front(), cols);
}

static int64_t getDenseBytes(const ParameterInfo &info) {
  int64_t bytes = 1;
  for (int64_t extent : info.shape)
    bytes *= extent;
  for (int64_t bits : {64, 32, 16})
    if (StringRef(info.dtype).ends_with(std::to_string(bits)))
      return bytes * bits / 8;
  return bytes;
}

static json::Object describeWeight(const ParameterInfo &info,
                                   PatternAttrInterface pattern) {
  int64_t bytes = 0;
  for (const ParameterBuffer &buffer : info.buffers)
    bytes += buffer.bytes;
  return json::Object{{"name", json::fixUTF8(info.name)},
                      {"shape", json::Array(info.shape)},
                      {"dtype", info.dtype},
                      {"pattern", print(Attribute(pattern))},
                      {"density", getDensity(pattern, info.shape)},
                      {"format", info.format},
                      {"bytes", bytes},
                      {"bytes_dense", getDenseBytes(info)}};
}

void Report::addWeights(ModuleOp module, const CompiledProgram &program) {
  module.walk([&](MatmulOp matmul) {
    if (std::optional<Ranking> ranking = Ranking::of(matmul))
      rankings.try_emplace(ranking->parameter.getValue(), *ranking);
  });
  llvm::StringMap<PatternAttrInterface> patterns;
  for (auto parameter : module.getOps<ParameterOp>())
    if (std::optional<PatternAttrInterface> pattern = parameter.getPattern())
      patterns[parameter.getUserName()] = *pattern;
  for (const ParameterInfo &info : program.parameters) {
    PatternAttrInterface pattern = patterns.lookup(info.name);
    json::Object row = describeWeight(info, pattern);
    if (auto found = rankings.find(info.name); found != rankings.end())
      addRanking(row, found->second);
    else if (pattern && info.format.empty())
      row["why"] = "kept dense: other ops than products of matrices read it";
    weights.push_back(std::move(row));
  }
}

int64_t Report::addOperations(ModuleOp module) {
  auto rows =
      module->getAttrOfType<ArrayAttr>(SparsityDialect::kOperationsAttrName);
  for (Attribute attr : rows) {
    json::Object row;
    for (NamedAttribute field : cast<DictionaryAttr>(attr))
      row[field.getName().strref()] =
          json::fixUTF8(cast<StringAttr>(field.getValue()).getValue());
    auto found = rankings.find(row.getString("weight").value_or(""));
    if (found != rankings.end()) {
      const RankedFormat &best = found->second.candidates.front();
      row["format"] = print(Attribute(best.format));
      row["predicted_us"] = describeTimes(best.microseconds);
    }
    operations.push_back(std::move(row));
  }
  module->removeAttr(SparsityDialect::kOperationsAttrName);
  return operations.size();
}

std::string Report::str() const {
  json::Object report{{"version", 2},
                      {"weights", json::Array(weights)},
                      {"operations", json::Array(operations)}};
  return llvm::formatv("{0:2}", json::Value(std::move(report)));
}
