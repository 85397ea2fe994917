//===- InstructionSets.h - What this machine can execute --------*- C++ -*-===//
//
// A program for another machine must not be called: it would end the process.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_RUNTIME_INSTRUCTIONSETS_H
#define SPARSE_OPT_LIB_RUNTIME_INSTRUCTIONSETS_H

#include <string>
#include <vector>

namespace mlir::sparsity::runtime {

/// The first of LLVM's names in `sets` that this machine, or its operating
/// system, does not have; empty when it has all that compilers use unasked.
std::string findMissingSet(const std::vector<std::string> &sets);

} // namespace mlir::sparsity::runtime

#endif // SPARSE_OPT_LIB_RUNTIME_INSTRUCTIONSETS_H
