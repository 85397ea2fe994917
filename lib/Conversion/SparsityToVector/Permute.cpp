//===- Permute.cpp - Picking columns of a group by stored positions -------===//
//
// vpermilps picks among 4 columns, vpermps among a register of columns. Both
// ignore the upper bits of a control, so positions are shifted and not masked.
//
//===----------------------------------------------------------------------===//

#include "Permute.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::sparsity;

Value GroupPermute::call(StringRef intrinsic, Value a, Value b, Type result) {
  return LLVM::CallIntrinsicOp::create(e, result, e.getStringAttr(intrinsic),
                                       ValueRange{a, b})
      .getResult(0);
}

Value GroupPermute::loadColumns(Value x, Value token, Value column, Value left,
                                int64_t width) {
  Value mask = left ? e.firstLanes(left, width) : Value();
  return e.load(x, {token, column}, width, mask);
}

PermutedGroup GroupPermute::loadGroup(Value x, Value token, Value column,
                                      Value left) {
  if (m <= 4) {
    Value four = loadColumns(x, token, column, left, 4);
    SmallVector<int64_t> repeat;
    for (int64_t lane = 0; lane < lanes; ++lane)
      repeat.push_back(lane % 4);
    return {vector::ShuffleOp::create(e, four, four, repeat), {}};
  }
  Value low = loadColumns(x, token, column, left, lanes);
  if (m <= lanes)
    return {low, {}};
  Value rest = left ? e.max(e.sub(left, e.index(lanes)), e.index(0)) : Value();
  // A masked load of no lanes touches no memory.
  return {low, loadColumns(x, token, e.add(column, lanes), rest, lanes)};
}

Value GroupPermute::decode(Value code, int64_t part) {
  if (m <= 4)
    return decodeShort(code, part);
  return hasVBMI && lanes == 16 ? decodeByMultishift(code)
                                : decodeLong(code, part);
}

Value GroupPermute::decodeShort(Value code, int64_t part) {
  Value shifts = e.integers(e.getI32Type(), lanes, [&](int64_t lane) {
    return 2 * (part * lanes + lane);
  });
  return arith::ShRUIOp::create(e, e.splat(code, lanes), shifts);
}

Value GroupPermute::decodeLong(Value code, int64_t part) {
  auto words = VectorType::get({2}, e.getI32Type());
  Value pair = vector::BitCastOp::create(e, words, e.splat(code, 1));
  SmallVector<int64_t> which;
  for (int64_t lane = 0; lane < lanes; ++lane)
    which.push_back((part * lanes + lane) / 8);
  Value spread = vector::ShuffleOp::create(e, pair, pair, which);
  Value shifts = e.integers(e.getI32Type(), lanes,
                            [](int64_t lane) { return 4 * (lane % 8); });
  return arith::ShRUIOp::create(e, spread, shifts);
}

Value GroupPermute::decodeByMultishift(Value code) {
  auto bytes = VectorType::get({64}, e.getI8Type());
  Value spread = vector::BitCastOp::create(e, bytes, e.splat(code, 8));
  // The lowest byte of lane l takes 8 bits from bit 4l of the word.
  Value shifts = e.integers(
      e.getI8Type(), 64, [](int64_t byte) { return byte % 4 == 0 ? byte : 0; });
  Value picked =
      call("llvm.x86.avx512.pmultishift.qb.512", shifts, spread, bytes);
  auto controls = VectorType::get({16}, e.getI32Type());
  return vector::BitCastOp::create(e, controls, picked);
}

Value GroupPermute::splatInteger(int64_t value) {
  return e.integers(e.getI32Type(), lanes, [&](int64_t) { return value; });
}

Value GroupPermute::place(Value control, int64_t group) {
  // Short positions have those of other lanes above them.
  if (m <= 4)
    control = arith::AndIOp::create(e, control, splatInteger(3));
  if (group == 0)
    return control;
  // A divisor of the lanes is a power of two, so no bit is set in both.
  return arith::OrIOp::create(e, control, splatInteger(group * m));
}

Value GroupPermute::applyWindow(Value columns, Value control) {
  StringRef permute =
      lanes == 16 ? "llvm.x86.avx512.permvar.sf.512" : "llvm.x86.avx2.permps";
  return call(permute, columns, control, columns.getType());
}

Value GroupPermute::apply(const PermutedGroup &group, Value control) {
  Type type = group.low.getType();
  if (m <= 4)
    return call(lanes == 16 ? "llvm.x86.avx512.vpermilvar.ps.512"
                            : "llvm.x86.avx.vpermilvar.ps.256",
                group.low, control, type);
  Value low = applyWindow(group.low, control);
  if (!group.high)
    return low;
  // Bit 3 of a position chooses the half; as the sign it costs one shift.
  Value high = applyWindow(group.high, control);
  Value sign = arith::ShLIOp::create(e, control, splatInteger(28));
  Value isHigh = arith::CmpIOp::create(e, arith::CmpIPredicate::slt, sign,
                                       e.zero(control.getType()));
  return arith::SelectOp::create(e, isHigh, high, low);
}
