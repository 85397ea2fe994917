//===- Passes.h - Programs that collect statistics --------------*- C++ -*-===//
//
// The passes of the Instrument family: calibration is done by the program
// itself.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_TRANSFORMS_INSTRUMENT_PASSES_H
#define SPARSE_OPT_TRANSFORMS_INSTRUMENT_PASSES_H

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

#include "mlir/Pass/Pass.h"

namespace mlir::sparsity {

#define GEN_PASS_DECL
#include "sparse-opt/Transforms/Instrument/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "sparse-opt/Transforms/Instrument/Passes.h.inc"

} // namespace mlir::sparsity

#endif // SPARSE_OPT_TRANSFORMS_INSTRUMENT_PASSES_H
