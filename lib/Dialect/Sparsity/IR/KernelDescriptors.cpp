//===- KernelDescriptors.cpp - Kernels that each format offers ------------===//
//
// Register tiles and step costs per format. A table with its sources: rates
// were measured on an AVX-512 machine with two 512-bit FMA pipes and two
// shuffle pipes (f32), and scale with the number of registers a tile may hold.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::sparsity;
using format::KernelDescriptor;
using format::VectorUnit;

/// Dense register tiles: accumulators + vectors of weights + one broadcast fit
/// the registers, and accumulators cover the latency of the FMA.
static std::pair<int64_t, int64_t> getDenseTile(const VectorUnit &unit) {
  if (unit.registers >= 32)
    return {6, 4};
  return unit.fma ? std::pair<int64_t, int64_t>{6, 2}
                  : std::pair<int64_t, int64_t>{4, 2};
}

SmallVector<KernelDescriptor>
DenseFormatAttr::getKernels(const VectorUnit &unit) const {
  auto [rows, vectors] = getDenseTile(unit);
  double step = unit.fma ? 0.53 : 1.1;
  return {
      {rows, vectors, step, 0.5 / rows, 0.0, static_cast<double>(unit.lanes)}};
}

/// One entry and one row at a time.
static KernelDescriptor getScalarKernel(const VectorUnit &unit) {
  auto lanes = static_cast<double>(unit.lanes);
  return {1, 1, 2.0 * lanes, 0.0, 0.0, lanes};
}

/// One stored value is broadcast to vectors of rows, so a stored register is
/// `lanes` separate entries.
static KernelDescriptor getColumnKernel(const VectorUnit &unit,
                                        double cyclesPerStep,
                                        double cyclesPerEntry,
                                        int64_t fewestRows) {
  auto lanes = static_cast<double>(unit.lanes);
  return {8,
          1,
          unit.fma ? cyclesPerStep : cyclesPerStep + 0.4,
          cyclesPerEntry * lanes,
          2.0,
          lanes,
          /*rowsInVectors=*/true,
          fewestRows};
}

/// Tiles that were fastest where they were measured: accumulators, one register
/// of inputs for each row, one of values and one of positions. Small groups
/// share the broadcast between panels, large ones between slots.
static KernelDescriptor getPermuteKernel(const VectorUnit &unit, int64_t m) {
  auto lanes = static_cast<double>(unit.lanes);
  // One permute and one FMA per step; they overlap on separate pipes.
  if (unit.registers < 32)
    return {4, 2, 0.9, 1.0, 0.0, lanes};
  // Where permutes share a pipe with FMAs, so do broadcasts: whole registers of
  // inputs are held instead.
  if (!unit.permutePipe)
    return {8, 1, 0.80, 1.0, 0.0, lanes};
  if (m <= 4)
    return {5, 4, 0.76, 1.0, 0.0, lanes};
  return {9, 2, 0.80, 1.5, 0.0, lanes};
}

SmallVector<KernelDescriptor>
NMFormatAttr::getKernels(const VectorUnit &unit) const {
  if (!unit.permutes)
    return {getColumnKernel(unit, 0.7, 0.3, 1)};
  // Permutes until transposing the dense operand pays. Measured with 8 lanes
  // and 16 registers (47 GFLOP/s against 49 with 13 rows, 59 with 16), and with
  // 16 lanes where shuffles and FMAs share a pipe.
  int64_t fewest = unit.registers < 32 ? unit.lanes * 13 / 8 : unit.lanes * 5;
  return {getPermuteKernel(unit, getM()),
          getColumnKernel(unit, 0.7, 0.3, fewest)};
}

SmallVector<KernelDescriptor>
BSRFormatAttr::getKernels(const VectorUnit &unit) const {
  // A block's outputs are one or more registers; a short or odd block fills
  // them partly.
  double lanes = static_cast<double>(unit.lanes);
  int64_t registersPerBlock = llvm::divideCeil(getRows(), unit.lanes);
  double useful = std::min(lanes, static_cast<double>(getRows()) /
                                      static_cast<double>(registersPerBlock));
  auto [rows, vectors] = getDenseTile(unit);
  int64_t tileVectors = std::min<int64_t>(registersPerBlock, vectors);
  int64_t tileRows = std::min<int64_t>(unit.registers / 2 / tileVectors, 8);
  double step = unit.fma ? 0.75 : 1.3;
  return {{std::max<int64_t>(tileRows, rows), tileVectors, step,
           1.0 + 4.0 / static_cast<double>(getCols()), 0.0, useful}};
}

SmallVector<KernelDescriptor>
StreamFormatAttr::getKernels(const VectorUnit &unit) const {
  // Rows of the dense operand are read in any order, and every tile's entries
  // are searched.
  return {getScalarKernel(unit), getColumnKernel(unit, 0.9, 2.0, 4)};
}
