//===- Softmax.cpp - Softmaxes spelled out in generics --------------------===//
//
// Walks back from the division by a row's sum to its scores. Elementwise chains
// must be one generic each, which upstream's fusion makes of them.
//
//===----------------------------------------------------------------------===//

#include "Softmax.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::sparsity;
using linalg::GenericOp;

/// What all of `value` is, or null.
static Attribute getFilling(Value value) {
  Value scalar;
  if (auto fill = value.getDefiningOp<linalg::FillOp>())
    scalar = fill.getInputs()[0];
  else if (auto generic = value.getDefiningOp<GenericOp>())
    if (generic.getNumDpsInputs() == 0 && generic.getNumResults() == 1)
      scalar = generic.getBody()->getTerminator()->getOperand(0);
  Attribute number;
  if (scalar)
    matchPattern(scalar, m_Constant(&number));
  return number;
}

/// True for dimensions 0 .. rank - 2, of rank `rank`.
static bool isRowMap(AffineMap map) {
  return map.getNumDims() > 0 &&
         map == AffineMap::getMultiDimIdentityMap(map.getNumDims(),
                                                  map.getContext())
                    .getMajorSubMap(map.getNumDims() - 1);
}

/// `value` as a generic over rows: all its loops are parallel but a last
/// `reduction`, and every input is read as it lies or is one number per row.
static GenericOp getRowGeneric(Value value, bool reduction) {
  auto generic = value.getDefiningOp<GenericOp>();
  if (!generic || generic.getNumResults() != 1 || generic.getNumLoops() == 0)
    return {};
  SmallVector<AffineMap> maps = generic.getIndexingMapsArray();
  auto iterators = generic.getIteratorTypesArray();
  for (auto type : ArrayRef(iterators).drop_back())
    if (type != utils::IteratorType::parallel)
      return {};
  bool isReduction = iterators.back() == utils::IteratorType::reduction;
  if (isReduction != reduction ||
      !(reduction ? isRowMap(maps.back()) : maps.back().isIdentity()))
    return {};
  bool areRows = llvm::all_of(ArrayRef(maps).drop_back(), [](AffineMap map) {
    return map.isIdentity() || isRowMap(map);
  });
  return areRows ? generic : GenericOp();
}

/// The op of type `Op` that the body yields, or null.
template <typename Op>
static Op getYielded(GenericOp generic) {
  return generic.getBody()->getTerminator()->getOperand(0).getDefiningOp<Op>();
}

/// The input that `scalar` of the body is from, or null: read as it lies, or
/// `perRow`.
static Value getInput(GenericOp generic, Value scalar, bool perRow) {
  auto argument = dyn_cast<BlockArgument>(scalar);
  if (!argument || argument.getOwner() != generic.getBody())
    return {};
  OpOperand *operand = generic.getMatchingOpOperand(argument);
  AffineMap map = generic.getMatchingIndexingMap(operand);
  bool isRight = perRow ? isRowMap(map) : map.isIdentity();
  return generic.isDpsInput(operand) && isRight ? operand->get() : Value();
}

/// True when `op` combines `a` with `b`, in any order.
static bool combines(Operation *op, Value a, Value b) {
  return (op->getOperand(0) == a && op->getOperand(1) == b) ||
         (op->getOperand(0) == b && op->getOperand(1) == a);
}

/// What is reduced to one number per row by one of `Ops` that starts with
/// `isStart`.
template <typename... Ops>
static Value getReduced(Value value,
                        function_ref<bool(const APFloat &)> isStart) {
  GenericOp generic = getRowGeneric(value, /*reduction=*/true);
  if (!generic || generic.getNumDpsInputs() != 1 ||
      llvm::range_size(generic.getBody()->getOperations()) != 2)
    return {};
  Block *body = generic.getBody();
  Operation *combiner = &body->front();
  auto start =
      dyn_cast_or_null<FloatAttr>(getFilling(generic.getDpsInits()[0]));
  // NaN is what maxnumf leaves out, and what upstream starts it with.
  bool isNone =
      isa<arith::MaxNumFOp>(combiner) && start && start.getValue().isNaN();
  if (!isa<Ops...>(combiner) ||
      !combines(combiner, body->getArgument(0), body->getArgument(1)) ||
      !start || !(isNone || isStart(start.getValue())))
    return {};
  return getInput(generic, body->getArgument(0), /*perRow=*/false);
}

static bool isConstant(Value value,
                       function_ref<bool(const APFloat &)> predicate) {
  FloatAttr number;
  return matchPattern(value, m_Constant(&number)) &&
         predicate(number.getValue());
}
static bool isZero(Value value) {
  return isConstant(value, [](const APFloat &x) { return x.isZero(); });
}
static bool isOne(Value value) {
  return isConstant(value,
                    [](const APFloat &x) { return x.isExactlyValue(1); });
}
static bool isMinusInfinity(Value value) {
  return isConstant(
      value, [](const APFloat &x) { return x.isInfinity() && x.isNegative(); });
}

/// True for 0 in a body, also if it is read from a tensor of zeros: several
/// softmaxes may share one.
static bool isZeroIn(GenericOp generic, Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument || argument.getOwner() != generic.getBody())
    return isZero(value);
  OpOperand *operand = generic.getMatchingOpOperand(argument);
  auto number = dyn_cast_or_null<FloatAttr>(getFilling(operand->get()));
  return generic.isDpsInput(operand) && number && number.getValue().isZero();
}

