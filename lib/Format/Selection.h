//===- Selection.h - Scores checked, the largest of them chosen -----------===//
//
// What the bestMask of every pattern shares: the checks of untrusted scores and
// fractions, and a choice of the largest that does not depend on anything but
// the scores.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_FORMAT_SELECTION_H
#define SPARSE_OPT_LIB_FORMAT_SELECTION_H

#include "Elements.h"
#include "sparse-opt/Format/ZeroPattern.h"

#include <functional>

namespace mlir::sparsity::format {

/// A fraction of zeros is a number in [0, 1].
Status checkFraction(double zeros);

/// f32 or f64, at most kMaxElements, none of them NaN or -Inf.
Status checkScores(const MatrixView &scores);

/// round((1 - zeros) * total), half away from zero.
int64_t keptCount(double zeros, int64_t total);

/// Calls `fn` with a zero of the type of the scores: float or double.
template <typename Fn>
auto withScore(ElementKind kind, Fn &&fn) {
  return kind == ElementKind::F32 ? fn(float()) : fn(double());
}

/// Keeps a given number of the largest scores when asked about each in order:
/// all that are larger than a threshold, and the first of those equal to it.
///
///   scores 5 2 7 2 2, keep 3:  threshold 2, one tie  ->  1 1 1 0 0
template <typename T>
class LargestFirst {
public:
  LargestFirst(std::vector<T> scores, int64_t keep) : any(keep > 0) {
    if (!any)
      return;
    auto last = scores.begin() + (keep - 1);
    std::nth_element(scores.begin(), last, scores.end(), std::greater<T>());
    threshold = *last;
    ties = keep - std::count_if(scores.begin(), last,
                                [&](T score) { return score > threshold; });
  }

  bool keeps(T score) {
    return any && (score > threshold || (score == threshold && ties-- > 0));
  }

private:
  bool any;
  T threshold = 0;
  int64_t ties = 0;
};

} // namespace mlir::sparsity::format

#endif // SPARSE_OPT_LIB_FORMAT_SELECTION_H
