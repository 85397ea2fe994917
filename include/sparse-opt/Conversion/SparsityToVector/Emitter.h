//===- Emitter.h - A builder that speaks of kernels -----------------------===//
//
// Short spellings for what every kernel emits: index arithmetic, loops, vector
// memory access with optional masks, products and element conversions. No
// kernel is here.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_CONVERSION_SPARSITYTOVECTOR_EMITTER_H
#define SPARSE_OPT_CONVERSION_SPARSITYTOVECTOR_EMITTER_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

namespace mlir::sparsity {

class Emitter : public ImplicitLocOpBuilder {
public:
  /// `hasFMA`: the target has fused multiply-adds.
  Emitter(Location loc, OpBuilder &builder, bool hasFMA)
      : ImplicitLocOpBuilder(loc, builder), hasFMA(hasFMA) {}

  // Index arithmetic. Operands are never negative and never overflow.
  Value index(int64_t value);
  Value add(Value a, Value b);
  Value add(Value a, int64_t b);
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  Value mul(Value a, int64_t b);
  Value div(Value a, Value b);
  Value div(Value a, int64_t b);
  Value rem(Value a, Value b);
  Value min(Value a, Value b);
  Value max(Value a, Value b);
  Value ceilDiv(Value a, Value b);
  Value ceilDiv(Value a, int64_t b);
  Value less(Value a, Value b);
  Value select(Value condition, Value yes, Value no);
  Value both(Value a, Value b);
  Value equal(Value a, int64_t b);

  // Control flow. Bodies are called once, with the builder inside.
  using Body = function_ref<void(Value)>;
  using CarryBody = function_ref<SmallVector<Value>(Value, ValueRange)>;
  void loop(Value lower, Value upper, int64_t step, Body body);
  SmallVector<Value> loop(Value lower, Value upper, int64_t step,
                          ValueRange init, CarryBody body);
  /// Goes on with what `body` returns while `condition` holds.
  SmallVector<Value>
  loopWhile(ValueRange init, function_ref<Value(ValueRange)> condition,
            function_ref<SmallVector<Value>(ValueRange)> body);
  void parallelLoop(Value count, Body body);
  void when(Value condition, function_ref<void()> body);
  void when(Value condition, function_ref<void()> yes, function_ref<void()> no);
  SmallVector<Value> choose(Value condition,
                            function_ref<SmallVector<Value>()> yes,
                            function_ref<SmallVector<Value>()> no);
  /// Runs body(c) where `value` equals c, for begin <= c < end.
  void switchOn(Value value, int64_t begin, int64_t end,
                function_ref<void(int64_t)> body);

  // Memory.
  Value dim(Value memref, int64_t dim);
  /// A view of `sizes` elements from `offsets`.
  Value view(Value memref, ArrayRef<Value> offsets, ArrayRef<Value> sizes);
  /// Matrix of `sizes` at `offsets` of a memref of higher rank.
  Value matrixView(Value memref, ArrayRef<Value> offsets,
                   ArrayRef<Value> sizes);
  /// `rows` x `width` elements of a contiguous memref from element `first` on.
  Value rowsAt(Value memref, Value first, Value rows, int64_t width);
  /// The transpose of the first `cols` of `pitch` elements in each of `rows`
  /// rows of a contiguous memref.
  Value columnsAt(Value memref, Value rows, Value cols, Value pitch);
  /// The elements of a contiguous matrix.
  Value flat(Value matrix);
  Value scratch(ArrayRef<Value> sizes, Type element);
  void release(Value scratch);
  Value loadScalar(Value memref, ValueRange indices);
  void storeScalar(Value value, Value memref, ValueRange indices);
  /// An unsigned integer of a buffer as an index, and back.
  Value loadIndex(Value memref, ValueRange indices);
  void storeIndex(Value index, Value memref, ValueRange indices);
  /// Loads `width` elements. `mask` may be null; masked lanes are zero.
  Value load(Value memref, ValueRange indices, int64_t width, Value mask = {});
  void store(Value vector, Value memref, ValueRange indices, Value mask = {});
  /// Fetches `count` elements of the innermost dimension from `indices` on into
  /// the second-level cache. They need not exist.
  void prefetch(Value memref, ValueRange indices, int64_t count);
  /// Makes no code; loads and stores stay on their side of it. LLVM hoists
  /// loads until it runs out of registers.
  void compilerFence();
  /// The first `count` of `width` lanes; null when that is all of them.
  Value firstLanes(int64_t count, int64_t width);
  Value firstLanes(Value count, int64_t width);

  // Arithmetic on scalars or vectors of float or integer type.
  Value zero(Type type);
  /// Of an integer type, the same in every lane.
  Value integer(Type type, int64_t value);
  Value splat(Value scalar, int64_t width);
  /// The constant vector get(0), get(1), ... of an integer type.
  Value integers(Type element, int64_t width,
                 function_ref<int64_t(int64_t)> get);
  /// The same floats; makes no code. LLVM, which turns splats of loaded vectors
  /// into more loads, does not look through it.
  Value opaque(Value floats);
  Value plus(Value a, Value b);
  /// a * b + c, fused where the target does it in one instruction.
  Value multiplyAdd(Value a, Value b, Value c);
  /// Widens to the compute type.
  Value extend(Value value, Type compute);
  /// Rounds (half to even) or truncates (integers) to a stored type.
  Value narrow(Value value, Type stored);

private:
  bool hasFMA;
};

/// The vector type of `width` elements, or the scalar type itself.
Type withElement(Type shape, Type element);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_CONVERSION_SPARSITYTOVECTOR_EMITTER_H
