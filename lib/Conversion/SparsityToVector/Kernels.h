//===- Kernels.h - The kernels of this room -------------------------------===//
//
// One function per format, which attaches the format's kernels to its
// attribute.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_KERNELS_H
#define SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_KERNELS_H

namespace mlir {
class MLIRContext;
namespace sparsity {
void attachBSRKernel(MLIRContext *context);
void attachDenseKernel(MLIRContext *context);
void attachNMKernel(MLIRContext *context);
void attachStreamKernel(MLIRContext *context);
} // namespace sparsity
} // namespace mlir

#endif // SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_KERNELS_H
