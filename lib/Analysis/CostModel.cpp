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

/// Cycles that one core needs for the product with one kernel.
static double getCycles(const Product &product,
                        const format::KernelDescriptor &kernel,
                        const format::VectorUnit &unit) {
  auto tokens = static_cast<double>(product.tokens);
  double registers = static_cast<double>(product.stored) / kernel.usefulLanes;
  int64_t tileRows = kernel.tileRows * (kernel.rowsInVectors ? unit.lanes : 1);
  double tiles = std::max(1.0, tokens / static_cast<double>(tileRows));
  double edges = tokens * static_cast<double>(product.rows + product.cols) /
                 static_cast<double>(unit.lanes);
  return registers * tokens * kernel.cyclesPerStep +
         registers * tiles * kernel.cyclesPerStored +
         edges * kernel.cyclesPerEdge;
}

Prediction mlir::sparsity::predict(const Product &product,
                                   FormatAttrInterface format,
                                   const TargetDescription &target) {
  format::VectorUnit unit = target.vectorUnit(product.elementType);
  format::Result<int64_t> bytes = format.getStorageFormat()->bytes(
      *getElementKind(product.elementType), product.rows, product.cols,
      product.stored);
  SmallVector<format::KernelDescriptor> kernels = format.getKernels(unit);
  const format::KernelDescriptor *kernel = kernels.begin();
  while (std::next(kernel) != kernels.end() &&
         std::next(kernel)->fewestRows <= product.tokens)
    ++kernel;
  // A program for an unknown number of threads is ranked on one.
  double threads = static_cast<double>(std::max<int64_t>(target.threads, 1));
  int64_t elementBytes = product.elementType.getIntOrFloatBitWidth() / 8;
  int64_t weightBytes = bytes ? *bytes : 0;
  int64_t moved = weightBytes +
                  product.tokens * (product.rows + product.cols) * elementBytes;
  double streaming =
      static_cast<double>(moved) / (target.gigabytesPerSecond * 1e9);
  double computing =
      getCycles(product, *kernel, unit) / getCyclesPerSecond(target) / threads;
  return {kernels.front(), std::max(streaming, computing), weightBytes};
}

ArrayRef<int64_t> mlir::sparsity::getRegimes() {
  static constexpr int64_t regimes[] = {1, 16, 128, 1024};
  return regimes;
}
