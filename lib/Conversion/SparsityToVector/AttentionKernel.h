//===- AttentionKernel.h - Fused attention --------------------------------===//
//
// The function that one sparsity.attention becomes.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_ATTENTIONKERNEL_H
#define SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_ATTENTIONKERNEL_H

#include "sparse-opt/Conversion/SparsityToVector/FormatLowering.h"
#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::sparsity {

/// Fills the body of `function`, whose arguments are the operands of `op` in
/// its order. The extent of e must be static in the value's type.
void emitAttentionFunction(func::FuncOp function, AttentionOp op,
                           const Product &product, bool isParallel);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_ATTENTIONKERNEL_H
