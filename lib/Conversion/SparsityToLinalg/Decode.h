//===- Decode.h - What the decoders of all formats share ------------------===//
//
// Builders for the loops of the decoders, and one attach function per format.
// Each decoder is a file of its own.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CONVERSION_SPARSITYTOLINALG_DECODE_H
#define SPARSE_OPT_LIB_CONVERSION_SPARSITYTOLINALG_DECODE_H

#include "sparse-opt/Conversion/SparsityToLinalg/FormatDecode.h"

namespace mlir::sparsity {

/// Index arithmetic on values that are never negative.
class IndexBuilder {
public:
  explicit IndexBuilder(ImplicitLocOpBuilder &builder) : builder(builder) {}

  Value constant(int64_t value);
  Value add(Value a, Value b);
  Value sub(Value a, Value b);
  Value mul(Value a, int64_t b);
  Value div(Value a, int64_t b);
  Value rem(Value a, int64_t b);
  Value min(Value a, Value b);
  /// Element `index` of a buffer of unsigned integers, as an index.
  Value read(Value buffer, Value index);

private:
  ImplicitLocOpBuilder &builder;
};

/// The dense tensor of `type`, element by element.
Value generateElements(
    ImplicitLocOpBuilder &builder, PackedType type,
    function_ref<Value(ImplicitLocOpBuilder &, Value row, Value col)> element);

/// The dense tensor of `type`, all +0.0.
Value createZeroMatrix(ImplicitLocOpBuilder &builder, PackedType type);

/// A loop from `lower` to `upper` whose body maps a tensor to a new one.
Value createLoop(
    ImplicitLocOpBuilder &builder, Value lower, Value upper, Value tensor,
    function_ref<Value(ImplicitLocOpBuilder &, Value iv, Value tensor)> body);

void attachDenseDecode(MLIRContext *context);
void attachNMDecode(MLIRContext *context);
void attachBSRDecode(MLIRContext *context);
void attachStreamDecode(MLIRContext *context);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_CONVERSION_SPARSITYTOLINALG_DECODE_H
