//===- Elementwise.h - Bodies of elementwise ops ----------------*- C++ -*-===//
//
// What regions of `sparsity.attention`, of epilogues and of elementwise
// `linalg.generic` have in common, and what several rooms put into them.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_DIALECT_SPARSITY_IR_ELEMENTWISE_H
#define SPARSE_OPT_DIALECT_SPARSITY_IR_ELEMENTWISE_H

#include "mlir/IR/Builders.h"

namespace mlir::sparsity {

/// True for an op on scalars that has a vector form, and for a constant.
bool isElementwise(Operation *op);

/// True when `cloneElementwise` can move `body` into a region of its own: its
/// ops are elementwise, and what they read of outside are constants.
bool isElementwise(Block &body);

/// Fails with an error on the first other op than `isElementwise` in the body
/// of `parent`, its terminator apart.
LogicalResult verifyElementwise(Operation *parent, Block &body);

/// Clones `body` without its terminator, with constants of outside that it
/// reads; `mapping` has its arguments. Returns the one value that it yields.
Value cloneElementwise(OpBuilder &builder, Block &body, IRMapping &mapping);

/// `chosen` where the float `value` equals `special`, else `value`.
Value replaceNumber(OpBuilder &builder, Location loc, Value value,
                    double special, double chosen);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_DIALECT_SPARSITY_IR_ELEMENTWISE_H
