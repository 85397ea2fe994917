//===- Importance.cpp - The table of importances --------------------------===//
//
// Names and makers; each importance is in its own file.
//
//===----------------------------------------------------------------------===//

#include "Importance.h"

#include "sparse-opt/Recipe/Recipe.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::sparsity;
using format::ElementKind;

namespace {
struct ImportanceEntry {
  StringLiteral name;
  std::unique_ptr<Importance> (*create)();
};
} // namespace

static constexpr ImportanceEntry kImportances[] = {
    {"magnitude", createMagnitudeImportance},
};

Importance::~Importance() = default;

std::unique_ptr<Importance> mlir::sparsity::createImportance(StringRef name) {
  for (const ImportanceEntry &entry : kImportances)
    if (entry.name == name)
      return entry.create();
  return nullptr;
}

SmallVector<StringRef> mlir::sparsity::getImportanceNames() {
  SmallVector<StringRef> names;
  for (const ImportanceEntry &entry : kImportances)
    names.push_back(entry.name);
  return names;
}

std::string mlir::sparsity::describeUnknownImportance(StringRef name) {
  SmallVector<StringRef> names = getImportanceNames();
  return "expected one of the importances '" + llvm::join(names, "', '") +
         "', got " + quoted(name) + "; did you mean '" +
         findNearest(name, names).str() + "'?";
}

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

ScoreMatrix::ScoreMatrix(ElementKind kind, int64_t rows, int64_t cols)
    : rows(rows), cols(cols), isDouble(kind == ElementKind::F64) {
  if (isDouble)
    doubles.resize(rows * cols);
  else
    singles.resize(rows * cols);
}

format::MatrixView ScoreMatrix::view() const {
  if (isDouble)
    return {doubles.data(), ElementKind::F64, rows, cols, cols, 1};
  return {singles.data(), ElementKind::F32, rows, cols, cols, 1};
}

void ScoreMatrix::set(int64_t index, double score) {
  if (isDouble)
    doubles[index] = score;
  else
    singles[index] = static_cast<float>(score);
}

double ScoreMatrix::get(int64_t index) const {
  return isDouble ? doubles[index] : singles[index];
}
