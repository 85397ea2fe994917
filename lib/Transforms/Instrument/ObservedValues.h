//===- ObservedValues.h - Which values meet which parameters --------------===//
//
// Groups the parameters of a function by the values that they are multiplied
// with. Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_TRANSFORMS_INSTRUMENT_OBSERVEDVALUES_H
#define SPARSE_OPT_LIB_TRANSFORMS_INSTRUMENT_OBSERVEDVALUES_H

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::sparsity {

/// A value as a product reads it: summed along its last dimension, or the last
/// but one.
struct ObservedValue {
  Value value;
  bool isSummedAlongLast;

  bool operator==(const ObservedValue &other) const {
    return value == other.value && isSummedAlongLast == other.isSummedAlongLast;
  }
};

/// A use of a parameter, of which `axis` is summed along.
struct ObservedParameter {
  ParameterOp parameter;
  int64_t axis;
};

/// Parameters that are multiplied with the same values, equally often.
struct ObservedGroup {
  SmallVector<ObservedValue> values;
  SmallVector<ObservedParameter> parameters;
  /// Where all values are known: the last product with the first parameter.
  MatmulOp product;
};

/// A product whose inputs are not observed, and why.
struct MissedProduct {
  Location loc;
  std::string parameter;
  StringRef reason;
};

/// The groups of `func`, in program order, of parameters whose name `wanted`
/// accepts. Products that are left out are added to `missed`, and remarked.
SmallVector<ObservedGroup>
findObservedGroups(func::FuncOp func, SymbolTable &symbols,
                   function_ref<bool(StringRef)> wanted,
                   SmallVectorImpl<MissedProduct> &missed);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_TRANSFORMS_INSTRUMENT_OBSERVEDVALUES_H
