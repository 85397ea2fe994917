//===- ExpandBFloats.cpp - bf16 conversions without instructions ----------===//
//
// Rounds f32 to bf16 with integer arithmetic where the machine cannot: LLVM
// would call __truncsfbf2, which Debian 12's libgcc does not have.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Target/TargetDescription.h"
#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_EXPANDBFLOATSPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;

namespace {
struct ExpandBFloatsPass
    : public sparsity::impl::ExpandBFloatsPassBase<ExpandBFloatsPass> {
  void runOnOperation() override {
    if (TargetDescription::of(getOperation()).bf16)
      return;
    RewritePatternSet patterns(&getContext());
    arith::populateExpandBFloat16Patterns(patterns);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};
} // namespace
