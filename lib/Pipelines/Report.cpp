//===- Report.cpp - The decisions of one compilation ----------------------===//
//
// Reads what the passes recorded off the described program, and later off its
// loops.
//
//===----------------------------------------------------------------------===//

#include "Report.h"

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringMap.h"
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
    return nameOf(best.format) + ": no other format holds it or was asked for";
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

/// The packed parameter that a product reads, or null.
static StringAttr findParameter(MatmulOp matmul) {
  Value packed = matmul.isLhsPacked() ? matmul.getLhs() : matmul.getRhs();
  auto assemble = packed.getDefiningOp<AssembleOp>();
  auto argument = assemble
                      ? dyn_cast<BlockArgument>(assemble.getBuffers().front())
                      : BlockArgument();
  auto func = argument
                  ? dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp())
                  : func::FuncOp();
  auto symbol =
      func ? func.getArgAttrOfType<FlatSymbolRefAttr>(
                 argument.getArgNumber(), SparsityDialect::kParameterAttrName)
           : FlatSymbolRefAttr();
  return symbol ? symbol.getAttr() : StringAttr();
}

void Report::addWeights(ModuleOp module, const CompiledProgram &program) {
  llvm::StringMap<SmallVector<Ranking>> rankings;
  module.walk([&](MatmulOp matmul) {
    std::optional<Ranking> ranking = Ranking::of(matmul);
    if (StringAttr symbol = findParameter(matmul); symbol && ranking)
      rankings[symbol.getValue()].push_back(*ranking);
  });
  SymbolTable symbols(module);
  for (const ParameterInfo &info : program.parameters) {
    auto parameter = symbols.lookup<ParameterOp>(info.symbol);
    PatternAttrInterface pattern = parameter.getPatternAttr();
    json::Object row = describeWeight(info, pattern);
    if (auto found = rankings.find(info.symbol); found != rankings.end()) {
      if (std::optional<Ranking> all = Ranking::sum(found->second))
        addRanking(row, *all);
      else
        row["why"] = llvm::formatv("{0} products with different numbers of "
                                   "tokens: see the operations",
                                   found->second.size());
    } else if (pattern && info.format.empty()) {
      row["why"] = "kept dense: other ops than products of matrices read it";
    }
    weights.push_back(std::move(row));
  }
}

static json::Object describeOperation(DictionaryAttr fields,
                                      const CompiledProgram &program) {
  auto text = [&](StringRef name) {
    return json::fixUTF8(fields.getAs<StringAttr>(name).getValue());
  };
  json::Object row{{"op", text("op")}, {"location", text("location")}};
  if (auto symbols = fields.getAs<ArrayAttr>("parameters")) {
    json::Array names, numbers;
    for (auto symbol : symbols.getAsRange<FlatSymbolRefAttr>()) {
      auto info = llvm::find_if(program.parameters,
                                [&](const ParameterInfo &parameter) {
                                  return parameter.symbol == symbol.getValue();
                                });
      names.push_back(json::fixUTF8(info->name));
      numbers.push_back(info - program.parameters.begin());
      row["format"] = info->format;
    }
    row["weights"] = std::move(names);
    row["weight_rows"] = std::move(numbers);
  }
  if (std::optional<Ranking> ranking = Ranking::read(fields.get("ranking"))) {
    row["tokens"] = json::Array(ranking->tokens);
    row["predicted_us"] =
        describeTimes(ranking->candidates.front().microseconds);
  }
  return row;
}

int64_t Report::addOperations(ModuleOp module, const CompiledProgram &program) {
  auto rows =
      module->getAttrOfType<ArrayAttr>(SparsityDialect::kOperationsAttrName);
  for (auto fields : rows.getAsRange<DictionaryAttr>())
    operations.push_back(describeOperation(fields, program));
  return operations.size();
}

std::string Report::str() const {
  json::Object report{{"version", 3},
                      {"weights", json::Array(weights)},
                      {"operations", json::Array(operations)}};
  return llvm::formatv("{0:2}", json::Value(std::move(report)));
}
