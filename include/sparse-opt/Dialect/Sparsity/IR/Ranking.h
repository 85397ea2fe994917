//===- Ranking.h - Why a product has its format ---------------------------===//
//
// The discardable attribute `sparsity.ranking` of a product: which formats were
// compared, with which predictions. --sparsity-select-formats records it,
// reports read it, nothing else may depend on it.
//
//===----------------------------------------------------------------------===//
//
//   sparsity.ranking = {
//     parameter = "encoder.query.weight",
//     tokens = array<i64: 1, 16>,
//     candidates = [                      // best first
//       {format = #sparsity.nm_format<2:4>, stored = 8 : i64, bytes = 40 : i64,
//        microseconds = array<f64: 1.5, 3.0>},   // one for each of `tokens`
//       {format = #sparsity.dense_format<panel = 64>, ...}]}
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_DIALECT_SPARSITY_IR_RANKING_H
#define SPARSE_OPT_DIALECT_SPARSITY_IR_RANKING_H

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

namespace mlir::sparsity {

/// One format that was compared.
struct RankedFormat {
  FormatAttrInterface format;
  /// Elements that the format keeps, and bytes of the packed weight.
  int64_t stored, bytes;
  /// Predictions, one for each number of tokens.
  SmallVector<double> microseconds;
};

/// All formats that were compared for one weight.
struct Ranking {
  StringAttr parameter;
  SmallVector<int64_t> tokens;
  /// Best first.
  SmallVector<RankedFormat> candidates;

  /// All products together, if they were ranked for the same numbers of tokens.
  static std::optional<Ranking> sum(ArrayRef<Ranking> products);

  void attachTo(Operation *product) const;
  /// The ranking that `product` has, if any.
  static std::optional<Ranking> of(Operation *product);
  /// The attribute itself, or null; `product` has it no longer.
  static Attribute takeFrom(Operation *product);
  /// What such an attribute says, or nothing.
  static std::optional<Ranking> read(Attribute attr);
};

} // namespace mlir::sparsity

#endif // SPARSE_OPT_DIALECT_SPARSITY_IR_RANKING_H
