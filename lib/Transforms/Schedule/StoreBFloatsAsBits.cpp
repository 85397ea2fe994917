//===- StoreBFloatsAsBits.cpp - bf16 values as 16-bit integers ------------===//
//
// After sparsity-expand-floats nothing computes with bf16: numbers are only
// loaded, chosen and stored. As integers they need no code generator's help; as
// bf16 they would take detours through f32 and __truncsfbf2.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Target/TargetDescription.h"
#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/BuiltinAttributes.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_STOREBFLOATSASBITSPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;

namespace {
struct StoreBFloatsAsBitsPass
    : public sparsity::impl::StoreBFloatsAsBitsPassBase<
          StoreBFloatsAsBitsPass> {
  void runOnOperation() override {
    LLVM::LLVMFuncOp function = getOperation();
    if (TargetDescription::of(function).bf16)
      return;
    Type bits = IntegerType::get(&getContext(), 16);
    AttrTypeReplacer replacer;
    replacer.addReplacement([=](BFloat16Type) { return bits; });
    replacer.addReplacement([=](FloatAttr number) -> std::optional<Attribute> {
      if (!number.getType().isBF16())
        return std::nullopt;
      return IntegerAttr::get(bits, number.getValue().bitcastToAPInt());
    });
    replacer.addReplacement(
        [=](DenseElementsAttr numbers) -> std::optional<Attribute> {
          if (!numbers.getElementType().isBF16())
            return std::nullopt;
          return numbers.bitcast(bits);
        });
    replacer.recursivelyReplaceElementsIn(function, /*replaceAttrs=*/true,
                                          /*replaceLocs=*/false,
                                          /*replaceTypes=*/true);
  }
};
} // namespace
