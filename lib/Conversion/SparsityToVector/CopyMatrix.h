//===- CopyMatrix.h - Copies between strided matrices ---------------------===//
//
// Brings operands into the layout and type that kernels want, and results back.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_COPYMATRIX_H
#define SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_COPYMATRIX_H

#include "sparse-opt/Conversion/SparsityToVector/Emitter.h"

namespace mlir::sparsity {

/// True when neighbours along `dim` are known to be adjacent in memory.
bool hasUnitStride(Value memref, int64_t dim);

/// The view with its two dimensions exchanged.
Value transposeView(Emitter &e, Value memref);

/// Copies rows x cols elements from `source` to `target` (rank 2, any strides),
/// converting elements; `lanes` is the vector width of the wider type.
void copyMatrix(Emitter &e, Value source, Value target, Value rows, Value cols,
                int64_t lanes);

/// Transposes a square of vectors in registers.
SmallVector<Value> transposeSquare(Emitter &e, SmallVector<Value> rows);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_COPYMATRIX_H
