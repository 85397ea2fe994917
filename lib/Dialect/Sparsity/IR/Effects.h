//===- Effects.h - What ops with destinations read and write --------------===//
//
// Shared by the ops of this room that have a destination.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_DIALECT_SPARSITY_IR_EFFECTS_H
#define SPARSE_OPT_LIB_DIALECT_SPARSITY_IR_EFFECTS_H

#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::sparsity {

/// Reads of all memrefs but the destination, which is written; none of tensors.
void addDestinationEffects(
    DestinationStyleOpInterface op,
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_DIALECT_SPARSITY_IR_EFFECTS_H
