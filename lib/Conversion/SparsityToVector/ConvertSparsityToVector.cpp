//===- ConvertSparsityToVector.cpp - Products to vector code --------------===//
//
// The pass: gives every bufferized product, or products of one x together, a
// call of a kernel function, made once per distinct product. Kernels are in the
// files beside this one.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Conversion/Passes.h"

#include "AttentionKernel.h"
#include "DensePair.h"
#include "Epilogue.h"
#include "Kernels.h"
#include "ProductFunction.h"
#include "ProductView.h"
#include "Siblings.h"

#include "sparse-opt/Dialect/Sparsity/IR/Ranking.h"
#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
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
    attachBSRKernel(context);
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
  ProductLowering(ModuleOp module, bool portable, bool record)
      : module(module), symbols(module), portable(portable), record(record),
        target(TargetDescription::of(module)) {}

  /// Products that may be computed together where the last one is.
  LogicalResult lower(ArrayRef<MatmulOp> siblings);
  LogicalResult lower(AttentionOp op);
  int64_t getNumKernels() const { return functions.size(); }

private:
  /// Numbered preconditions of `lower`.
  LogicalResult check(MatmulOp op);
  Product describe(MatmulOp op);
  /// The function for these arguments, made on first use.
  func::FuncOp getFunction(ArrayRef<MatmulOp> siblings, ValueRange arguments);
  func::FuncOp createFunction(Operation *op, std::string stem,
                              FunctionType type);
  Value castTo(Emitter &e, Value value, MemRefType type);
  void appendWeights(Emitter &e, MatmulOp op, SmallVector<Value> &arguments);
  void emitPairCall(Emitter &e, MatmulOp op);
  void emitCall(Emitter &e, ArrayRef<MatmulOp> siblings, Value x,
                ValueRange results);

  ModuleOp module;
  SymbolTable symbols;
  bool portable, record;
  TargetDescription target;
  llvm::StringMap<func::FuncOp> functions;
};
} // namespace

static AssembleOp getAssembly(MatmulOp op) {
  Value packed = op.isLhsPacked() ? op.getLhs() : op.getRhs();
  return packed.getDefiningOp<AssembleOp>();
}

static Type getOperandElement(MatmulOp op) {
  if (PackedType packed = op.getPackedType())
    return packed.getElementType();
  return cast<MemRefType>(op.getLhs().getType()).getElementType();
}

static LogicalResult checkPacked(MatmulOp op) {
  AssembleOp assembly = getAssembly(op);
  if (!assembly)
    return op.emitOpError("expected a packed operand that 'sparsity.assemble' "
                          "makes in the same function");
  for (Value buffer : assembly.getBuffers())
    if (!isa<MemRefType>(buffer.getType()))
      return assembly.emitOpError("expected memrefs, got ") << buffer.getType();
  FormatAttrInterface format = op.getPackedType().getFormat();
  if (!isa<FormatLoweringInterface>(format))
    return op.emitOpError("expected a format with vector kernels, got ")
           << format;
  return success();
}

// 1. The product is on memrefs.
// 2. A packed operand comes from its storage buffers.
// 3. Its format has kernels.
// 4. The element types have kernels.
LogicalResult ProductLowering::check(MatmulOp op) {
  if (op->getNumResults() != 0)
    return op.emitOpError("expected memrefs, got tensors");
  if (op.getPackedType() && failed(checkPacked(op)))
    return failure();
  Type result = cast<MemRefType>(op.getInit().getType()).getElementType();
  for (Type element : {getOperandElement(op), result})
    if (!getComputeType(element))
      return op.emitOpError("expected elements that kernels take, got ")
             << element;
  return success();
}

/// Vectors that the few columns of a pair's result fill, or 0 for many columns.
static int64_t getPairVectors(MatmulOp op, int64_t lanes) {
  constexpr int64_t kMost = 4;
  int64_t cols = cast<ShapedType>(op.getInit().getType()).getShape().back();
  if (ShapedType::isDynamic(cols) || cols > (kMost - 1) * lanes)
    return 0;
  return std::max<int64_t>(1, llvm::divideCeil(cols, lanes));
}

/// Takes the tiles that the format's descriptors say.
static void setKernels(Product &product, FormatAttrInterface format) {
  SmallVector<format::KernelDescriptor> kernels =
      format.getKernels(product.unit());
  product.tileRows = kernels.front().tileRows;
  product.tileVectors = kernels.front().tileVectors;
  if (!kernels.back().rowsInVectors)
    return;
  product.columnVectors = kernels.back().tileRows;
  product.columnTokens = kernels.back().fewestRows;
}

Product ProductLowering::describe(MatmulOp op) {
  Product product;
  if (PackedType packed = op.getPackedType()) {
    product.outputs = packed.getRows();
    product.inputs = packed.getCols();
  }
  product.weightType = getOperandElement(op);
  product.computeType = getComputeType(product.weightType);
  product.target = target;
  product.portable = portable;
  if (PackedType packed = op.getPackedType())
    setKernels(product, packed.getFormat());
  else
    product.tileVectors = getPairVectors(op, product.lanes());
  if (KernelAttr kernel = op.getKernelAttr()) {
    product.tileRows = kernel.getTileRows();
    product.tileVectors = kernel.getTileVectors();
  }
  return product;
}

