//===- ColumnKernel.h - Products entry by entry ---------------------------===//
//
// The kernel in which a vector holds neighbouring tokens: every stored entry is
// a value and a column, wherever they come from.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_COLUMNKERNEL_H
#define SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_COLUMNKERNEL_H

#include "sparse-opt/Conversion/SparsityToVector/FormatLowering.h"

#include <functional>

namespace mlir::sparsity {

/// The stored entries of one output: numbers in [begin, end), and how to load
/// the value and the column (an index) of one.
struct EntrySource {
  Value begin, end;
  std::function<std::pair<Value, Value>(Value entry)> load;
};

Partition getColumnPartition(const Product &product);

/// Emits a work item; `entries` is called with the number of an output.
void emitColumnItem(Emitter &e, const Product &product, const WorkItem &item,
                    function_ref<EntrySource(Value output)> entries);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_COLUMNKERNEL_H
