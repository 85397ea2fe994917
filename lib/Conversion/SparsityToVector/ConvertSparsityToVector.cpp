//===- ConvertSparsityToVector.cpp - Products to vector code --------------===//
//
// The pass: gives every bufferized product a call of a kernel function, made
// once per distinct product. Kernels are in the files beside this one.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Conversion/Passes.h"

#include "Kernels.h"
#include "ProductFunction.h"
#include "ProductView.h"

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_CONVERTSPARSITYTOVECTORPASS
#include "sparse-opt/Conversion/Passes.h.inc"
} // namespace mlir::sparsity

#include "sparse-opt/Conversion/SparsityToVector/FormatLowering.cpp.inc"

using namespace mlir;
using namespace mlir::sparsity;

void mlir::sparsity::registerVectorLoweringModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, SparsityDialect *) {
    attachDenseKernel(context);
    attachNMKernel(context);
    attachStreamKernel(context);
  });
}

static bool isInsideParallelLoop(Operation *op) {
  for (Operation *parent = op->getParentOp(); parent;
       parent = parent->getParentOp())
    if (isa<scf::ParallelOp, scf::ForallOp>(parent) ||
        parent->getName().getDialectNamespace() == "omp")
      return true;
  return false;
}

/// The type that sums of products are kept in; null for elements that no
/// kernel takes.
static Type getComputeType(Type element) {
  if (element.isF64())
    return element;
  if (isa<FloatType>(element) && element.getIntOrFloatBitWidth() <= 32)
    return Float32Type::get(element.getContext());
  if (element.isSignlessInteger() && element.getIntOrFloatBitWidth() <= 32)
    return IntegerType::get(element.getContext(), 32);
  return {};
}

namespace {
class ProductLowering {
public:
  ProductLowering(ModuleOp module, bool portable)
      : module(module), symbols(module), portable(portable),
        target(TargetDescription::of(module)) {}

  LogicalResult lower(MatmulOp op);
  int64_t getNumKernels() const { return functions.size(); }

private:
  /// Numbered preconditions of `lower`.
  LogicalResult check(MatmulOp op);
  Product describe(MatmulOp op);
  /// The function for these arguments, made on first use.
  func::FuncOp getFunction(MatmulOp op, ValueRange arguments);
  Value castTo(Emitter &e, Value value, MemRefType type);
  void emitCall(Emitter &e, MatmulOp op, Value x, Value y);

  ModuleOp module;
  SymbolTable symbols;
  bool portable;
  TargetDescription target;
  llvm::StringMap<func::FuncOp> functions;
};
} // namespace

static AssembleOp getAssembly(MatmulOp op) {
  Value packed = op.isLhsPacked() ? op.getLhs() : op.getRhs();
  return packed.getDefiningOp<AssembleOp>();
}

// 1. The product is on memrefs.
// 2. One operand is packed and comes from its storage buffers.
// 3. The format has kernels.
// 4. The element types have kernels.
LogicalResult ProductLowering::check(MatmulOp op) {
  if (op->getNumResults() != 0)
    return op.emitOpError("expected memrefs, got tensors");
  PackedType packed = op.getPackedType();
  if (!packed)
    return op.emitOpError("expected a packed operand");
  AssembleOp assembly = getAssembly(op);
  if (!assembly)
    return op.emitOpError("expected a packed operand that 'sparsity.assemble' "
                          "makes in the same function");
  if (!isa<FormatLoweringInterface>(packed.getFormat()))
    return op.emitOpError("expected a format with vector kernels, got ")
           << packed.getFormat();
  for (Value buffer : assembly.getBuffers())
    if (!isa<MemRefType>(buffer.getType()))
      return assembly.emitOpError("expected memrefs, got ")
             << buffer.getType();
  Type result = cast<MemRefType>(op.getInit().getType()).getElementType();
  for (Type element : {packed.getElementType(), result})
    if (!getComputeType(element))
      return op.emitOpError("expected elements that kernels take, got ")
             << element;
  return success();
}

