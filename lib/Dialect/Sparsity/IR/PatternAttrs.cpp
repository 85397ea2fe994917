//===- PatternAttrs.cpp - Pattern attributes ------------------------------===//
//
// Parsing, verification and refinement of the pattern attributes. Checking and
// finding masks is the Format room's work.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"
#include "sparse-opt/Format/BlockPattern.h"
#include "sparse-opt/Format/NMFormat.h"
#include "sparse-opt/Format/NMPattern.h"
#include "sparse-opt/Format/UnstructuredPattern.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::sparsity;

using EmitError = function_ref<InFlightDiagnostic()>;

static std::optional<double> getFraction(FloatAttr attr) {
  if (!attr)
    return std::nullopt;
  return attr.getValueAsDouble();
}

/// True when the promise "at least `mine` zeros" covers "at least `other`".
static bool coversFraction(FloatAttr mine, FloatAttr other) {
  return !other ||
         (mine && mine.getValueAsDouble() >= other.getValueAsDouble());
}

/// Turns a refusal of the Format room into a diagnostic.
template <typename T>
static LogicalResult verifyPattern(EmitError emitError,
                                   const format::Result<T> &pattern) {
  if (!pattern)
    return emitError() << pattern.message();
  return success();
}

/// Parses a literal such as 0.75; integers are accepted too, for 0 and 1.
static ParseResult parseFraction(AsmParser &parser, FloatAttr &fraction) {
  SMLoc loc = parser.getCurrentLocation();
  Attribute number;
  if (parser.parseAttribute(number))
    return failure();
  double value;
  if (auto real = dyn_cast<FloatAttr>(number))
    value = real.getValueAsDouble();
  else if (auto whole = dyn_cast<IntegerAttr>(number))
    value = whole.getValue().signedRoundToDouble();
  else
    return parser.emitError(loc) << "expected a fraction, got " << number;
  fraction = parser.getBuilder().getF64FloatAttr(value);
  return success();
}

static FloatAttr makeFraction(MLIRContext *context, double zeros) {
  return Builder(context).getF64FloatAttr(zeros);
}

static void printFraction(AsmPrinter &printer, FloatAttr fraction) {
  printer.printFloat(fraction.getValue());
}

//===----------------------------------------------------------------------===//
// nm
//===----------------------------------------------------------------------===//

LogicalResult NMAttr::verify(EmitError emitError, int64_t n, int64_t m,
                             int64_t axis) {
  return verifyPattern(emitError, format::NMPattern::get(n, m, axis));
}

std::unique_ptr<format::ZeroPattern> NMAttr::getZeroPattern() const {
  return std::make_unique<format::NMPattern>(
      *format::NMPattern::get(getN(), getM(), getAxis()));
}

Attribute NMAttr::getTransposed() const {
  return get(getContext(), getN(), getM(), 1 - getAxis());
}

bool NMAttr::refines(Attribute other) const {
  if (auto unstructured = dyn_cast<UnstructuredAttr>(other))
    return !unstructured.getZeros();
  auto nm = dyn_cast<NMAttr>(other);
  if (!nm || nm.getAxis() != getAxis())
    return false;
  if (nm.getN() == nm.getM())
    return true;
  // A larger group is made of whole smaller ones, or lies inside one.
  if (nm.getM() % getM() == 0)
    return nm.getM() / getM() * getN() <= nm.getN();
  return getM() % nm.getM() == 0 && getN() <= nm.getN();
}

SmallVector<Attribute> NMAttr::getFormats() const {
  SmallVector<Attribute> formats;
  if (getAxis() == 1 && getM() <= format::NMFormat::kMaxGroup)
    formats.push_back(NMFormatAttr::get(getContext(), getN(), getM()));
  formats.push_back(StreamFormatAttr::get(getContext()));
  return formats;
}

bool NMAttr::needsTarget() const { return false; }

Attribute NMAttr::withZeros(double) const { return *this; }

Attribute NMAttr::parse(AsmParser &parser, Type) {
  int64_t n, m, axis = 1;
  if (parser.parseLess() || parser.parseInteger(n) || parser.parseColon() ||
      parser.parseInteger(m))
    return {};
  if (succeeded(parser.parseOptionalComma()) &&
      (parser.parseKeyword("axis") || parser.parseEqual() ||
       parser.parseInteger(axis)))
    return {};
  if (parser.parseGreater())
    return {};
  return parser.getChecked<NMAttr>(parser.getContext(), n, m, axis);
}

void NMAttr::print(AsmPrinter &printer) const {
  printer << '<' << getN() << ':' << getM();
  if (getAxis() != 1)
    printer << ", axis = " << getAxis();
  printer << '>';
}

//===----------------------------------------------------------------------===//
// block
//===----------------------------------------------------------------------===//

LogicalResult BlockAttr::verify(EmitError emitError, int64_t rows, int64_t cols,
                                FloatAttr zeros) {
  return verifyPattern(
      emitError, format::BlockPattern::get(rows, cols, getFraction(zeros)));
}

std::unique_ptr<format::ZeroPattern> BlockAttr::getZeroPattern() const {
  return std::make_unique<format::BlockPattern>(*format::BlockPattern::get(
      getRows(), getCols(), getFraction(getZeros())));
}

