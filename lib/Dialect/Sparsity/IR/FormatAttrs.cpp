//===- FormatAttrs.cpp - Format attributes and the packed type ------------===//
//
// Verification of the format attributes and of `!sparsity.packed`, and their
// way to the Format room, which owns the bytes.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"
#include "sparse-opt/Format/BSRFormat.h"
#include "sparse-opt/Format/DensePackedFormat.h"
#include "sparse-opt/Format/NMFormat.h"
#include "sparse-opt/Format/RowStreamFormat.h"

using namespace mlir;
using namespace mlir::sparsity;

using EmitError = function_ref<InFlightDiagnostic()>;

//===----------------------------------------------------------------------===//
// Formats
//===----------------------------------------------------------------------===//

LogicalResult DenseFormatAttr::verify(EmitError emitError, int64_t panel) {
  if (panel < format::kLanes || panel % format::kLanes || panel > 1024)
    return emitError() << "expected a panel that is a multiple of "
                       << format::kLanes << " up to 1024, got " << panel;
  return success();
}

std::unique_ptr<format::StorageFormat>
DenseFormatAttr::getStorageFormat() const {
  return std::make_unique<format::DensePackedFormat>(getPanel());
}

bool DenseFormatAttr::holds(PatternAttrInterface) const { return true; }

LogicalResult NMFormatAttr::verify(EmitError emitError, int64_t n, int64_t m) {
  if (n < 1 || n > m || m > 16)
    return emitError() << "expected 1 <= n <= m <= 16, got " << n << ':' << m;
  return success();
}

std::unique_ptr<format::StorageFormat> NMFormatAttr::getStorageFormat() const {
  return std::make_unique<format::NMFormat>(getN(), getM());
}

bool NMFormatAttr::holds(PatternAttrInterface pattern) const {
  return pattern.refines(NMAttr::get(getContext(), getN(), getM(), 1));
}

LogicalResult BSRFormatAttr::verify(EmitError emitError, int64_t rows,
                                    int64_t cols) {
  if (rows < 1 || cols < 1 || rows > 1024 || cols > 1024)
    return emitError() << "expected a block size of 1x1 to 1024x1024, got "
                       << rows << 'x' << cols;
  return success();
}

std::unique_ptr<format::StorageFormat> BSRFormatAttr::getStorageFormat() const {
  return std::make_unique<format::BSRFormat>(getRows(), getCols());
}

bool BSRFormatAttr::holds(PatternAttrInterface) const { return true; }

std::unique_ptr<format::StorageFormat>
StreamFormatAttr::getStorageFormat() const {
  return std::make_unique<format::RowStreamFormat>();
}

bool StreamFormatAttr::holds(PatternAttrInterface) const { return true; }

LogicalResult KernelAttr::verify(EmitError emitError, FormatAttrInterface,
                                 int64_t tileRows, int64_t tileVectors) {
  if (tileRows < 1 || tileVectors < 1 || tileRows > 64 || tileVectors > 64 ||
      tileRows * tileVectors > 64)
    return emitError() << "expected a register tile of 1 to 64 vectors, got "
                       << tileRows << 'x' << tileVectors;
  return success();
}

ArrayRef<StringRef> mlir::sparsity::getFormatNames() {
  static constexpr StringRef names[] = {"dense", "nm", "bsr", "stream"};
  return names;
}

//===----------------------------------------------------------------------===//
// Packed type
//===----------------------------------------------------------------------===//

LogicalResult PackedType::verify(EmitError emitError, int64_t rows,
                                 int64_t cols, Type elementType,
                                 FormatAttrInterface format) {
  std::optional<format::ElementKind> kind = getElementKind(elementType);
  if (!kind || !format::isWeightKind(*kind))
    return emitError() << "expected an element type that weights can have, got "
                       << elementType;
  if (rows < 0 || cols < 0)
    return emitError() << "expected a static shape, got " << rows << 'x'
                       << cols;
  auto buffers = format.getStorageFormat()->buffers(*kind, rows, cols);
  if (!buffers)
    return emitError() << buffers.message();
  return success();
}

SmallVector<RankedTensorType> PackedType::getStorageTypes() const {
  format::Result<std::vector<format::BufferSpec>> specs =
      getFormat().getStorageFormat()->buffers(*getElementKind(getElementType()),
                                              getRows(), getCols());
  SmallVector<RankedTensorType> types;
  for (const format::BufferSpec &spec : *specs) {
    int64_t count = spec.count < 0 ? ShapedType::kDynamic : spec.count;
    types.push_back(RankedTensorType::get(
        {count}, ::getElementType(getContext(), spec.kind)));
  }
  return types;
}

RankedTensorType PackedType::getDenseType() const {
  return RankedTensorType::get({getRows(), getCols()}, getElementType());
}

Type PackedType::parse(AsmParser &parser) {
  SmallVector<int64_t> shape;
  Type elementType;
  FormatAttrInterface format;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() ||
      parser.parseDimensionList(shape, /*allowDynamic=*/false) ||
      parser.parseType(elementType) || parser.parseComma() ||
      parser.parseAttribute(format) || parser.parseGreater())
    return {};
  if (shape.size() != 2) {
    parser.emitError(loc) << "expected a shape of rank 2, got rank "
                          << shape.size();
    return {};
  }
  return parser.getChecked<PackedType>(loc, parser.getContext(), shape[0],
                                       shape[1], elementType, format);
}

void PackedType::print(AsmPrinter &printer) const {
  printer << '<' << getRows() << 'x' << getCols() << 'x' << getElementType()
          << ", " << getFormat() << '>';
}
