//===- SparsityToLinalg.h - The pieces of the dense meaning ---------------===//
//
// What the files of this folder share. Private to it: users run the pass.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CONVERSION_SPARSITYTOLINALG_H
#define SPARSE_OPT_LIB_CONVERSION_SPARSITYTOLINALG_H

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Transforms/DialectConversion.h"

namespace mlir::sparsity {

/// `sparsity.attention` as products and a softmax.
void populateAttentionToLinalgPatterns(const TypeConverter &converter,
                                       RewritePatternSet &patterns);

/// `sparsity.matmul` on dense tensors.
void populateMatmulToLinalgPatterns(const TypeConverter &converter,
                                    RewritePatternSet &patterns);

/// Replaces every load by a constant; packed parameters are checked, decoded
/// and packed again by an op. Fails with a diagnostic where there is no value.
LogicalResult replaceLoadsByConstants(ModuleOp module);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_CONVERSION_SPARSITYTOLINALG_H
