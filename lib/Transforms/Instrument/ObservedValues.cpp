//===- ObservedValues.cpp - Which values meet which parameters ------------===//
//
// See ObservedValues.h.
//
//===----------------------------------------------------------------------===//

#include "ObservedValues.h"

#include "mlir/IR/Remarks.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace mlir::sparsity;

namespace {
/// One product of a value with a parameter.
struct Use {
  MatmulOp product;
  ObservedValue value;
  ObservedParameter parameter;
};
} // namespace

static void recordMissed(MatmulOp product, StringRef name, StringRef reason,
                         SmallVectorImpl<MissedProduct> &missed) {
  missed.push_back({product.getLoc(), name.str(), reason});
  remark::missed(product.getLoc(), remark::RemarkOpts::name("NotObserved")
                                       .category("sparsity-instrument")
                                       .function(name))
      << remark::reason("{0}", reason);
}

/// What `product` does with a parameter, if it does.
static std::optional<Use> findUse(MatmulOp product, SymbolTable &symbols) {
  for (bool isRight : {true, false}) {
    Value weight = isRight ? product.getRhs() : product.getLhs();
    auto load = weight.getDefiningOp<LoadOp>();
    if (!load)
      continue;
    auto parameter =
        symbols.lookup<ParameterOp>(load.getParameterAttr().getAttr());
    bool lhsAlongLast = !product.getTransposeLhs();
    bool rhsAlongLast = product.getTransposeRhs();
    if (isRight)
      return Use{product,
                 {product.getLhs(), lhsAlongLast},
                 {parameter, rhsAlongLast ? 1 : 0}};
    return Use{product,
               {product.getRhs(), rhsAlongLast},
               {parameter, lhsAlongLast ? 1 : 0}};
  }
  return std::nullopt;
}

/// Why nothing is collected for a use, or an empty text.
static StringRef whyNot(Use &use) {
  auto value = dyn_cast<RankedTensorType>(use.value.value.getType());
  auto weight =
      dyn_cast<RankedTensorType>(Type(use.parameter.parameter.getType()));
  if (!value || !weight || weight.getRank() != 2)
    return "the parameter is not a matrix";
  if (!isa<Float64Type, Float32Type, Float16Type, BFloat16Type>(
          value.getElementType()))
    return "the values are not floating-point numbers";
  return "";
}

namespace {
/// The uses of one parameter.
struct Uses {
  SmallVector<Use> all;
  SmallVector<ObservedValue> values;
};
} // namespace

/// Why the uses of one parameter cannot be added up, or an empty text.
static StringRef whyNotTogether(const Uses &uses) {
  for (const Use &use : uses.all) {
    if (use.parameter.axis != uses.all.front().parameter.axis)
      return "products sum along both axes of the parameter";
    MatmulOp product = use.product, first = uses.all.front().product;
    if (product->getBlock() != first->getBlock())
      return "products of several loops use the parameter";
  }
  return "";
}

/// The uses of parameters, by the values that they meet.
static llvm::MapVector<Operation *, Uses>
collectUses(func::FuncOp func, SymbolTable &symbols,
            function_ref<bool(StringRef)> wanted,
            SmallVectorImpl<MissedProduct> &missed) {
  llvm::MapVector<Operation *, Uses> uses;
  func.walk([&](MatmulOp product) {
    std::optional<Use> use = findUse(product, symbols);
    if (!use || !wanted(use->parameter.parameter.getUserName()))
      return;
    if (StringRef reason = whyNot(*use); !reason.empty())
      return recordMissed(product, use->parameter.parameter.getUserName(),
                          reason, missed);
    Uses &known = uses[use->parameter.parameter];
    known.all.push_back(*use);
    // A value that meets a parameter twice counts twice.
    known.values.push_back(use->value);
  });
  return uses;
}

SmallVector<ObservedGroup>
mlir::sparsity::findObservedGroups(func::FuncOp func, SymbolTable &symbols,
                                   function_ref<bool(StringRef)> wanted,
                                   SmallVectorImpl<MissedProduct> &missed) {
  SmallVector<ObservedGroup> groups;
  auto usesOfAll = collectUses(func, symbols, wanted, missed);
  for (auto &entry : usesOfAll) {
    const Uses &uses = entry.second;
    ObservedParameter observed = uses.all.front().parameter;
    if (StringRef reason = whyNotTogether(uses); !reason.empty()) {
      recordMissed(uses.all.front().product, observed.parameter.getUserName(),
                   reason, missed);
      continue;
    }
    auto *group = llvm::find_if(groups, [&](const ObservedGroup &known) {
      return known.values == uses.values &&
             known.product->getBlock() == uses.all.back().product->getBlock();
    });
    if (group == groups.end()) {
      // Uses are in program order.
      groups.push_back({uses.values, {}, uses.all.back().product});
      group = &groups.back();
    }
    group->parameters.push_back(observed);
  }
  return groups;
}
