//===- Importance.h - How much an element of a weight matters -------------===//
//
// The seam between pruning and its criteria. A new importance is one file with
// one class, and one line in Importance.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_TRANSFORMS_PRUNE_IMPORTANCE_H
#define SPARSE_OPT_LIB_TRANSFORMS_PRUNE_IMPORTANCE_H

#include "sparse-opt/Format/ZeroPattern.h"

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <memory>
#include <vector>

namespace mlir::sparsity {

/// Scores of one weight, row major; f64 where the weight is, else f32.
class ScoreMatrix {
public:
  ScoreMatrix(format::ElementKind kind, int64_t rows, int64_t cols);

  format::MatrixView view() const;
  void set(int64_t index, double score);
  double get(int64_t index) const;
  int64_t size() const { return rows * cols; }

private:
  int64_t rows, cols;
  bool isDouble;
  /// Only one of them is filled.
  std::vector<float> singles;
  std::vector<double> doubles;
};

class Importance {
public:
  virtual ~Importance();

  /// A score >= 0 for each element, +Inf allowed; the larger the more it
  /// matters. Deterministic. The weight has no NaN.
  virtual format::Result<ScoreMatrix>
  scoreMatrix(const format::MatrixView &weight) const = 0;
};

/// The importance of this name, or null.
std::unique_ptr<Importance> createImportance(StringRef name);
/// All names, as recipes write them.
SmallVector<StringRef> getImportanceNames();
/// "expected one of the importances ..., got 'x'; did you mean ...".
std::string describeUnknownImportance(StringRef name);

/// |w|.
std::unique_ptr<Importance> createMagnitudeImportance();

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_TRANSFORMS_PRUNE_IMPORTANCE_H
