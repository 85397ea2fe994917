//===- LiftParameters.cpp - Constants become parameters -------------------===//
//
// Gives every weight of a module a symbol. Which weights may be zero is decided
// later, by passes that look at parameters only.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Transforms/Prune/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_LIFTPARAMETERSPASS
#include "sparse-opt/Transforms/Prune/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;

/// True when somebody promises a pattern of `value`, or of its transpose, or
/// packs it: promises are checked on parameters, and these are packed.
static bool isClaimed(Value value) {
  return llvm::any_of(value.getUsers(), [](Operation *user) {
    return isa<AssumeOp, PackOp>(user) ||
           (isa<linalg::TransposeOp>(user) && isClaimed(user->getResult(0)));
  });
}

/// An i1 has no byte of its own, so it cannot be a buffer of the program.
static bool canBeWeight(DenseElementsAttr elements) {
  Type type = elements.getElementType();
  return type.isIntOrFloat() && !type.isInteger(1);
}

/// True for inline constants that a user would call a weight or a table.
static bool isWeight(arith::ConstantOp op, DenseElementsAttr elements,
                     int64_t minElements) {
  if (!canBeWeight(elements))
    return false;
  return isClaimed(op) ||
         (!elements.isSplat() && elements.getNumElements() >= minElements);
}

/// The constant's elements when it is to be lifted, else null.
static ElementsAttr getLiftedValue(arith::ConstantOp op, int64_t minElements) {
  auto type = dyn_cast<RankedTensorType>(op.getType());
  if (!type)
    return {};
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(op.getValue()))
    return resource;
  auto dense = dyn_cast<DenseElementsAttr>(op.getValue());
  return dense && isWeight(op, dense, minElements) ? dense : ElementsAttr();
}

/// Says that an inline constant which could be a weight is too small for one.
static void remarkIfSmall(arith::ConstantOp op, int64_t minElements) {
  auto elements = dyn_cast<DenseElementsAttr>(op.getValue());
  if (!elements || elements.isSplat() ||
      !isa<RankedTensorType>(elements.getType()) ||
      elements.getType().getRank() == 0 || !canBeWeight(elements))
    return;
  remark::missed(op.getLoc(), remark::RemarkOpts::name("NotLifted")
                                  .category("sparsity-lift-parameters"))
      << llvm::formatv("constant of {0} elements stays, less than min-elements",
                       elements.getNumElements())
             .str()
      << remark::metric("min-elements", minElements);
}

/// Constants to lift, in program order. Symbols of nested symbol tables cannot
/// be seen from inside them, so those are not entered.
static SmallVector<arith::ConstantOp> collectConstants(ModuleOp module,
                                                       int64_t minElements) {
  SmallVector<arith::ConstantOp> constants;
  module->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (op != module && op->hasTrait<OpTrait::SymbolTable>())
      return WalkResult::skip();
    auto constant = dyn_cast<arith::ConstantOp>(op);
    if (constant && getLiftedValue(constant, minElements))
      constants.push_back(constant);
    else if (constant)
      remarkIfSmall(constant, minElements);
    return WalkResult::advance();
  });
  return constants;
}

namespace {
/// The parameters of one module by value, made on demand with free names.
class ParameterTable {
public:
  explicit ParameterTable(ModuleOp module)
      : builder(OpBuilder::atBlockBegin(module.getBody())) {
    for (Operation &op : *module.getBody()) {
      if (auto symbol = dyn_cast<SymbolOpInterface>(op))
        names.insert(symbol.getName());
      if (auto parameter = dyn_cast<ParameterOp>(op))
        if (ElementsAttr elements = parameter.getElements())
          parameters.try_emplace(elements, parameter);
    }
  }

  /// The parameter that holds `value`, and whether it is new.
  std::pair<ParameterOp, bool> getOrCreate(ElementsAttr value, Location loc) {
    ParameterOp &parameter = parameters[value];
    if (parameter)
      return {parameter, false};
    StringAttr origin;
    std::string name = pickName(value, origin);
    parameter = ParameterOp::create(
        builder, loc, builder.getStringAttr(name),
        builder.getStringAttr("private"), TypeAttr::get(value.getType()), value,
        /*pattern=*/{}, /*request=*/{}, origin, /*transposed=*/{});
    return {parameter, true};
  }

private:
  /// A resource's own name, with a number if that is taken; constant.N for
  /// inline constants.
  std::string pickName(ElementsAttr value, StringAttr &origin) {
    auto resource = dyn_cast<DenseResourceElementsAttr>(value);
    if (!resource)
      return pickFreeName("constant.");
    StringRef key = resource.getRawHandle().getKey();
    if (names.insert(key).second)
      return key.str();
    origin = builder.getStringAttr(key);
    return pickFreeName((key + "_").str());
  }

  std::string pickFreeName(const std::string &prefix) {
    int64_t &next = numbers[prefix];
    std::string name;
    do
      name = prefix + std::to_string(next++);
    while (!names.insert(name).second);
    return name;
  }

  OpBuilder builder;
  llvm::StringSet<> names;
  llvm::StringMap<int64_t> numbers;
  DenseMap<ElementsAttr, ParameterOp> parameters;
};

struct LiftParameters
    : public sparsity::impl::LiftParametersPassBase<LiftParameters> {
  using LiftParametersPassBase::LiftParametersPassBase;

  void runOnOperation() override {
    ParameterTable table(getOperation());
    for (arith::ConstantOp constant :
         collectConstants(getOperation(), minElements)) {
      auto value = cast<ElementsAttr>(constant.getValue());
      auto [parameter, isNew] = table.getOrCreate(value, constant.getLoc());
      numParameters += isNew;
      ++numLoads;
      OpBuilder builder(constant);
      auto load = LoadOp::create(builder, constant.getLoc(), constant.getType(),
                                 parameter.getSymName());
      constant.replaceAllUsesWith(load.getResult());
      constant.erase();
    }
  }
};
} // namespace
