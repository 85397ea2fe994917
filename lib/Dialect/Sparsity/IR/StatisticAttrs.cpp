//===- StatisticAttrs.cpp - Attributes of statistics ----------------------===//
//
// Their verifiers. What computes statistics is Transforms/Instrument.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::sparsity;

static constexpr StringRef kRows = "rows";
static constexpr StringRef kKinds[] = {"gram", "magnitudes", "squares",
                                       "zeros"};

ArrayRef<StringRef> StatisticAttr::getKinds() { return kKinds; }

LogicalResult ObservedAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   StringAttr, RankedTensorType type,
                                   int64_t axis, StringAttr) {
  if (!type.hasStaticShape() || type.getRank() != 2)
    return emitError() << "expected a static type of rank 2, got " << type;
  if (axis != 0 && axis != 1)
    return emitError() << "expected axis 0 or 1, got " << axis;
  return success();
}

LogicalResult
StatisticAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                      StringAttr kind, ArrayRef<ObservedAttr> of) {
  if (kind.getValue() != kRows && !llvm::is_contained(kKinds, kind.getValue()))
    return emitError() << "expected one of the statistics '" << kRows << "', '"
                       << llvm::join(getKinds(), "', '") << "', got '"
                       << kind.getValue() << "'";
  if (of.empty())
    return emitError() << "expected observed parameters, got none";
  auto inputs = [](ObservedAttr observed) {
    return observed.getType().getDimSize(observed.getAxis());
  };
  for (ObservedAttr observed : of)
    if (inputs(observed) != inputs(of.front()))
      return emitError() << "expected parameters of " << inputs(of.front())
                         << " inputs, got " << inputs(observed) << " of "
                         << observed.getParameter();
  return success();
}
