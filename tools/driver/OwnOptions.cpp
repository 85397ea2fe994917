//===- OwnOptions.cpp - Command lines without LLVM's options --------------===//
//
// See OwnOptions.h.
//
//===----------------------------------------------------------------------===//

#include "OwnOptions.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/CommandLine.h"

namespace cl = llvm::cl;

void mlir::sparsity::removeUpstreamOptions() {
  llvm::SmallVector<cl::Option *> others;
  for (auto &[name, option] : cl::getRegisteredOptions())
    if (!llvm::is_contained({"help", "h", "version"}, name))
      others.push_back(option);
  for (cl::Option *option : others)
    option->removeArgument();
}
