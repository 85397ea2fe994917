//===- ProgramInterface.cpp - What a program takes and gives --------------===//
//
// Describes public functions and their parameters, without code generation.
//
//===----------------------------------------------------------------------===//

#include "ProgramInterface.h"

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace mlir::sparsity;

static std::string print(Attribute attr) {
  std::string text;
  llvm::raw_string_ostream(text) << attr;
  return text;
}

/// "f32", "i64", "i1"; empty when the runtime has no such type.
static std::string getDtype(Type type) {
  std::optional<format::ElementKind> kind = getElementKind(type);
  if (!kind)
    return "";
  return *kind == format::ElementKind::Bool
             ? "i1"
             : std::string(format::elementName(*kind));
}

static std::vector<int64_t> getShape(ShapedType type) {
  std::vector<int64_t> shape;
  for (int64_t extent : type.getShape())
    shape.push_back(ShapedType::isDynamic(extent) ? -1 : extent);
  return shape;
}

static StatisticInfo describeStatistic(StatisticAttr statistic) {
  StatisticInfo info{statistic.getKind().str(), {}};
  for (ObservedAttr observed : statistic.getOf())
    info.of.push_back({observed.getParameter().str(),
                       getDtype(observed.getType().getElementType()),
                       getShape(observed.getType()), observed.getAxis(),
                       observed.getHash().str()});
  return info;
}

/// A memref that programs may take: row-major, in plain memory.
static LogicalResult verifyUpdated(func::FuncOp func, MemRefType type) {
  if (type.getLayout().isIdentity() && !type.getMemorySpace())
    return success();
  return func.emitError("expected row-major memrefs in plain memory at the "
                        "boundary of a program, got ")
         << type;
}

/// An argument or result with its attributes (may be null).
static FailureOr<TensorInfo> describeTensor(func::FuncOp func, Type type,
                                            DictionaryAttr attributes,
                                            const Twine &fallback) {
  auto shaped = dyn_cast<ShapedType>(type);
  if (!isa<RankedTensorType, MemRefType>(type) ||
      getDtype(shaped.getElementType()).empty())
    return func.emitError("expected ranked tensors of numbers, or memrefs to "
                          "update, at the boundary of a program, got ")
           << type;
  if (auto tensor = dyn_cast<RankedTensorType>(type);
      tensor && tensor.getEncoding())
    return func.emitError("expected tensors without encoding at the boundary "
                          "of a program, got ")
           << type;
  auto find = [&](StringRef key) {
    return attributes ? attributes.get(key) : Attribute();
  };
  TensorInfo info{fallback.str(), getDtype(shaped.getElementType()),
                  getShape(shaped), isa<MemRefType>(type)};
  if (auto name =
          dyn_cast_or_null<StringAttr>(find(SparsityDialect::kNameAttrName)))
    info.name = name.str();
  if (auto statistic = dyn_cast_or_null<StatisticAttr>(
          find(SparsityDialect::kStatisticAttrName)))
    info.statistic = describeStatistic(statistic);
  if (find(SparsityDialect::kUnsignedAttrName)) {
    if (!shaped.getElementType().isInteger() || info.dtype == "i1")
      return func.emitError("expected integers where '")
             << SparsityDialect::kUnsignedAttrName << "' stands, got " << type;
    info.dtype.replace(0, 1, "u");
  }
  return info;
}

/// The bytes of a parameter's buffer; splats are written out and kept alive by
/// the context.
static FailureOr<ParameterBuffer> describeBuffer(ParameterOp parameter,
                                                 ElementsAttr elements) {
  auto type = cast<ShapedType>(elements.getType());
  ParameterBuffer buffer{getDtype(type.getElementType()), getShape(type)};
  ArrayRef<char> bytes;
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob)
      return parameter.emitError("parameter '")
             << parameter.getUserName() << "' has no data: resource '"
             << resource.getRawHandle().getKey() << "' does not exist";
    bytes = blob->getData();
  } else if (auto dense = dyn_cast<DenseElementsAttr>(elements)) {
    std::vector<char> raw;
    int64_t width =
        format::elementBytes(*getElementKind(type.getElementType()));
    for (APInt value :
         dense.getElementType().isIntOrIndex()
             ? llvm::to_vector(dense.getValues<APInt>())
             : llvm::map_to_vector(dense.getValues<APFloat>(), [](APFloat f) {
                 return f.bitcastToAPInt();
               })) {
      uint64_t bits = value.getZExtValue();
      raw.insert(raw.end(), reinterpret_cast<char *>(&bits),
                 reinterpret_cast<char *>(&bits) + width);
    }
    AsmResourceBlob blob =
        HeapAsmResourceBlob::allocateAndCopyWithAlign(raw, 64, false);
    auto owner = DenseResourceElementsAttr::get(
        type, (parameter.getSymName() + ".data").str(), std::move(blob));
    bytes = owner.getRawHandle().getBlob()->getData();
  } else {
    return parameter.emitError("expected the elements of parameter '")
           << parameter.getUserName() << "' to be dense";
  }
  buffer.data = bytes.data();
  buffer.bytes = bytes.size();
  return buffer;
}

