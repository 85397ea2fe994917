//===- NMPattern.cpp - At most n nonzeros in each group of m --------------===//
//
// Checks and best masks of the pattern n:m. Counting is in PatternCount.cpp.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Format/NMPattern.h"

#include "Selection.h"
#include "sparse-opt/Format/PatternCount.h"
#include "sparse-opt/Format/StorageFormat.h"

#include <numeric>

namespace mlir::sparsity::format {

static Status checkParameters(int64_t n, int64_t m, int64_t axis) {
  if (n < 1 || n > m)
    return makeError("expected 1 <= n <= m, got ", n, ":", m);
  if (m > NMPattern::kMaxGroup)
    return makeError("expected m <= ", NMPattern::kMaxGroup, ", got ", n, ":",
                     m);
  if (axis != 0 && axis != 1)
    return makeError("expected axis 0 or 1, got ", axis);
  return {};
}

NMPattern::NMPattern(int64_t n, int64_t m, int64_t axis)
    : most(n), groupSize(m), groupAxis(axis) {
  assert(checkParameters(n, m, axis) && "expected checked parameters");
}

Result<NMPattern> NMPattern::get(int64_t n, int64_t m, int64_t axis) {
  if (Status status = checkParameters(n, m, axis); !status)
    return status.error();
  return NMPattern(n, m, axis);
}

std::string NMPattern::name() const {
  std::string ratio = std::to_string(most) + ":" + std::to_string(groupSize);
  return groupAxis == 1 ? ratio : ratio + " axis 0";
}

double NMPattern::density(int64_t rows, int64_t cols) const {
  int64_t length = groupAxis == 1 ? cols : rows;
  if (length == 0)
    return 1.0;
  int64_t allowed =
      length / groupSize * most + std::min(length % groupSize, most);
  return static_cast<double>(allowed) / static_cast<double>(length);
}

//===----------------------------------------------------------------------===//
// The first violation
//===----------------------------------------------------------------------===//

/// The violation of the group that runs from (line, first) in a matrix whose
/// groups are along its columns.
static std::optional<Violation> violationOf(const NMPattern &pattern,
                                            const MatrixView &lines,
                                            int64_t line, int64_t first) {
  int64_t end = std::min(first + pattern.m(), lines.cols);
  int64_t nonzeros = 0, excess = 0;
  for (int64_t i = first; i < end; ++i)
    if (!isZero(lines.at(line, i), lines.kind) && ++nonzeros == pattern.n() + 1)
      excess = i;
  if (nonzeros <= pattern.n())
    return std::nullopt;
  bool alongRow = pattern.axis() == 1;
  Error what =
      makeError(nonzeros, " nonzeros in ", alongRow ? "columns " : "rows ",
                first, "..", end - 1, ", expected at most ", pattern.n());
  return Violation{alongRow ? line : excess, alongRow ? excess : line,
                   std::move(what.message)};
}

/// Row-major order of groups: with axis 0 a row of groups is m rows high.
std::optional<Violation>
NMPattern::firstViolation(const MatrixView &matrix) const {
  if (countOverfullGroups(matrix, *this).count == 0)
    return std::nullopt;
  bool alongRow = groupAxis == 1;
  MatrixView lines = alongRow ? matrix : matrix.transposed();
  int64_t rowStep = alongRow ? 1 : groupSize;
  int64_t colStep = alongRow ? groupSize : 1;
  for (int64_t row = 0; row < matrix.rows; row += rowStep)
    for (int64_t col = 0; col < matrix.cols; col += colStep)
      if (auto violation = violationOf(*this, lines, alongRow ? row : col,
                                       alongRow ? col : row))
        return violation;
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// The best mask
//===----------------------------------------------------------------------===//

/// Puts the indices of the `keep` largest of `size` scores first in `order`.
template <typename T>
static void orderBest(const T *scores, int64_t size, int64_t keep,
                      uint16_t *order) {
  std::iota(order, order + size, 0);
  if (keep < size)
    std::nth_element(
        order, order + keep, order + size, [scores](uint16_t a, uint16_t b) {
          return scores[a] > scores[b] || (scores[a] == scores[b] && a < b);
        });
}

/// Groups are along the columns of `lines`; element i of line l of the mask is
/// kept[l * lineStride + i * stride].
template <typename T>
static void keepBest(const NMPattern &pattern, const MatrixView &lines,
                     uint8_t *kept, int64_t lineStride, int64_t stride) {
  T scores[NMPattern::kMaxGroup];
  uint16_t order[NMPattern::kMaxGroup];
  RowStrips<T>(lines, kLanes).forEach([&](const Strip<T> &strip) {
    for (int64_t i = 0; i < strip.rows; ++i) {
      Reader<T> line = strip.row(i);
      uint8_t *keptLine = kept + (strip.first + i) * lineStride;
      for (int64_t first = 0; first < lines.cols; first += pattern.m()) {
        int64_t size = std::min(pattern.m(), lines.cols - first);
        int64_t keep = std::min(pattern.n(), size);
        for (int64_t j = 0; j < size; ++j)
          scores[j] = line[first + j];
        orderBest(scores, size, keep, order);
        for (int64_t j = 0; j < keep; ++j)
          keptLine[(first + order[j]) * stride] = 1;
      }
    }
  });
}

Result<Mask> NMPattern::bestMask(const MatrixView &scores, double) const {
  if (Status status = checkScores(scores); !status)
    return status.error();
  Mask mask{scores.rows, scores.cols,
            std::vector<uint8_t>(scores.rows * scores.cols)};
  bool alongRow = groupAxis == 1;
  withScore(scores.kind, [&](auto zero) {
    keepBest<decltype(zero)>(*this, alongRow ? scores : scores.transposed(),
                             mask.kept.data(), alongRow ? scores.cols : 1,
                             alongRow ? 1 : scores.cols);
  });
  return mask;
}

} // namespace mlir::sparsity::format
