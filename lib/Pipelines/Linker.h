//===- Linker.h - The linker program --------------------------------------===//
//
// Finding and running the system's linker. Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_PIPELINES_LINKER_H
#define SPARSE_OPT_LIB_PIPELINES_LINKER_H

#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace mlir::sparsity {

/// Runs ld.lld-22, ld.lld or ld, whichever is found first on PATH or in LLVM
/// 22's folder. What it says on failure is the error; it goes through the file
/// `messages`.
llvm::Error runLinker(const std::vector<std::string> &arguments,
                      const std::string &messages);

/// The files of libm and libc that this process runs with.
std::vector<std::string> systemLibraries();

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_PIPELINES_LINKER_H
