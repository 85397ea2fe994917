//===- VectorFunctions.h - exp and erf of f32 vectors ---------------------===//
//
// Polynomials of our own for the two functions that transformers spend their
// time in, where upstream's take twice the instructions.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_TRANSFORMS_SCHEDULE_VECTORFUNCTIONS_H
#define SPARSE_OPT_LIB_TRANSFORMS_SCHEDULE_VECTORFUNCTIONS_H

#include "mlir/IR/PatternMatch.h"

namespace mlir::sparsity {

/// Expands math.exp and math.erf on vectors of f32. Relative errors, of every
/// 97th number: 1.8e-7 and 2.6e-7, without fused multiply-add (`fma`) 2.0e-7
/// and 3.0e-7; results below 2^-126 are within 1.5 * 2^-149. Infinite and NaN
/// arguments give what the C library gives; |erf| <= 1.
void populateVectorFunctionPatterns(RewritePatternSet &patterns, bool fma);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_TRANSFORMS_SCHEDULE_VECTORFUNCTIONS_H
