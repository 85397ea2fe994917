//===- Decode.cpp - What the decoders of all formats share ----------------===//
//
// Builders for the loops of the decoders, and their registration.
//
//===----------------------------------------------------------------------===//

#include "Decode.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include "sparse-opt/Conversion/SparsityToLinalg/FormatDecodeInterface.cpp.inc"

using namespace mlir;
using namespace mlir::sparsity;

Value IndexBuilder::constant(int64_t value) {
  return arith::ConstantIndexOp::create(builder, value);
}
Value IndexBuilder::add(Value a, Value b) {
  return arith::AddIOp::create(builder, a, b);
}
Value IndexBuilder::sub(Value a, Value b) {
  return arith::SubIOp::create(builder, a, b);
}
Value IndexBuilder::mul(Value a, int64_t b) {
  return arith::MulIOp::create(builder, a, constant(b));
}
Value IndexBuilder::div(Value a, int64_t b) {
  return arith::DivUIOp::create(builder, a, constant(b));
}
Value IndexBuilder::rem(Value a, int64_t b) {
  return arith::RemUIOp::create(builder, a, constant(b));
}
Value IndexBuilder::min(Value a, Value b) {
  return arith::MinUIOp::create(builder, a, b);
}
Value IndexBuilder::read(Value buffer, Value index) {
  Value element = tensor::ExtractOp::create(builder, buffer, index);
  return arith::IndexCastUIOp::create(builder, builder.getIndexType(), element);
}

Value mlir::sparsity::generateElements(
    ImplicitLocOpBuilder &builder, PackedType type,
    function_ref<Value(ImplicitLocOpBuilder &, Value, Value)> element) {
  return tensor::GenerateOp::create(
      builder, type.getDenseType(), ValueRange(),
      [&](OpBuilder &nested, Location loc, ValueRange at) {
        ImplicitLocOpBuilder body(loc, nested);
        tensor::YieldOp::create(body, element(body, at[0], at[1]));
      });
}

Value mlir::sparsity::createZeroMatrix(ImplicitLocOpBuilder &builder,
                                       PackedType type) {
  Value zero = arith::ConstantOp::create(
      builder, builder.getZeroAttr(type.getElementType()));
  Value empty =
      tensor::EmptyOp::create(builder, type.getDenseType(), ValueRange());
  return linalg::FillOp::create(builder, zero, empty).getResult(0);
}

Value mlir::sparsity::createLoop(
    ImplicitLocOpBuilder &builder, Value lower, Value upper, Value tensor,
    function_ref<Value(ImplicitLocOpBuilder &, Value, Value)> body) {
  Value step = arith::ConstantIndexOp::create(builder, 1);
  auto loop = scf::ForOp::create(
      builder, lower, upper, step, tensor,
      [&](OpBuilder &nested, Location loc, Value iv, ValueRange carried) {
        ImplicitLocOpBuilder inner(loc, nested);
        scf::YieldOp::create(inner, body(inner, iv, carried[0]));
      });
  return loop.getResult(0);
}

void mlir::sparsity::registerFormatDecodeModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, SparsityDialect *) {
    attachDenseDecode(context);
    attachNMDecode(context);
    attachBSRDecode(context);
    attachStreamDecode(context);
  });
}
