//===- FormatLowering.h - How a format becomes vector code ----------------===//
//
// What a kernel is told about its product and its work item, and the interface
// that format attributes implement. A new format adds an external model.
//
//===----------------------------------------------------------------------===//
//
// In every kernel y[t, o] = bias[o] + sum_k x[t, k] * w[o, k] over tokens t and
// outputs o. The function around it has already turned the dense operand and
// the destination into row-major views of the compute type.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_CONVERSION_SPARSITYTOVECTOR_FORMATLOWERING_H
#define SPARSE_OPT_CONVERSION_SPARSITYTOVECTOR_FORMATLOWERING_H

#include "sparse-opt/Conversion/SparsityToVector/Emitter.h"
#include "sparse-opt/Target/TargetDescription.h"

#include <limits>

namespace mlir {
class DialectRegistry;
namespace sparsity {

/// What is known of a product at compile time.
struct Product {
  int64_t outputs = 0, inputs = 0;
  /// Element type of the weights, and the type that sums are kept in (f32, f64
  /// or i32).
  Type weightType, computeType;
  TargetDescription target;
  /// No intrinsics of the target.
  bool portable = false;
  /// Register tile: the op's `kernel`, else the format's own; 0 = free.
  int64_t tileRows = 0, tileVectors = 0;
  /// The format's kernel with tokens in vectors: how many vectors, and from
  /// how many tokens on.
  int64_t columnVectors = 0, columnTokens = 0;

  /// The vector unit without what the kernels may not use.
  format::VectorUnit unit() const {
    format::VectorUnit unit = target.vectorUnit(computeType);
    unit.permutes &= !portable;
    return unit;
  }
  /// Elements of the compute type in one vector register.
  int64_t lanes() const {
    return target.lanes(computeType.getIntOrFloatBitWidth());
  }
  int64_t computeBytes() const {
    return computeType.getIntOrFloatBitWidth() / 8;
  }
  /// Rows of x that half of the second-level cache holds.
  int64_t tokensInCache() const {
    int64_t row = std::max<int64_t>(inputs, 1) * computeBytes();
    return target.l2Bytes / 2 / row;
  }
  /// Rows of x that follow each other all map to the same cache sets.
  bool rowsCollide() const {
    constexpr int64_t kWayBytes = 4096;
    return inputs > 0 && inputs * computeBytes() % kWayBytes == 0;
  }
};

/// How a product may be cut: outputs in units, tokens in tiles.
struct Partition {
  /// Outputs of one unit; the last unit may be smaller.
  int64_t unitOutputs;
  /// Tokens of one register tile, and the most tokens of a work item.
  int64_t tileTokens, maxTokens;
  /// Rows of x would all map to one cache set: copy them to padded rows.
  bool padRows = false;
  /// Work items that balance the threads, and the most units of one.
  int64_t items = 64, mostUnits = std::numeric_limits<int64_t>::max();
  /// Items of this many tokens or more want x transposed (0 = none do), which
  /// is done for them where several have the same tokens.
  int64_t columnTokens = 0;
};

/// One work item: all sums of some tokens and some units.
struct WorkItem {
  /// tokens x inputs, unit stride, compute type; row 0 is the first token.
  Value x;
  /// tokens x outputs, unit stride, compute type; row 0 is the first token and
  /// column 0 the first output of `firstUnit`.
  Value y;
  /// All outputs, unit stride, any weight type; null without a bias.
  Value bias;
  /// Null, or x transposed where `hasColumns`: a flat memref with, from
  /// `firstColumn` on, inputs x tokens rounded up to whole vectors; the last
  /// token is repeated.
  Value columns, hasColumns, firstColumn;
  /// Storage buffers in ABI order, flat.
  SmallVector<Value> buffers;
  Value tokens, firstUnit, endUnit;
};

/// Attaches the kernels of this project's formats.
void registerVectorLoweringModels(DialectRegistry &registry);

} // namespace sparsity
} // namespace mlir

#include "sparse-opt/Conversion/SparsityToVector/FormatLowering.h.inc"

#endif // SPARSE_OPT_CONVERSION_SPARSITYTOVECTOR_FORMATLOWERING_H
