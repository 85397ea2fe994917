//===- Runnable.h - A program and its inputs
//-------------------------------===//
//
// What every use of sparse-run begins with: a program of either origin, one of
// its functions, and tensors to call it with. Private to the tool.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_TOOLS_SPARSERUN_RUNNABLE_H
#define SPARSE_OPT_TOOLS_SPARSERUN_RUNNABLE_H

#include "CompileAndLoad.h"

#include "llvm/Support/Error.h"

namespace mlir::sparsity {

struct RunOptions;

/// A program of either origin.
struct Runnable {
  std::unique_ptr<LoadedProgram> compiled;
  ProgramHandle loaded;

  SparseOptProgram *get() const {
    return compiled ? compiled->program.get() : loaded.get();
  }
};

/// Tensors that are released together.
class Tensors {
public:
  Tensors() = default;
  Tensors(Tensors &&) = default;
  Tensors &operator=(Tensors &&) = default;
  ~Tensors() {
    for (SparseOptTensor &tensor : list)
      sparse_opt_release(&tensor);
  }
  std::vector<SparseOptTensor> list;
};

/// What the C interface said last.
llvm::Error runtimeError();

llvm::Expected<Runnable> compile(const RunOptions &options, bool isOracle);
/// Compiles MLIR text, loads what is compiled.
llvm::Expected<Runnable> open(const RunOptions &options);
llvm::Expected<int64_t> findFunction(SparseOptProgram *program,
                                     const std::string &name);
/// The numbers of a function's inputs, of those that are statistics too or not.
std::vector<int64_t> findInputs(SparseOptProgram *program, int64_t function,
                                bool withStatistics);
/// From files or at random, as the options say.
llvm::Expected<Tensors> readInputs(const RunOptions &options,
                                   SparseOptProgram *program, int64_t function);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_TOOLS_SPARSERUN_RUNNABLE_H
