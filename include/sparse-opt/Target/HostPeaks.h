//===- HostPeaks.h - What this machine can do at most -----------*- C++ -*-===//
//
// The two lines of the roofline (Williams, Waterman and Patterson, "Roofline:
// an insightful visual performance model", CACM 2009), measured.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_TARGET_HOSTPEAKS_H
#define SPARSE_OPT_TARGET_HOSTPEAKS_H

#include <cstdint>

namespace mlir::sparsity {

struct HostPeaks {
  /// f32 operations per second in units of 1e9, a fused multiply-add as two.
  double gigaflops = 0;
  /// Bytes per second read from memory, in units of 1e9.
  double gigabytesPerSecond = 0;

  /// The microseconds that an operation needs at least.
  double least(double flops, double bytes) const;
};

/// Runs `threads` threads (0 = one for each core) for about a fifth of a second
/// each on multiply-adds in registers and on an array of 128 MB together.
HostPeaks measureHostPeaks(int32_t threads);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_TARGET_HOSTPEAKS_H