static FailureOr<ParameterInfo> describeParameter(ParameterOp parameter) {
  ParameterInfo info;
  info.symbol = parameter.getSymName().str();
  info.name = parameter.getUserName().str();
  info.transposed = parameter.getTransposed();
  SmallVector<ElementsAttr> buffers;
  if (auto packed = dyn_cast<PackedType>(parameter.getType())) {
    info.dtype = getDtype(packed.getElementType());
    info.shape = {packed.getRows(), packed.getCols()};
    if (info.transposed)
      std::swap(info.shape[0], info.shape[1]);
    info.format = print(packed.getFormat());
    buffers = parameter.getBuffers();
  } else {
    auto type = cast<RankedTensorType>(parameter.getType());
    info.dtype = getDtype(type.getElementType());
    info.shape = getShape(type);
    if (ElementsAttr elements = parameter.getElements())
      buffers.push_back(elements);
  }
  if (buffers.empty())
    return parameter.emitError("expected a value for parameter '")
           << parameter.getUserName() << "', found none";
  for (ElementsAttr elements : buffers) {
    FailureOr<ParameterBuffer> buffer = describeBuffer(parameter, elements);
    if (failed(buffer))
      return failure();
    info.buffers.push_back(*buffer);
  }
  return info;
}

namespace {
/// Describes one module; parameters are numbered in the order of first use.
class Describer {
public:
  Describer(ModuleOp module, CompiledProgram &program)
      : symbols(module), program(program) {}

  LogicalResult describe(func::FuncOp func) {
    // Headers declare it, and linkers find it.
    auto isPart = [](char c) { return llvm::isAlnum(c) || c == '_'; };
    if (!llvm::all_of(func.getSymName(), isPart))
      return func.emitError("expected a function name of letters, digits and "
                            "'_', got '")
             << func.getSymName() << "'";
    FunctionInfo info;
    info.name = func.getSymName().str();
    info.symbol = "sparse_opt_call_" + info.name;
    for (unsigned i = 0; i < func.getNumArguments(); ++i)
      if (failed(describeArgument(func, i, info)))
        return failure();
    for (auto [i, type] : llvm::enumerate(func.getResultTypes())) {
      if (isa<MemRefType>(type))
        return func.emitError("expected tensors as results of a program, got ")
               << type;
      FailureOr<TensorInfo> result = describeTensor(
          func, type, func.getResultAttrDict(i), "result" + Twine(i));
      if (failed(result))
        return failure();
      info.results.push_back(*result);
    }
    program.functions.push_back(std::move(info));
    return success();
  }

private:
  LogicalResult describeArgument(func::FuncOp func, unsigned i,
                                 FunctionInfo &info) {
    auto symbol = func.getArgAttrOfType<FlatSymbolRefAttr>(
        i, SparsityDialect::kParameterAttrName);
    if (!symbol) {
      auto updated = dyn_cast<MemRefType>(func.getArgumentTypes()[i]);
      if (updated && failed(verifyUpdated(func, updated)))
        return failure();
      FailureOr<TensorInfo> input =
          describeTensor(func, func.getArgumentTypes()[i],
                         func.getArgAttrDict(i), "arg" + Twine(i));
      if (failed(input))
        return failure();
      info.inputs.push_back(*input);
      return success();
    }
    auto [entry, isNew] =
        numbers.insert({symbol, static_cast<int64_t>(numbers.size())});
    if (isNew) {
      FailureOr<ParameterInfo> parameter =
          describeParameter(symbols.lookup<ParameterOp>(symbol.getAttr()));
      if (failed(parameter))
        return failure();
      program.parameters.push_back(std::move(*parameter));
    }
    auto buffer =
        func.getArgAttrOfType<IntegerAttr>(i, SparsityDialect::kBufferAttrName);
    info.parameters.push_back({entry->second, buffer.getInt()});
    return success();
  }

  SymbolTable symbols;
  CompiledProgram &program;
  DenseMap<Attribute, int64_t> numbers;
};
} // namespace

LogicalResult mlir::sparsity::describeProgram(ModuleOp module,
                                              CompiledProgram &program) {
  Describer describer(module, program);
  for (auto func : module.getOps<func::FuncOp>())
    if (func.isPublic() && !func.isDeclaration() &&
        failed(describer.describe(func)))
      return failure();
  if (program.functions.empty())
    return module.emitError(
        "expected a public function to compile, found none");
  return success();
}
