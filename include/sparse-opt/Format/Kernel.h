//===- Kernel.h - Descriptors of the kernels that visit a format ----------===//
//
// What a format can offer on a vector unit: register tiles and what one step
// of their loops costs. The cost model ranks these descriptors and the
// generators obey the one that was chosen, so that the two cannot drift apart.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_FORMAT_KERNEL_H
#define SPARSE_OPT_FORMAT_KERNEL_H

#include <cstdint>

namespace mlir::sparsity::format {

/// The part of a machine that a kernel sees.
struct VectorUnit {
  int64_t lanes;     // elements of the weight's type in one register
  int64_t registers; // architectural vector registers
  bool fma;
  bool permutes; // f32 registers can be permuted by a register of indices
  bool permutePipe = false; // beside those that FMAs use
};

/// One way to compute a product with a format. Costs are in cycles of one core
/// and in units of one register: a step multiplies one register of stored
/// values with one row of the dense operand.
struct KernelDescriptor {
  /// The sums in registers: rows of the dense operand, vectors of outputs.
  int64_t tileRows, tileVectors;
  /// Cycles per step once the tile's registers are loaded.
  double cyclesPerStep;
  /// Cycles per stored register and tile that do not depend on the rows
  /// (loads, decoding of positions).
  double cyclesPerStored;
  /// Cycles per row and register of inputs plus outputs (packing, transposing).
  double cyclesPerEdge;
  /// Stored elements that one step really covers, at most VectorUnit::lanes.
  double usefulLanes;
  /// Rows lie along vectors: a tile is vectors of rows and outputs.
  bool rowsInVectors = false;
  /// Programs take the last kernel of a format that these rows suffice for.
  int64_t fewestRows = 1;
};

} // namespace mlir::sparsity::format

#endif // SPARSE_OPT_FORMAT_KERNEL_H
