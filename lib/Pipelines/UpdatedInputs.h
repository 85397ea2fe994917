//===- UpdatedInputs.h - Memrefs that a program updates -------------------===//
//
// Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_PIPELINES_UPDATEDINPUTS_H
#define SPARSE_OPT_LIB_PIPELINES_UPDATEDINPUTS_H

#include "mlir/IR/BuiltinOps.h"

namespace mlir::sparsity {

/// Makes what public functions do with their memrefs safe, whatever it is:
/// what is read is a copy of its own, what is written is promised nothing about
/// and has the memref's extents. Fails where memrefs are not read by
/// bufferization.to_tensor and written by
/// bufferization.materialize_in_destination alone.
LogicalResult prepareUpdatedInputs(ModuleOp module);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_PIPELINES_UPDATEDINPUTS_H
