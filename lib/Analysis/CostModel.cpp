//===- CostModel.cpp - Predicted time of a product ------------------------===//
//
// The roofline over kernel descriptors.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Analysis/CostModel.h"

#include <algorithm>

using namespace mlir;
using namespace mlir::sparsity;

/// The clock at which descriptors' cycles are counted, from the peak rate: two
/// FMAs of full width and two flops each per cycle.
static double getCyclesPerSecond(const TargetDescription &target) {
  double flopsPerCycle = 2.0 * 2.0 * static_cast<double>(target.lanes());
  return target.gigaflopsPerCore * 1e9 / flopsPerCycle;
}

format::VectorUnit
mlir::sparsity::getVectorUnit(const TargetDescription &target,
                              Type elementType) {
  // Half precision is computed in f32.
  int64_t bits = std::max<int64_t>(elementType.getIntOrFloatBitWidth(), 32);
  bool permutes = target.avx512 || target.vectorBits >= 256;
  return {target.lanes(bits), target.vectorRegisters, target.fma, permutes};
}

/// Cycles that one core needs for the product with one kernel.
static double getCycles(const Product &product,
                        const format::KernelDescriptor &kernel,
                        const format::VectorUnit &unit) {
  auto tokens = static_cast<double>(product.tokens);
  double registers = static_cast<double>(product.stored) / kernel.usefulLanes;
  double tiles = std::max(1.0, tokens / static_cast<double>(kernel.tileRows));
  double edges = tokens * static_cast<double>(product.rows + product.cols) /
                 static_cast<double>(unit.lanes);
  return registers * tokens * kernel.cyclesPerStep +
         registers * tiles * kernel.cyclesPerStored +
         edges * kernel.cyclesPerEdge;
}

Prediction mlir::sparsity::predict(const Product &product,
                                   FormatAttrInterface format,
                                   const TargetDescription &target) {
  format::VectorUnit unit = getVectorUnit(target, product.elementType);
  format::Result<int64_t> bytes = format.getStorageFormat()->bytes(
      *getElementKind(product.elementType), product.rows, product.cols,
      product.stored);
  Prediction best{{}, 0.0, bytes ? *bytes : 0};
  double threads = static_cast<double>(std::max<int64_t>(target.threads, 1));
  int64_t elementBytes = product.elementType.getIntOrFloatBitWidth() / 8;
  int64_t moved = best.bytes +
                  product.tokens * (product.rows + product.cols) * elementBytes;
  double streaming =
      static_cast<double>(moved) / (target.gigabytesPerSecond * 1e9);
  bool first = true;
  for (const format::KernelDescriptor &kernel : format.getKernels(unit)) {
    double computing =
        getCycles(product, kernel, unit) / getCyclesPerSecond(target) / threads;
    double seconds = std::max(streaming, computing);
    if (first || seconds < best.seconds) {
      best.kernel = kernel;
      best.seconds = seconds;
    }
    first = false;
  }
  return best;
}

ArrayRef<int64_t> mlir::sparsity::getRegimes() {
  static constexpr int64_t regimes[] = {1, 16, 128, 1024};
  return regimes;
}
