//===- SparseGPTImportance.cpp - Second order, with new values ------------===//
//
// The importance "sparsegpt" ("SparseGPT: Massive Language Models Can Be
// Accurately Pruned in One-Shot", Frantar and Alistarh, 2023, algorithm 1).
// With the Gram matrix H = X X^T + lambda I of a weight's inputs and the upper
// Cholesky factor U of its inverse, the loss of pruning w_rc alone is
// w_rc^2 / U_cc^2, and what the pruned weights of a row did is spread over the
// inputs to their right:
//
//   w_r,c.. -= w_rc / U_cc * U_c,c..        for c = 0, 1, ..
//
// Masks are chosen panel by panel from the values that are then there: panels
// are groups of n:m, else blocks of "block" inputs (128). lambda is "damp"
// (0.01) times the mean of the diagonal.
//
//===----------------------------------------------------------------------===//

#include "InputStatistics.h"

#include "sparse-opt/Format/CheckedMath.h"

#include <Eigen/Dense>
#include <cmath>

using namespace mlir;
using namespace mlir::sparsity;
using namespace mlir::sparsity::format;

using RowMatrix =
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A copy in f64.
static RowMatrix toMatrix(const MatrixView &view) {
  RowMatrix matrix(view.rows, view.cols);
  for (int64_t row = 0; row < view.rows; ++row)
    for (int64_t col = 0; col < view.cols; ++col)
      matrix(row, col) = toDouble(view.at(row, col), view.kind);
  return matrix;
}

/// The upper U with U^T U = (gram + damp mean(diagonal) I)^-1.
static Result<RowMatrix> factorInverse(const MatrixView &gram, double damp) {
  // With J that reverses: J H J = L L^T  =>  U = J L^-1 J.
  RowMatrix reversed = toMatrix(gram).reverse();
  reversed.diagonal().array() += damp * reversed.diagonal().mean();
  Eigen::LLT<Eigen::Ref<RowMatrix>> factor(reversed);
  if (factor.info() != Eigen::Success || !reversed.diagonal().allFinite())
    return makeError("expected a Gram matrix whose sum with ", damp,
                     " of its mean diagonal is positive definite, found "
                     "another: its inputs are all 0, or 'damp' is too small");
  RowMatrix inverse = RowMatrix::Identity(gram.rows, gram.cols);
  factor.matrixL().solveInPlace(inverse);
  return RowMatrix(inverse.reverse());
}

namespace {
/// The algorithm on one weight.
class Solver {
public:
  /// `axis` of the weight is that of the inputs.
  Solver(RowMatrix weight, RowMatrix factor, const ZeroPattern &pattern,
         double sparsity, int64_t axis)
      : weight(std::move(weight)), factor(std::move(factor)), pattern(pattern),
        sparsity(sparsity), axis(axis) {}

  /// Inputs are taken in blocks of `block`, or a little more where the pattern
  /// asks for it.
  Result<PruningChoice> run(int64_t block);

private:
  int64_t inputs() const { return weight.cols(); }
  int64_t outputs() const { return weight.rows(); }
  /// Chooses the mask of inputs [begin, end).
  Status choosePanel(int64_t begin, int64_t end, PruningChoice &choice) const;
  /// Clears what the mask prunes of inputs [begin, end) and corrects those up
  /// to `blockEnd`; errors.col(i) becomes what input blockBegin + i is to do to
  /// the others.
  void clear(int64_t begin, int64_t end, int64_t blockBegin, int64_t blockEnd,
             const Mask &mask, RowMatrix &errors);
  /// The place of (output, input) in the weight as the user has it.
  int64_t place(int64_t output, int64_t input) const {
    return axis == 1 ? output * inputs() + input : input * outputs() + output;
  }

  RowMatrix weight, factor;
  const ZeroPattern &pattern;
  double sparsity;
  int64_t axis;
};
} // namespace

Status Solver::choosePanel(int64_t begin, int64_t end,
                           PruningChoice &choice) const {
  RowMatrix scores =
      (weight.middleCols(begin, end - begin).array().rowwise() /
       factor.diagonal().segment(begin, end - begin).transpose().array())
          .square();
  MatrixView view{scores.data(), ElementKind::F64, outputs(),
                  end - begin,   end - begin,      1};
  Result<Mask> mask =
      pattern.bestMask(axis == 1 ? view : view.transposed(), sparsity);
  if (!mask)
    return mask.error();
  for (int64_t output = 0; output < outputs(); ++output)
    for (int64_t input = begin; input < end; ++input) {
      int64_t col = input - begin;
      choice.scores.set(place(output, input), scores(output, col));
      choice.mask.kept[place(output, input)] =
          mask->kept[axis == 1 ? output * (end - begin) + col
                               : col * outputs() + output];
    }
  return {};
}

