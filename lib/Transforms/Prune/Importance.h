//===- Importance.h - How much an element of a weight matters -------------===//
//
// The seam between pruning and its criteria. A new importance is one file with
// one class, its maker below, and a line in the table of Importance.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_TRANSFORMS_PRUNE_IMPORTANCE_H
#define SPARSE_OPT_LIB_TRANSFORMS_PRUNE_IMPORTANCE_H

#include "ImportanceOptions.h"
#include "sparse-opt/Format/ZeroPattern.h"

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"

#include <memory>
#include <vector>

namespace mlir::sparsity {

/// Scores of one weight, row major, in f32 or f64.
class ScoreMatrix {
public:
  format::MatrixView view() const;
  /// score(row, col) for each element of `weight`; f64 where the weight is, or
  /// where f32 would be too coarse (`needsDouble`).
  static ScoreMatrix
  compute(const format::MatrixView &weight,
          function_ref<double(int64_t row, int64_t col)> score,
          bool needsDouble = false);
  double get(int64_t index) const;
  int64_t size() const { return rows * cols; }
  /// In f64, for those who find them part by part.
  ScoreMatrix(int64_t rows, int64_t cols)
      : ScoreMatrix(rows, cols, /*isDouble=*/true) {}
  void set(int64_t index, double score);

private:
  ScoreMatrix(int64_t rows, int64_t cols, bool isDouble);

  int64_t rows, cols;
  bool isDouble;
  /// Only one of them is filled.
  std::vector<float> singles;
  std::vector<double> doubles;
};

/// What an importance sees of a weight, borrowed.
struct ScoredWeight {
  /// The user's name for the parameter, and the hash of its elements before any
  /// pruning.
  StringRef name, original;
  /// As the parameter has it; `matrix` is dimension 0 by all others.
  ArrayRef<int64_t> shape;
  format::MatrixView matrix;
};

/// What an importance makes of one weight.
struct PruningChoice {
  format::Mask mask;
  /// What the mask was chosen by.
  ScoreMatrix scores;
  /// What kept elements become, row major; empty where they stay as they are.
  std::vector<double> values = {};
};

/// Deterministic. Weights have no NaN.
class Importance {
public:
  virtual ~Importance();

  /// What of `weight` stays when `pattern` asks for a fraction of `sparsity`
  /// zeros.
  virtual format::Result<PruningChoice>
  choose(const ScoredWeight &weight, const format::ZeroPattern &pattern,
         double sparsity) const = 0;
};

/// An importance of scores alone: the pattern's best mask is chosen.
class ScoreImportance : public Importance {
public:
  format::Result<PruningChoice> choose(const ScoredWeight &weight,
                                       const format::ZeroPattern &pattern,
                                       double sparsity) const override;

private:
  /// A score for each element, above -Inf; the larger the more it matters.
  virtual format::Result<ScoreMatrix>
  scoreMatrix(const ScoredWeight &weight) const = 0;
};

/// The importance that `text` names with its options (ImportanceOptions.h).
/// Files that it names are opened here.
format::Result<std::unique_ptr<Importance>> createImportance(StringRef text);

/// `text` with the option "profile" where its importance reads one and none is
/// named; as it is where there is none to name or `text` is wrong.
std::string addProfile(StringRef text, StringRef profile);

/// What every importance's maker is.
using CreateImportance =
    format::Result<std::unique_ptr<Importance>>(const ImportanceOptions &);
CreateImportance createImportedImportance, createMagnitudeImportance,
    createRandomImportance, createSparseGPTImportance, createTaylorImportance,
    createWandaImportance;

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_TRANSFORMS_PRUNE_IMPORTANCE_H