/// The word for the format in function names.
static std::string getFormatName(PackedType packed) {
  return packed ? packed.getFormat().getStorageFormat()->name() : "pair";
}

func::FuncOp ProductLowering::createFunction(Operation *op, std::string stem,
                                             FunctionType type) {
  unsigned number = 0;
  auto name = [&] { return stem + "_" + std::to_string(number); };
  while (symbols.lookup(name()))
    ++number;
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  auto function = func::FuncOp::create(builder, op->getLoc(), name(), type);
  function.setPrivate();
  symbols.insert(function);
  return function;
}

/// Elementwise code as text that does not depend on what surrounds it.
static void printBody(llvm::raw_ostream &os, Block &body) {
  DenseMap<Value, unsigned> numbers;
  auto define = [&](ValueRange values) {
    for (Value value : values) {
      os << value.getType() << ' ';
      numbers.try_emplace(value, numbers.size());
    }
  };
  define(body.getArguments());
  for (Operation &op : body) {
    os << op.getName() << op.getAttrDictionary();
    for (Value operand : op.getOperands())
      os << ' ' << numbers.lookup(operand);
    define(op.getResults());
  }
}

func::FuncOp ProductLowering::getFunction(ArrayRef<MatmulOp> siblings,
                                          ValueRange arguments) {
  MatmulOp op = siblings.front();
  bool isParallel = !isInsideParallelLoop(op);
  auto type = FunctionType::get(op.getContext(), arguments.getTypes(), {});
  std::string key;
  llvm::raw_string_ostream stream(key);
  std::vector<DescribedProduct> products;
  stream << type << op.getKernelAttr() << isParallel;
  for (MatmulOp sibling : siblings) {
    products.push_back({sibling, describe(sibling)});
    stream << sibling.getPackedType() << bool(sibling.getBias())
           << products.back().product.tileVectors;
  }
  if (isEpilogueFused(op)) {
    stream << op.getEpilogueMaps();
    printBody(stream, op.getEpilogue());
  }
  func::FuncOp &function = functions[key];
  if (function)
    return function;
  PackedType packed = op.getPackedType();
  function =
      createFunction(op, "sparsity_matmul_" + getFormatName(packed), type);
  if (packed)
    emitProductFunction(function, products, isParallel);
  else
    emitDensePairFunction(function, products.front().product,
                          bool(op.getBias()), isParallel);
  return function;
}

Value ProductLowering::castTo(Emitter &e, Value value, MemRefType type) {
  if (value.getType() == type)
    return value;
  return memref::CastOp::create(e, type, value);
}

/// The storage buffers and the bias of a product.
void ProductLowering::appendWeights(Emitter &e, MatmulOp op,
                                    SmallVector<Value> &arguments) {
  for (auto [buffer, storage] :
       llvm::zip(getAssembly(op).getBuffers(),
                 op.getPackedType().getStorageTypes())) {
    // Storage is contiguous by the format's definition, whatever its type says.
    auto layout =
        StridedLayoutAttr::get(op.getContext(), ShapedType::kDynamic, {1});
    arguments.push_back(castTo(
        e, buffer,
        MemRefType::get(storage.getShape(), storage.getElementType(), layout)));
  }
  if (Value bias = op.getBias())
    arguments.push_back(castTo(e, bias, getCommonType(bias, -1)));
}

/// Records on `call` why its products have their format.
static void attachRankings(func::CallOp call, ArrayRef<MatmulOp> products) {
  SmallVector<Ranking> rankings;
  for (MatmulOp product : products)
    if (std::optional<Ranking> ranking = Ranking::of(product))
      rankings.push_back(*ranking);
  if (rankings.size() != products.size())
    return;
  if (std::optional<Ranking> sum = Ranking::sum(rankings))
    sum->attachTo(call);
}

void ProductLowering::emitCall(Emitter &e, ArrayRef<MatmulOp> siblings, Value x,
                               ValueRange results) {
  MatmulOp op = siblings.front();
  SmallVector<Value> arguments{
      castTo(e, x, getCommonType(x, op.getPackedType().getCols()))};
  for (MatmulOp product : siblings)
    appendWeights(e, product, arguments);
  if (Value start = op.getAt())
    arguments.push_back(start);
  if (isEpilogueFused(op))
    for (Value operand : op.getEpilogueOperands())
      arguments.push_back(castTo(e, operand, getCommonType(operand, -1)));
  for (Value y : results)
    arguments.push_back(castTo(e, y, getCommonType(y, -1)));
  func::FuncOp function = getFunction(siblings, arguments);
  attachRankings(func::CallOp::create(e, function, arguments), siblings);
}