Product ProductLowering::describe(MatmulOp op) {
  PackedType packed = op.getPackedType();
  Product product;
  product.outputs = packed.getRows();
  product.inputs = packed.getCols();
  product.weightType = packed.getElementType();
  product.computeType = getComputeType(packed.getElementType());
  product.target = target;
  product.portable = portable;
  if (KernelAttr kernel = op.getKernelAttr()) {
    product.tileRows = kernel.getTileRows();
    product.tileVectors = kernel.getTileVectors();
  }
  return product;
}

func::FuncOp ProductLowering::getFunction(MatmulOp op, ValueRange arguments) {
  PackedType packed = op.getPackedType();
  bool isParallel = !isInsideParallelLoop(op);
  auto type = FunctionType::get(op.getContext(), arguments.getTypes(), {});
  std::string key;
  llvm::raw_string_ostream(key) << packed << type << op.getKernelAttr()
                                << isParallel << bool(op.getBias());
  func::FuncOp &function = functions[key];
  if (function)
    return function;
  std::string stem = "sparsity_matmul_" +
                     packed.getFormat().getStorageFormat()->name() + "_";
  unsigned number = 0;
  while (symbols.lookup(stem + std::to_string(number)))
    ++number;
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  function = func::FuncOp::create(builder, op.getLoc(),
                                  stem + std::to_string(number), type);
  function.setPrivate();
  symbols.insert(function);
  emitProductFunction(function, describe(op),
                      cast<FormatLoweringInterface>(packed.getFormat()),
                      bool(op.getBias()), bool(op.getAt()), isParallel);
  return function;
}

Value ProductLowering::castTo(Emitter &e, Value value, MemRefType type) {
  if (value.getType() == type)
    return value;
  return memref::CastOp::create(e, type, value);
}

void ProductLowering::emitCall(Emitter &e, MatmulOp op, Value x, Value y) {
  PackedType packed = op.getPackedType();
  SmallVector<Value> arguments{
      castTo(e, x, getCommonType(x, packed.getCols()))};
  for (auto [buffer, storage] :
       llvm::zip(getAssembly(op).getBuffers(), packed.getStorageTypes())) {
    // Storage is contiguous by the format's definition, whatever its type says.
    auto layout = StridedLayoutAttr::get(op.getContext(),
                                         ShapedType::kDynamic, {1});
    arguments.push_back(castTo(
        e, buffer,
        MemRefType::get(storage.getShape(), storage.getElementType(),
                        layout)));
  }
  if (Value bias = op.getBias())
    arguments.push_back(castTo(e, bias, getCommonType(bias, -1)));
  if (Value start = op.getAt())
    arguments.push_back(start);
  arguments.push_back(castTo(e, y, getCommonType(y, -1)));
  func::CallOp::create(e, getFunction(op, arguments), arguments);
}

LogicalResult ProductLowering::lower(MatmulOp op) {
  if (failed(check(op)))
    return failure();
  OpBuilder builder(op);
  Emitter e(op.getLoc(), builder, target.fma);
  forEachMatrix(e, op, [&](Value x, Value y) { emitCall(e, op, x, y); });
  op.erase();
  return success();
}

namespace {
struct ConvertSparsityToVectorPass
    : sparsity::impl::ConvertSparsityToVectorPassBase<
          ConvertSparsityToVectorPass> {
  using ConvertSparsityToVectorPassBase::ConvertSparsityToVectorPassBase;

  void runOnOperation() override {
    ProductLowering lowering(getOperation(), portable);
    SmallVector<MatmulOp> products;
    getOperation().walk([&](MatmulOp op) { products.push_back(op); });
    for (MatmulOp op : products)
      if (failed(lowering.lower(op)))
        return signalPassFailure();
    getOperation().walk([](AssembleOp op) {
      if (op->use_empty())
        op.erase();
    });
    numProducts += products.size();
    numKernels += lowering.getNumKernels();
  }
};
} // namespace
