//===- OnlineSoftmax.h - The online softmax of rows of scores -------------===//
//
// What attention does between its two products.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_ONLINESOFTMAX_H
#define SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_ONLINESOFTMAX_H

#include "sparse-opt/Conversion/SparsityToVector/Emitter.h"
#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

namespace mlir::sparsity {

/// One number for each query of an item.
struct SoftmaxState {
  /// The highest score so far, the one before the last block of keys, and the
  /// sum of exp(score - highest).
  Value highest, before, total;
};

/// The scores of which queries with which keys.
struct SoftmaxPlace {
  /// Rows of the matrix of scores, and the first one's number in the item.
  Value rows, firstInItem;
  /// First query of the item, first key of the block, keys of the block.
  Value firstRow, firstKey, keys;
};

class OnlineSoftmax {
public:
  /// `operands` are those of `op` in the function; `indices` its batch element.
  OnlineSoftmax(Emitter &e, AttentionOp op, ArrayRef<Value> operands,
                ArrayRef<Value> indices, int64_t lanes)
      : e(e), op(op), operands(operands), indices(indices), lanes(lanes) {}

  /// Replaces the sums of products in `scores` by exp(f(sum) - highest), and
  /// scales what the rows have summed up (in `out`) to the new highest scores.
  void emit(const SoftmaxState &state, Value scores, Value out,
            const SoftmaxPlace &place);

private:
  using Step = function_ref<Value(Value key, Value mask, Value carried)>;
  /// Over the keys of the block, vector by vector.
  Value forKeys(const SoftmaxPlace &place, Value carried, Step step);
  /// f of the sums in a row, stored; returns the row's highest score.
  Value emitScores(Value scores, Value row, const SoftmaxPlace &place);
  /// The row's exponentials, stored, and their sum.
  Value emitWeights(Value scores, Value row, Value highest,
                    const SoftmaxPlace &place);
  void scaleRow(const SoftmaxState &state, Value out, Value row, Value itemRow);
  Value applyBody(Value sum, const SoftmaxPlace &place, Value row, Value key,
                  Value mask);
  Value loadMore(OpOperand &operand, const SoftmaxPlace &place, Value row,
                 Value key, Value mask);

  Emitter &e;
  AttentionOp op;
  ArrayRef<Value> operands, indices;
  int64_t lanes;
};

/// Nothing seen yet, of `rows` queries. Without any keys the result is `sums`,
/// which then are zeros.
void emitStartOfSoftmax(Emitter &e, const SoftmaxState &state, Value sums,
                        Value rows, Value keys);
/// Writes every row of `sums` divided by its total to `out`; where `zeroRows`,
/// rows whose scores are all -infinity are 0.
void emitEndOfSoftmax(Emitter &e, const SoftmaxState &state, Value sums,
                      Value out, Value rows, int64_t lanes, bool zeroRows);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_ONLINESOFTMAX_H
