//===- Progress.h - A bar on a terminal -----------------------------------===//
//
// Shows how far a long step is. Silent where stderr is no terminal, and for the
// first two seconds.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_TOOLS_DRIVER_PROGRESS_H
#define SPARSE_OPT_TOOLS_DRIVER_PROGRESS_H

#include "llvm/ADT/StringRef.h"

#include <chrono>

namespace mlir::sparsity {

class ProgressBar {
public:
  ProgressBar();
  /// Takes the bar away again.
  ~ProgressBar();
  /// `fraction` in [0, 1].
  void show(llvm::StringRef stage, double fraction);

private:
  const std::chrono::steady_clock::time_point start;
  bool isTerminal;
  bool isShown = false;
};

} // namespace mlir::sparsity

#endif // SPARSE_OPT_TOOLS_DRIVER_PROGRESS_H