Attribute BlockAttr::getTransposed() const {
  return get(getContext(), getCols(), getRows(), getZeros());
}

bool BlockAttr::refines(Attribute other) const {
  // Ragged edge blocks are smaller, so a fraction of blocks says nothing exact
  // about a fraction of elements or of other blocks.
  if (auto unstructured = dyn_cast<UnstructuredAttr>(other))
    return !unstructured.getZeros();
  auto block = dyn_cast<BlockAttr>(other);
  if (!block || getRows() % block.getRows() || getCols() % block.getCols())
    return false;
  bool sameBlock = getRows() == block.getRows() && getCols() == block.getCols();
  return sameBlock ? coversFraction(getZeros(), block.getZeros())
                   : !block.getZeros();
}

/// The largest divisor of `extent` that is at most `most`.
static int64_t getDivisor(int64_t extent, int64_t most) {
  int64_t divisor = std::min(extent, most);
  while (extent % divisor != 0)
    --divisor;
  return divisor;
}

/// What has zeros in large blocks has them in the parts of equal size into
/// which they are cut: kernels unroll whole blocks.
SmallVector<Attribute> BlockAttr::getFormats() const {
  constexpr int64_t kMostRows = 32, kMostCols = 64;
  return {BSRFormatAttr::get(getContext(), getDivisor(getRows(), kMostRows),
                             getDivisor(getCols(), kMostCols)),
          StreamFormatAttr::get(getContext())};
}

bool BlockAttr::needsTarget() const { return true; }

Attribute BlockAttr::withZeros(double zeros) const {
  return get(getContext(), getRows(), getCols(),
             makeFraction(getContext(), zeros));
}

Attribute BlockAttr::parse(AsmParser &parser, Type) {
  int64_t rows, cols;
  FloatAttr zeros;
  if (parser.parseLess() || parser.parseLSquare() ||
      parser.parseInteger(rows) || parser.parseComma() ||
      parser.parseInteger(cols) || parser.parseRSquare())
    return {};
  if (succeeded(parser.parseOptionalComma()) &&
      (parser.parseKeyword("zeros") || parser.parseEqual() ||
       parseFraction(parser, zeros)))
    return {};
  if (parser.parseGreater())
    return {};
  return parser.getChecked<BlockAttr>(parser.getContext(), rows, cols, zeros);
}

void BlockAttr::print(AsmPrinter &printer) const {
  printer << "<[" << getRows() << ", " << getCols() << ']';
  if (getZeros()) {
    printer << ", zeros = ";
    printFraction(printer, getZeros());
  }
  printer << '>';
}

//===----------------------------------------------------------------------===//
// unstructured
//===----------------------------------------------------------------------===//

LogicalResult UnstructuredAttr::verify(EmitError emitError, FloatAttr zeros) {
  return verifyPattern(emitError,
                       format::UnstructuredPattern::get(getFraction(zeros)));
}

std::unique_ptr<format::ZeroPattern> UnstructuredAttr::getZeroPattern() const {
  return std::make_unique<format::UnstructuredPattern>(
      *format::UnstructuredPattern::get(getFraction(getZeros())));
}

Attribute UnstructuredAttr::getTransposed() const { return *this; }

bool UnstructuredAttr::refines(Attribute other) const {
  if (auto nm = dyn_cast<NMAttr>(other))
    return nm.getN() == nm.getM();
  auto unstructured = dyn_cast<UnstructuredAttr>(other);
  return unstructured && coversFraction(getZeros(), unstructured.getZeros());
}

SmallVector<Attribute> UnstructuredAttr::getFormats() const {
  return {StreamFormatAttr::get(getContext())};
}

bool UnstructuredAttr::needsTarget() const { return true; }

Attribute UnstructuredAttr::withZeros(double zeros) const {
  return get(getContext(), makeFraction(getContext(), zeros));
}

Attribute UnstructuredAttr::parse(AsmParser &parser, Type) {
  FloatAttr zeros;
  if (succeeded(parser.parseOptionalLess()) &&
      (parseFraction(parser, zeros) || parser.parseGreater()))
    return {};
  return parser.getChecked<UnstructuredAttr>(parser.getContext(), zeros);
}

void UnstructuredAttr::print(AsmPrinter &printer) const {
  if (!getZeros())
    return;
  printer << '<';
  printFraction(printer, getZeros());
  printer << '>';
}

//===----------------------------------------------------------------------===//
// request
//===----------------------------------------------------------------------===//

LogicalResult RequestAttr::verify(EmitError emitError, PatternAttrInterface,
                                  StringAttr importance,
                                  FloatAttr targetSparsity, StringAttr mask) {
  if (!importance == !mask)
    return emitError() << "expected either 'importance' or 'mask', got "
                       << (mask ? "both" : "none");
  if (importance && importance.getValue().empty())
    return emitError() << "expected the name of an importance, got ''";
  if (mask && mask.getValue().empty())
    return emitError() << "expected the name of a file for 'mask', got ''";
  if (mask && targetSparsity)
    return emitError() << "expected no 'target_sparsity' with 'mask'";
  if (!targetSparsity)
    return success();
  double value = targetSparsity.getValueAsDouble();
  if (!(value >= 0.0 && value <= 1.0))
    return emitError() << "expected a target sparsity in [0, 1], got " << value;
  return success();
}