void Solver::clear(int64_t begin, int64_t end, int64_t blockBegin,
                   int64_t blockEnd, const Mask &mask, RowMatrix &errors) {
  for (int64_t output = 0; output < outputs(); ++output)
    for (int64_t input = begin; input < end; ++input) {
      bool isKept = mask.kept[place(output, input)];
      double error = isKept ? 0 : weight(output, input) / factor(input, input);
      errors(output, input - blockBegin) = error;
      if (isKept)
        continue;
      weight(output, input) = 0;
      int64_t rest = blockEnd - input - 1;
      weight.row(output).segment(input + 1, rest) -=
          error * factor.row(input).segment(input + 1, rest);
    }
}

Result<PruningChoice> Solver::run(int64_t block) {
  ZeroPattern::Unit unit = pattern.unit();
  int64_t step = axis == 1 ? unit.cols : unit.rows;
  block = std::min(*checkedCeilDiv(block, step) * step, inputs());
  int64_t panel = pattern.isChosenByUnit() ? step : block;
  int64_t rows = axis == 1 ? outputs() : inputs();
  int64_t cols = axis == 1 ? inputs() : outputs();
  PruningChoice choice{{rows, cols, std::vector<uint8_t>(rows * cols)},
                       ScoreMatrix(rows, cols)};
  for (int64_t begin = 0; begin < inputs(); begin += block) {
    int64_t end = std::min(begin + block, inputs());
    RowMatrix errors(outputs(), end - begin);
    for (int64_t at = begin; at < end; at += panel) {
      int64_t panelEnd = std::min(at + panel, end);
      if (Status status = choosePanel(at, panelEnd, choice); !status)
        return status.error();
      clear(at, panelEnd, begin, end, choice.mask, errors);
    }
    int64_t rest = inputs() - end;
    weight.rightCols(rest).noalias() -=
        errors * factor.block(begin, end, end - begin, rest);
  }
  choice.values.resize(rows * cols);
  for (int64_t output = 0; output < outputs(); ++output)
    for (int64_t input = 0; input < inputs(); ++input)
      choice.values[place(output, input)] = weight(output, input);
  return choice;
}

namespace {
class SparseGPTImportance : public Importance {
public:
  SparseGPTImportance(InputStatistics statistics, double damp, int64_t block)
      : statistics(std::move(statistics)), damp(damp), block(block) {}

  Result<PruningChoice> choose(const ScoredWeight &weight,
                               const ZeroPattern &pattern,
                               double sparsity) const override {
    if (!isFloatKind(weight.matrix.kind))
      return makeError("expected floating-point elements, which can get new "
                       "values, found ",
                       elementName(weight.matrix.kind));
    Result<ObservedInputs> inputs = statistics.findGram(weight);
    if (!inputs)
      return inputs.error();
    RowMatrix matrix = toMatrix(inputs->orient(weight.matrix));
    if (!matrix.allFinite())
      return makeError("expected finite elements, found Inf");
    if (matrix.size() == 0)
      return PruningChoice{{weight.matrix.rows, weight.matrix.cols, {}},
                           ScoreMatrix(weight.matrix.rows, weight.matrix.cols)};
    Result<RowMatrix> factor = factorInverse(*inputs->gram, damp);
    if (!factor)
      return factor.error();
    return Solver(std::move(matrix), std::move(*factor), pattern, sparsity,
                  inputs->axis)
        .run(block);
  }

private:
  InputStatistics statistics;
  double damp;
  int64_t block;
};
} // namespace

Result<std::unique_ptr<Importance>>
mlir::sparsity::createSparseGPTImportance(const ImportanceOptions &options) {
  if (Status known = options.checkKnown({"block", "damp", "profile"}); !known)
    return known.error();
  Result<double> damp = options.getNumber("damp", 0.01);
  if (!damp)
    return damp.error();
  Result<uint64_t> block = options.getUnsigned("block", 128);
  if (!block)
    return block.error();
  constexpr uint64_t kLargestBlock = uint64_t(1) << 20;
  if (*block < 1 || *block > kLargestBlock)
    return makeError("expected 'block' from 1 to ", kLargestBlock, ", got ",
                     *block);
  Result<InputStatistics> statistics = InputStatistics::open(options);
  if (!statistics)
    return statistics.error();
  return {std::make_unique<SparseGPTImportance>(std::move(*statistics), *damp,
                                                static_cast<int64_t>(*block))};
}
