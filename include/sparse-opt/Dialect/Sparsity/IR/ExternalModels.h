//===- ExternalModels.h - Upstream interfaces of our ops ------------------===//
//
// Registration of the bufferization models of the sparsity ops.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_DIALECT_SPARSITY_IR_EXTERNALMODELS_H
#define SPARSE_OPT_DIALECT_SPARSITY_IR_EXTERNALMODELS_H

namespace mlir {
class DialectRegistry;
namespace sparsity {
/// Registers BufferizableOpInterface for `sparsity.matmul` and
/// `sparsity.assemble`. Other tensor ops of the dialect are gone by then.
void registerBufferizationModels(DialectRegistry &registry);
} // namespace sparsity
} // namespace mlir

#endif // SPARSE_OPT_DIALECT_SPARSITY_IR_EXTERNALMODELS_H
