//===- CommandLine.h - Options of our tools alone -------------------------===//
//
// LLVM's libraries register hundreds of options of their own, some under names
// that our tools use.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_TOOLS_DRIVER_COMMANDLINE_H
#define SPARSE_OPT_TOOLS_DRIVER_COMMANDLINE_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/CommandLine.h"

namespace mlir::sparsity {

/// Removes what libraries registered; call it before declaring own options.
/// Help and version stay.
inline void removeForeignOptions() {
  llvm::SmallVector<llvm::cl::Option *> foreign;
  for (auto &entry : llvm::cl::getRegisteredOptions())
    if (!entry.first.starts_with("help") && entry.first != "version")
      foreign.push_back(entry.second);
  for (llvm::cl::Option *option : foreign)
    option->removeArgument();
}

} // namespace mlir::sparsity

#endif // SPARSE_OPT_TOOLS_DRIVER_COMMANDLINE_H