void ProductLowering::emitPairCall(Emitter &e, MatmulOp op) {
  auto [lhs, rhs] = getDensePair(e, op);
  SmallVector<Value> arguments;
  for (Value operand : {lhs, rhs, Value(op.getBias()), Value(op.getInit())})
    if (operand)
      arguments.push_back(castTo(e, operand, getCommonType(operand, -1)));
  func::CallOp::create(e, getFunction(op, arguments), arguments);
}

LogicalResult ProductLowering::lower(ArrayRef<MatmulOp> siblings) {
  for (MatmulOp op : siblings)
    if (failed(check(op)))
      return failure();
  MatmulOp first = siblings.front();
  OpBuilder builder(siblings.back());
  Emitter e(first.getLoc(), builder, target.fma);
  if (siblings.size() > 1) {
    SmallVector<Value> results;
    for (MatmulOp op : siblings)
      results.push_back(op.getInit());
    emitCall(e, siblings, first.getLhs(), results);
  } else if (first.getPackedType()) {
    forEachMatrix(e, first,
                  [&](Value x, Value y) { emitCall(e, siblings, x, y); });
  } else {
    emitPairCall(e, first);
  }
  for (MatmulOp op : siblings)
    op.erase();
  return success();
}

/// Numbered preconditions:
/// 1. The op is on memrefs.
/// 2. The number of features is static.
/// 3. Products are in the elements' own type.
static LogicalResult checkAttention(AttentionOp op) {
  if (op->getNumResults() != 0)
    return op.emitOpError("expected memrefs, got tensors");
  auto value = cast<MemRefType>(op.getValue().getType());
  AffineMap map = op.getIndexingMap(op.getValueMutable());
  unsigned features = map.getNumDims() - 1;
  for (auto [index, size] : llvm::enumerate(value.getShape()))
    if (map.getDimPosition(index) == features && ShapedType::isDynamic(size))
      return op.emitOpError("expected a static number of features, got ")
             << value;
  if (!value.getElementType().isF32() && !value.getElementType().isF64())
    return op.emitOpError("expected elements of f32 or f64, got ")
           << value.getElementType();
  return success();
}

LogicalResult ProductLowering::lower(AttentionOp op) {
  if (failed(checkAttention(op)))
    return failure();
  OpBuilder builder(op);
  Emitter e(op.getLoc(), builder, target.fma);
  SmallVector<Value> arguments;
  for (Value operand : op->getOperands())
    arguments.push_back(castTo(e, operand, getCommonType(operand, -1)));
  auto type =
      FunctionType::get(op.getContext(), ValueRange(arguments).getTypes(), {});
  Product product;
  product.target = target;
  product.portable = portable;
  product.weightType = product.computeType = getElementTypeOrSelf(op.getInit());
  bool isParallel = !isInsideParallelLoop(op);
  std::string key;
  llvm::raw_string_ostream stream(key);
  stream << type << op.getIndexingMaps() << op.getZeroRows() << isParallel;
  printBody(stream, op.getBody().front());
  func::FuncOp &function = functions[key];
  if (!function) {
    function = createFunction(op, "sparsity_attention", type);
    emitAttentionFunction(function, op, product, isParallel);
  }
  auto call = func::CallOp::create(e, function, arguments);
  if (record)
    call->setAttr(SparsityDialect::kMapsAttrName, op.getIndexingMaps());
  op.erase();
  return success();
}

namespace {
struct ConvertSparsityToVectorPass
    : sparsity::impl::ConvertSparsityToVectorPassBase<
          ConvertSparsityToVectorPass> {
  using ConvertSparsityToVectorPassBase::ConvertSparsityToVectorPassBase;

  void runOnOperation() override {
    int64_t bits = TargetDescription::of(getOperation()).vectorBits;
    if (!llvm::is_contained({128, 256, 512}, bits)) {
      getOperation().emitError("expected 'vector_bits' of 128, 256 or 512 in "
                               "the target system spec, found ")
          << bits;
      return signalPassFailure();
    }
    ProductLowering lowering(getOperation(), portable, record);
    SmallVector<MatmulOp> products;
    getOperation().walk([&](MatmulOp op) {
      if (op.hasEpilogue() && op->getNumResults() == 0 && !isEpilogueFused(op))
        products.push_back(op);
    });
    llvm::for_each(products, splitEpilogue);
    products.clear();
    getOperation().walk([&](MatmulOp op) { products.push_back(op); });
    for (ArrayRef<MatmulOp> siblings : groupSiblings(products))
      if (failed(lowering.lower(siblings)))
        return signalPassFailure();
    getOperation().walk([](AssembleOp op) {
      if (op->use_empty())
        op.erase();
    });
    SmallVector<AttentionOp> attentions;
    getOperation().walk([&](AttentionOp op) { attentions.push_back(op); });
    for (AttentionOp op : attentions)
      if (failed(lowering.lower(op)))
        return signalPassFailure();
    numProducts += products.size();
    numKernels += lowering.getNumKernels();
  }
};
} // namespace
