//===- EntryValues.h - Values known where a function begins ---------------===//
//
// Recomputes values that follow from arguments and their extents at the start
// of a function, where nothing that uses them has run yet.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_TRANSFORMS_SCHEDULE_ENTRYVALUES_H
#define SPARSE_OPT_LIB_TRANSFORMS_SCHEDULE_ENTRYVALUES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"

namespace mlir::sparsity {

class EntryValues {
public:
  /// `func` has one block. Nothing may be inserted at its start by others while
  /// this lives.
  explicit EntryValues(func::FuncOp func);

  /// `value` recomputed at entry, or null when it depends on memory, on what is
  /// computed in loops or on an operation that must not be moved.
  Value get(Value value);
  /// An extent of `memref` at entry, or null.
  Value getExtent(Value memref, int64_t dim);
  /// Inserts behind all that was recomputed so far.
  OpBuilder &builder() { return b; }
  Value constant(int64_t value);

private:
  Value clone(Operation *op, Value value);
  Value get(OpFoldResult value);
  Value getProduct(Value memref, ArrayRef<int64_t> dims);

  func::FuncOp func;
  OpBuilder b;
  IRMapping known;
  /// The number of threads, once asked for.
  Value threads;
};

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_TRANSFORMS_SCHEDULE_ENTRYVALUES_H