/// True where `value` is `select(x == special, chosen, x)`; it becomes x.
static bool takeReplaced(Value &value, function_ref<bool(Value)> isSpecial,
                         function_ref<bool(Value)> isChosen) {
  auto select = value.getDefiningOp<arith::SelectOp>();
  auto compare =
      select ? select.getCondition().getDefiningOp<arith::CmpFOp>() : nullptr;
  if (!compare || compare.getPredicate() != arith::CmpFPredicate::OEQ ||
      compare.getLhs() != select.getFalseValue() ||
      !isSpecial(compare.getRhs()) || !isChosen(select.getTrueValue()))
    return false;
  value = select.getFalseValue();
  return true;
}

/// True when `flag` says for each row that all of `scores` are -infinity.
static bool isEmptyRows(Value flag, Value scores) {
  GenericOp generic = getRowGeneric(flag, /*reduction=*/true);
  auto both = generic ? getYielded<arith::AndIOp>(generic) : nullptr;
  if (!both || generic.getNumDpsInputs() != 1 ||
      generic.getDpsInputs()[0] != scores ||
      !generic.getIndexingMapsArray().front().isIdentity())
    return false;
  auto start =
      dyn_cast_or_null<IntegerAttr>(getFilling(generic.getDpsInits()[0]));
  Value before = generic.getRegionOutputArgs()[0];
  Value other = both.getLhs() == before ? both.getRhs() : both.getLhs();
  auto compare = other.getDefiningOp<arith::CmpFOp>();
  if (!start || start.getValue().isZero() || !combines(both, before, other) ||
      !compare || compare.getPredicate() != arith::CmpFPredicate::OEQ ||
      !isMinusInfinity(compare.getRhs()))
    return false;
  Value score = compare.getLhs();
  if (auto wide = score.getDefiningOp<arith::ExtFOp>())
    score = wide.getIn();
  return score == generic.getBody()->getArgument(0);
}

namespace {
/// Exponentials divided by the sum of their row.
struct Division {
  Value weights;
  /// Sums of 0 count as 1.
  bool replacesZero = false;
  /// Rows of which this is true give 0; may be null.
  Value emptyRows;
};

/// Scores under the exponential of their distance to their row's highest.
struct Exponent {
  Value scores;
  /// A highest score of -infinity counts as 0.
  bool replacesInfinity = false;
};
} // namespace

static std::optional<Division> matchDivision(Value value) {
  GenericOp generic = getRowGeneric(value, /*reduction=*/false);
  if (!generic)
    return std::nullopt;
  Division division;
  auto quotient = getYielded<arith::DivFOp>(generic);
  if (auto select = getYielded<arith::SelectOp>(generic)) {
    quotient = select.getFalseValue().getDefiningOp<arith::DivFOp>();
    division.emptyRows = getInput(generic, select.getCondition(), true);
    if (!division.emptyRows || !isZeroIn(generic, select.getTrueValue()))
      return std::nullopt;
  }
  if (!quotient)
    return std::nullopt;
  Value divisor = quotient.getRhs();
  division.replacesZero = takeReplaced(divisor, isZero, isOne);
  division.weights = getInput(generic, quotient.getLhs(), /*perRow=*/false);
  Value total = getInput(generic, divisor, /*perRow=*/true);
  if (!division.weights || !total ||
      getReduced<arith::AddFOp>(total, [](const APFloat &start) {
        return start.isZero();
      }) != division.weights)
    return std::nullopt;
  return division;
}

static std::optional<Exponent> matchExponent(Value value) {
  GenericOp generic = getRowGeneric(value, /*reduction=*/false);
  auto exp = generic ? getYielded<math::ExpOp>(generic) : nullptr;
  auto distance =
      exp ? exp.getOperand().getDefiningOp<arith::SubFOp>() : nullptr;
  if (!distance)
    return std::nullopt;
  Exponent exponent;
  Value subtracted = distance.getRhs();
  exponent.replacesInfinity = takeReplaced(subtracted, isMinusInfinity, isZero);
  exponent.scores = getInput(generic, distance.getLhs(), /*perRow=*/false);
  Value highest = getInput(generic, subtracted, /*perRow=*/true);
  if (!exponent.scores || !highest ||
      getReduced<arith::MaximumFOp, arith::MaxNumFOp>(
          highest, [](const APFloat &start) {
            return start.isNegative() &&
                   (start.isInfinity() || start.isLargest());
          }) != exponent.scores)
    return std::nullopt;
  return exponent;
}

std::optional<Softmax> mlir::sparsity::matchSoftmax(Value weights) {
  std::optional<Division> division = matchDivision(weights);
  std::optional<Exponent> exponent =
      division ? matchExponent(division->weights) : std::nullopt;
  if (!exponent)
    return std::nullopt;
  Value empty = division->emptyRows;
  if (empty && !isEmptyRows(empty, exponent->scores))
    return std::nullopt;
  // Without both replacements such a row is 0 / 0 or has exponentials of NaN.
  bool zeroRows =
      empty || (division->replacesZero && exponent->replacesInfinity);
  return Softmax{exponent->scores, zeroRows};
}
