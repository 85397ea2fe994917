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
using namespace mlir::sparsity::format;

namespace {
struct ImportanceEntry {
  StringLiteral name;
  CreateImportance *create;
  bool readsProfile = false;
};
} // namespace

static constexpr ImportanceEntry kImportances[] = {
    {"imported", createImportedImportance},
    {"magnitude", createMagnitudeImportance},
    {"random", createRandomImportance},
    {"sparsegpt", createSparseGPTImportance, /*readsProfile=*/true},
    {"taylor", createTaylorImportance},
    {"wanda", createWandaImportance, /*readsProfile=*/true},
};

Importance::~Importance() = default;

Result<PruningChoice> ScoreImportance::choose(const ScoredWeight &weight,
                                              const ZeroPattern &pattern,
                                              double sparsity) const {
  Result<ScoreMatrix> scores = scoreMatrix(weight);
  if (!scores)
    return scores.error();
  Result<Mask> mask = pattern.bestMask(scores->view(), sparsity);
  if (!mask)
    return mask.error();
  return PruningChoice{std::move(*mask), std::move(*scores)};
}

Result<std::unique_ptr<Importance>>
mlir::sparsity::createImportance(StringRef text) {
  Result<ImportanceOptions> options = ImportanceOptions::parse(text);
  if (!options)
    return options.error();
  SmallVector<StringRef> names;
  for (const ImportanceEntry &entry : kImportances) {
    if (entry.name == options->getName())
      return entry.create(*options);
    names.push_back(entry.name);
  }
  return makeError("expected one of the importances '",
                   llvm::join(names, "', '"), "', got ",
                   quoted(options->getName()), "; did you mean '",
                   findNearest(options->getName(), names).str(), "'?");
}

std::string mlir::sparsity::addProfile(StringRef text, StringRef profile) {
  Result<ImportanceOptions> options = ImportanceOptions::parse(text);
  if (!options || options->get("profile") || profile.empty())
    return text.str();
  for (const ImportanceEntry &entry : kImportances)
    if (entry.name == options->getName() && entry.readsProfile)
      return (text + " profile \"" + profile + "\"").str();
  return text.str();
}

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

ScoreMatrix::ScoreMatrix(int64_t rows, int64_t cols, bool isDouble)
    : rows(rows), cols(cols), isDouble(isDouble) {
  if (isDouble)
    doubles.resize(rows * cols);
  else
    singles.resize(rows * cols);
}

MatrixView ScoreMatrix::view() const {
  if (isDouble)
    return {doubles.data(), ElementKind::F64, rows, cols, cols, 1};
  return {singles.data(), ElementKind::F32, rows, cols, cols, 1};
}

ScoreMatrix ScoreMatrix::compute(const MatrixView &weight,
                                 function_ref<double(int64_t, int64_t)> score,
                                 bool needsDouble) {
  needsDouble |= weight.kind == ElementKind::F64;
  ScoreMatrix scores(weight.rows, weight.cols, needsDouble);
  int64_t index = 0;
  for (int64_t row = 0; row < weight.rows; ++row)
    for (int64_t col = 0; col < weight.cols; ++col)
      scores.set(index++, score(row, col));
  return scores;
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
