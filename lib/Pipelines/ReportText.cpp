//===- ReportText.cpp - A report as a table -------------------------------===//
//
// Lays the JSON of Report.h out in columns. Fields that are missing are blank.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Pipelines/ReportText.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

#include <cmath>
#include <set>

using namespace llvm;
using mlir::sparsity::HostPeaks;
using mlir::sparsity::MeasuredOperation;

namespace {
/// Rows of cells; all but the first column and the last lie on the right.
class Columns {
public:
  void add(ArrayRef<std::string> cells) {
    rows.emplace_back(cells.begin(), cells.end());
    widths.resize(std::max(widths.size(), cells.size()));
    for (auto [width, cell] : zip(widths, cells))
      width = std::max(width, cell.size());
  }
  std::string str() const;

private:
  std::vector<std::vector<std::string>> rows;
  std::vector<size_t> widths;
};
} // namespace

std::string Columns::str() const {
  std::string text;
  raw_string_ostream stream(text);
  for (const std::vector<std::string> &row : rows) {
    for (auto [index, cell] : enumerate(row)) {
      if (index + 1 == row.size())
        stream << cell << "\n";
      else if (index == 0)
        stream << left_justify(cell, widths[index]) << "  ";
      else
        stream << right_justify(cell, widths[index]) << "  ";
    }
  }
  return text;
}

static std::string text(const json::Object &row, StringRef key) {
  return row.getString(key).value_or("").str();
}

static std::string number(const json::Object &row, StringRef key) {
  std::optional<int64_t> value = row.getInteger(key);
  return value ? std::to_string(*value) : "";
}

/// "1.5/3.0/12.0": one for each number of tokens.
static std::string list(const json::Object &row, StringRef key,
                        bool isWhole = false) {
  const json::Array *values = row.getArray(key);
  std::string text;
  for (const json::Value &value : values ? *values : json::Array())
    if (std::optional<double> number = value.getAsNumber())
      text += (text.empty() ? "" : "/") +
              (isWhole ? std::to_string(int64_t(*number))
                       : formatv("{0:F1}", *number).str());
  return text;
}

/// Blank unless it was measured.
static std::string measured(const json::Object &row, StringRef key) {
  std::optional<double> value = row.getNumber(key);
  return value ? formatv("{0:F1}", *value).str() : "";
}

static std::string percent(const json::Object &row, StringRef key) {
  std::optional<double> value = row.getNumber(key);
  return value ? formatv("{0:F0} %", *value * 100).str() : "";
}

/// The spelling of an attribute without its dialect.
static std::string plain(std::string attr) {
  StringRef name(attr);
  name.consume_front("#sparsity.");
  return name.str();
}

/// Predictions, and for which numbers of tokens where `withTokens`.
static std::string predictions(const json::Object &row, bool withTokens) {
  std::string times = list(row, "predicted_us");
  if (!times.empty() && withTokens)
    times += " at " + list(row, "tokens", /*isWhole=*/true);
  return times;
}

static std::string describeWeights(const json::Array &weights,
                                   bool withTokens) {
  Columns columns;
  columns.add({"weight", "shape", "pattern", "density", "format", "dense bytes",
               "bytes", "predicted us", "measured us", "why"});
  int64_t dense = 0, packed = 0;
  for (const json::Value &value : weights) {
    const json::Object *row = value.getAsObject();
    if (!row)
      continue;
    std::string shape;
    const json::Array *extents = row->getArray("shape");
    for (const json::Value &extent : extents ? *extents : json::Array())
      shape += (shape.empty() ? "" : "x") +
               std::to_string(extent.getAsInteger().value_or(0));
    dense += row->getInteger("bytes_dense").value_or(0);
    packed += row->getInteger("bytes").value_or(0);
    columns.add({text(*row, "name"), shape, plain(text(*row, "pattern")),
                 formatv("{0:F3}", row->getNumber("density").value_or(1.0)),
                 plain(text(*row, "format")), number(*row, "bytes_dense"),
                 number(*row, "bytes"), predictions(*row, withTokens),
                 measured(*row, "measured_us"), text(*row, "why")});
  }
  columns.add({"all", "", "", "", "", std::to_string(dense),
               std::to_string(packed), "", "", ""});
  return columns.str();
}

/// "a.{b,c}.d" for names that differ in one word, else all of them.
static std::string joinNames(ArrayRef<std::string> names) {
  SmallVector<SmallVector<StringRef>> words;
  for (StringRef name : names)
    name.split(words.emplace_back(), '.');
  SmallVector<std::string> joined;
  int64_t differences = 0;
  for (size_t place = 0; place < words[0].size(); ++place) {
    SetVector<StringRef> here;
    for (ArrayRef<StringRef> name : words) {
      if (name.size() != words[0].size())
        return join(names, ", ");
      here.insert(name[place]);
    }
    differences += here.size() > 1;
    joined.push_back(here.size() == 1
                         ? here.front().str()
                         : "{" + join(here.getArrayRef(), ",") + "}");
  }
  return differences == 1 ? join(joined, ".") : join(names, ", ");
}

static std::string namesOfWeights(const json::Object &row) {
  SmallVector<std::string> names;
  if (const json::Array *weights = row.getArray("weights"))
    for (const json::Value &weight : *weights)
      names.push_back(weight.getAsString().value_or("").str());
  if (names.size() <= 1)
    return names.empty() ? "" : names.front();
  return joinNames(names);
}

