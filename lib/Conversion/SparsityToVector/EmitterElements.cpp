//===- EmitterElements.cpp - Element arithmetic of the Emitter ------------===//
//
// Products, sums and conversions of scalars and vectors. bf16 is converted with
// integer operations, which every target has and LLVM never turns into calls.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Conversion/SparsityToVector/Emitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::sparsity;

Type mlir::sparsity::withElement(Type shape, Type element) {
  if (auto vector = dyn_cast<VectorType>(shape))
    return vector.clone(element);
  return element;
}

static bool isFloat(Value value) {
  return isa<FloatType>(getElementTypeOrSelf(value.getType()));
}

Value Emitter::zero(Type type) {
  return arith::ConstantOp::create(*this, getZeroAttr(type));
}

Value Emitter::splat(Value scalar, int64_t width) {
  return vector::BroadcastOp::create(
      *this, VectorType::get({width}, scalar.getType()), scalar);
}

Value Emitter::integers(Type element, int64_t width,
                        function_ref<int64_t(int64_t)> get) {
  SmallVector<Attribute> values;
  for (int64_t i = 0; i < width; ++i)
    values.push_back(getIntegerAttr(element, get(i)));
  auto type = VectorType::get({width}, element);
  return arith::ConstantOp::create(*this, DenseElementsAttr::get(type, values));
}

Value Emitter::opaque(Value floats) {
  return LLVM::CallIntrinsicOp::create(*this, floats.getType(),
                                       getStringAttr("llvm.arithmetic.fence"),
                                       floats)
      .getResult(0);
}

Value Emitter::plus(Value a, Value b) {
  if (isFloat(a))
    return arith::AddFOp::create(*this, a, b);
  return arith::AddIOp::create(*this, a, b);
}

Value Emitter::multiplyAdd(Value a, Value b, Value c) {
  if (!isFloat(a))
    return arith::AddIOp::create(*this, arith::MulIOp::create(*this, a, b), c);
  // Without the instruction a fused operation would become a library call.
  if (hasFMA && isa<VectorType>(a.getType()))
    return vector::FMAOp::create(*this, a, b, c);
  return arith::AddFOp::create(*this, arith::MulFOp::create(*this, a, b), c);
}

/// Scalar or vector of `element` with the bits of `value`.
static Value bitcast(Emitter &e, Value value, Type element) {
  Type type = withElement(value.getType(), element);
  if (isa<VectorType>(type))
    return vector::BitCastOp::create(e, type, value);
  return arith::BitcastOp::create(e, type, value);
}

Value Emitter::integer(Type type, int64_t value) {
  Type element = getElementTypeOrSelf(type);
  TypedAttr attr = getIntegerAttr(element, value);
  if (auto shaped = dyn_cast<ShapedType>(type))
    attr = DenseElementsAttr::get(shaped, attr);
  return arith::ConstantOp::create(*this, attr);
}

Value Emitter::extend(Value value, Type compute) {
  Type stored = getElementTypeOrSelf(value.getType());
  Type type = withElement(value.getType(), compute);
  if (stored == compute)
    return value;
  if (stored.isBF16()) {
    Type word = withElement(value.getType(), getI32Type());
    Value bits = arith::ExtUIOp::create(*this, word,
                                        bitcast(*this, value, getI16Type()));
    bits = arith::ShLIOp::create(*this, bits, integer(word, 16));
    return extend(bitcast(*this, bits, getF32Type()), compute);
  }
  if (isa<FloatType>(stored))
    return arith::ExtFOp::create(*this, type, value);
  return arith::ExtSIOp::create(*this, type, value);
}

/// f32 to bf16, ties to even; a NaN stays one (its quiet bit is set).
static Value roundToBF16(Emitter &e, Value value) {
  Value bits = bitcast(e, value, e.getI32Type());
  Type word = bits.getType();
  auto shifted = [&](Value v) {
    return arith::ShRUIOp::create(e, v, e.integer(word, 16)).getResult();
  };
  Value odd = arith::AndIOp::create(e, shifted(bits), e.integer(word, 1));
  Value bias = arith::AddIOp::create(e, odd, e.integer(word, 0x7fff));
  Value rounded = shifted(arith::AddIOp::create(e, bits, bias));
  Value quiet = arith::OrIOp::create(e, shifted(bits), e.integer(word, 0x40));
  Value isNaN =
      arith::CmpFOp::create(e, arith::CmpFPredicate::UNO, value, value);
  Value result = arith::SelectOp::create(e, isNaN, quiet, rounded);
  Value half =
      arith::TruncIOp::create(e, withElement(word, e.getI16Type()), result);
  return bitcast(e, half, e.getBF16Type());
}

Value Emitter::narrow(Value value, Type stored) {
  Type compute = getElementTypeOrSelf(value.getType());
  Type type = withElement(value.getType(), stored);
  if (stored == compute)
    return value;
  if (stored.isBF16() && compute.isF32())
    return roundToBF16(*this, value);
  if (isa<FloatType>(stored))
    return stored.getIntOrFloatBitWidth() > compute.getIntOrFloatBitWidth()
               ? arith::ExtFOp::create(*this, type, value).getResult()
               : arith::TruncFOp::create(*this, type, value).getResult();
  return stored.getIntOrFloatBitWidth() > compute.getIntOrFloatBitWidth()
             ? arith::ExtSIOp::create(*this, type, value).getResult()
             : arith::TruncIOp::create(*this, type, value).getResult();
}
