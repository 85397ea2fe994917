//===- PackWeights.cpp - Pack parameters at compile time ------------------===//
//
// Encodes each `sparsity.pack` of a parameter into storage buffers of a packed
// parameter, one weight at a time. Which format is not decided here.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"
#include "sparse-opt/Transforms/Layout/Passes.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectResourceBlobManager.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_PACKWEIGHTSPASS
#include "sparse-opt/Transforms/Layout/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;

/// Hands a storage buffer's memory to the context as a resource named `name`.
static ElementsAttr createResource(RankedTensorType type, StringRef name,
                                   format::Buffer buffer) {
  auto shared = std::make_shared<format::Buffer>(std::move(buffer));
  ArrayRef<char> bytes(static_cast<const char *>(shared->data()),
                       shared->bytes());
  AsmResourceBlob blob(
      bytes, /*dataAlignment=*/64,
      [shared](void *, size_t, size_t) mutable { shared.reset(); },
      /*dataIsMutable=*/false);
  return DenseResourceElementsAttr::get(type, name, std::move(blob));
}

/// The parameter's matrix as the pack sees it, or an error on the pack.
static FailureOr<format::MatrixView> getMatrix(PackOp pack,
                                               ParameterOp parameter) {
  ElementsAttr elements = parameter.getElements();
  std::optional<format::MatrixView> view =
      elements ? getMatrixView(elements) : std::nullopt;
  if (!view) {
    InFlightDiagnostic diag = pack.emitOpError();
    if (isa_and_nonnull<DenseElementsAttr>(elements))
      diag << "expected at most " << kMostEqual
           << " equal elements in parameter '" << parameter.getUserName()
           << "', got " << elements.getNumElements();
    else
      diag << "expected the data of parameter '" << parameter.getUserName()
           << "', found none";
    diag.attachNote(parameter.getLoc()) << "parameter is defined here";
    return diag;
  }
  if (pack.getTransposed()) {
    std::swap(view->rows, view->cols);
    std::swap(view->rowStride, view->colStride);
  }
  return *view;
}

namespace {
struct PackWeightsPass
    : public sparsity::impl::PackWeightsPassBase<PackWeightsPass> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    SmallVector<PackOp> packs;
    getOperation().walk([&](PackOp pack) {
      if (pack.getSource().getDefiningOp<LoadOp>())
        packs.push_back(pack);
    });
    // One packed parameter per (parameter, type, orientation).
    DenseMap<std::tuple<Operation *, Type, int>, ParameterOp> done;
    for (PackOp pack : packs) {
      auto load = pack.getSource().getDefiningOp<LoadOp>();
      auto parameter = symbols.lookup<ParameterOp>(load.getParameter());
      ParameterOp &packed = done[{parameter, pack.getResult().getType(),
                                  static_cast<int>(pack.getTransposed())}];
      if (!packed)
        packed = packParameter(symbols, pack, parameter);
      if (!packed)
        return signalPassFailure();
      OpBuilder builder(pack);
      Value loaded = LoadOp::create(builder, pack.getLoc(), packed.getType(),
                                    packed.getSymName());
      pack.replaceAllUsesWith(loaded);
      pack.erase();
      if (load->use_empty())
        load.erase();
    }
    forgetPromises();
    eraseUnusedParameters(symbols);
  }

private:
  /// What could be decided by promises is decided.
  void forgetPromises() {
    getOperation().walk([](AssumeOp assume) {
      auto load = assume.getSource().getDefiningOp<LoadOp>();
      assume.replaceAllUsesWith(assume.getSource());
      assume.erase();
      if (load && load->use_empty())
        load.erase();
    });
  }

  /// Encodes `parameter` as `pack` wants it; null after an error.
  ParameterOp packParameter(SymbolTable &symbols, PackOp pack,
                            ParameterOp parameter) {
    PackedType type = pack.getResult().getType();
    FailureOr<format::MatrixView> matrix = getMatrix(pack, parameter);
    if (failed(matrix))
      return {};
    format::Result<format::Storage> storage =
        type.getFormat().getStorageFormat()->encode(*matrix);
    if (!storage) {
      InFlightDiagnostic diag = pack.emitOpError("parameter '")
                                << parameter.getUserName() << "' does not fit "
                                << type.getFormat() << ": "
                                << storage.message();
      diag.attachNote(parameter.getLoc()) << "parameter is defined here";
      return {};
    }
    ++numPacked;
    bytesDense +=
        matrix->rows * matrix->cols * format::elementBytes(matrix->kind);
    return createParameter(symbols, pack, parameter, std::move(*storage));
  }

  ParameterOp createParameter(SymbolTable &symbols, PackOp pack,
                              ParameterOp parameter, format::Storage storage) {
    std::string name = (parameter.getSymName() + ".packed").str();
    SmallVector<Attribute> buffers;
    PackedType type = pack.getResult().getType();
    for (auto [index, buffer] : llvm::enumerate(storage)) {
      bytesPacked += buffer.bytes();
      auto bufferType = RankedTensorType::get(
          {buffer.count()}, type.getStorageTypes()[index].getElementType());
      buffers.push_back(createResource(
          bufferType, (name + "." + Twine(index)).str(), std::move(buffer)));
    }
    OpBuilder builder(parameter);
    auto packed = ParameterOp::create(
        builder, parameter.getLoc(), name, parameter.getSymVisibilityAttr(),
        type, builder.getArrayAttr(buffers), parameter.getPatternAttr(),
        /*request=*/RequestAttr(),
        builder.getStringAttr(parameter.getUserName()), pack.getTransposed());
    symbols.insert(packed);
    return packed;
  }

  /// Dense parameters that only fed packs are gone for good.
  void eraseUnusedParameters(SymbolTable &symbols) {
    for (auto parameter :
         llvm::make_early_inc_range(getOperation().getOps<ParameterOp>()))
      if (isa<RankedTensorType>(parameter.getType()) && parameter.isPrivate() &&
          SymbolTable::symbolKnownUseEmpty(parameter, getOperation()))
        symbols.erase(parameter);
  }
};
} // namespace