static std::string describeOperations(const json::Array &operations,
                                      bool withTokens) {
  Columns columns;
  columns.add({"operation", "predicted us", "measured us", "GFLOP/s", "GB/s",
               "of roofline", "weight", "format", "location"});
  for (const json::Value &value : operations)
    if (const json::Object *row = value.getAsObject())
      columns.add({text(*row, "op"), predictions(*row, withTokens),
                   measured(*row, "measured_us"), measured(*row, "gflops"),
                   measured(*row, "gbytes_per_second"),
                   percent(*row, "roofline"), namesOfWeights(*row),
                   plain(text(*row, "format")), text(*row, "location")});
  return columns.str();
}

static std::string describePeaks(const json::Object &root) {
  std::string flops = measured(root, "peak_gflops");
  std::string bytes = measured(root, "peak_gbytes_per_second");
  return "roofline: " + flops + " GFLOP/s in f32, " + bytes +
         " GB/s from memory\n";
}

std::string mlir::sparsity::formatReport(StringRef jsonText) {
  Expected<json::Value> report = json::parse(jsonText);
  if (!report) {
    consumeError(report.takeError());
    return "";
  }
  const json::Object *root = report->getAsObject();
  if (!root)
    return "";
  const json::Array *weights = root->getArray("weights");
  const json::Array *operations = root->getArray("operations");
  std::set<std::string> tokens;
  for (const json::Array *rows : {weights, operations})
    for (const json::Value &value : rows ? *rows : json::Array())
      if (const json::Object *row = value.getAsObject())
        tokens.insert(list(*row, "tokens", /*isWhole=*/true));
  tokens.erase("");
  bool withTokens = tokens.size() > 1;
  std::string result =
      weights && !weights->empty() ? describeWeights(*weights, withTokens) : "";
  if (tokens.size() == 1)
    result += "predictions are for " + *tokens.begin() + " tokens\n";
  if (std::optional<StringRef> call = root->getString("measured"))
    result += "measured: " + call->str() + "\n" + describePeaks(*root);
  if (operations)
    result += (result.empty() ? "" : "\n") +
              describeOperations(*operations, withTokens);
  return result;
}

/// To one digit behind the point where `parts` is 10, to three for 1000.
static double roundTo(double value, double parts) {
  return std::round(value * parts) / parts;
}

/// Rates of an operation that ran and of which something is known.
static void addRates(json::Object &row, const MeasuredOperation &operation,
                     const HostPeaks &peaks) {
  row["measured_us"] = roundTo(operation.microseconds, 1000);
  if (operation.microseconds <= 0)
    return;
  if (operation.flops > 0)
    row["gflops"] =
        roundTo(operation.flops / operation.microseconds / 1e3, 1000);
  if (operation.bytes > 0)
    row["gbytes_per_second"] =
        roundTo(operation.bytes / operation.microseconds / 1e3, 1000);
  if (operation.flops > 0 || operation.bytes > 0)
    row["roofline"] = roundTo(peaks.least(operation.flops, operation.bytes) /
                                  operation.microseconds,
                              1000);
}

/// Adds the time of products with the weights in `rows` to each of them by its
/// bytes: they have one format and the same tokens.
static void shareTime(const json::Array &rows, const json::Array &weights,
                      double microseconds,
                      DenseMap<int64_t, double> &perWeight) {
  auto bytesOf = [&](int64_t row) {
    const json::Object *weight = row >= 0 && row < int64_t(weights.size())
                                     ? weights[row].getAsObject()
                                     : nullptr;
    return double(weight ? weight->getInteger("bytes").value_or(0) : 0);
  };
  double all = 0;
  for (const json::Value &row : rows)
    all += bytesOf(row.getAsInteger().value_or(-1));
  for (const json::Value &row : rows) {
    int64_t weight = row.getAsInteger().value_or(-1);
    if (all > 0)
      perWeight[weight] += microseconds * bytesOf(weight) / all;
  }
}

std::string
mlir::sparsity::addMeasuredTimes(StringRef jsonText,
                                 ArrayRef<MeasuredOperation> measured,
                                 const HostPeaks &peaks, StringRef call) {
  Expected<json::Value> report = json::parse(jsonText);
  json::Object *root = report ? report->getAsObject() : nullptr;
  json::Array *operations = root ? root->getArray("operations") : nullptr;
  json::Array *weights = root ? root->getArray("weights") : nullptr;
  consumeError(report.takeError());
  if (!operations || !weights)
    return jsonText.str();
  DenseMap<int64_t, double> perWeight;
  for (auto [value, operation] : zip(*operations, measured))
    if (json::Object *row = value.getAsObject()) {
      addRates(*row, operation, peaks);
      if (const json::Array *rows = row->getArray("weight_rows"))
        shareTime(*rows, *weights, operation.microseconds, perWeight);
    }
  for (auto [index, value] : enumerate(*weights))
    if (json::Object *row = value.getAsObject())
      if (auto found = perWeight.find(index); found != perWeight.end())
        (*row)["measured_us"] = roundTo(found->second, 1000);
  (*root)["measured"] = call;
  (*root)["peak_gflops"] = roundTo(peaks.gigaflops, 10);
  (*root)["peak_gbytes_per_second"] = roundTo(peaks.gigabytesPerSecond, 10);
  return formatv("{0:2}", *report);
}
