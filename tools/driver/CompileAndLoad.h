//===- CompileAndLoad.h - From MLIR text to a program that can be called --===//
//
// Joins compiler and runtime: parse, attach weights, compile, link, load. All
// steps are calls of Pipelines and Runtime.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_TOOLS_DRIVER_COMPILEANDLOAD_H
#define SPARSE_OPT_TOOLS_DRIVER_COMPILEANDLOAD_H

#include "sparse-opt/Pipelines/Compile.h"
#include "sparse-opt/Pipelines/PruneProgram.h"
#include "sparse-opt/Pipelines/Weights.h"
#include "sparse-opt/Runtime/Runtime.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

#include <memory>
#include <optional>

namespace mlir::sparsity {

struct UnloadProgram {
  void operator()(SparseOptProgram *program) const {
    sparse_opt_unload(program);
  }
};
using ProgramHandle = std::unique_ptr<SparseOptProgram, UnloadProgram>;

/// What to compile. Names of files are paths; empty = none.
struct CompileRequest {
  /// MLIR text, or the file that has it.
  std::string text, file;
  std::string weightsFile;
  /// Weights in memory that outlives the program.
  WeightMap weights;
  CompileOptions options;
};

/// A program and what its weights are borrowed from.
struct LoadedProgram {
  std::optional<checkpoint::Checkpoint> checkpoint;
  std::unique_ptr<MLIRContext> context;
  OwningOpRef<ModuleOp> module;
  std::string report;
  // Last, because it goes first.
  ProgramHandle program;
};

/// What a recipe made of a program's weights.
struct PrunedProgram {
  std::optional<checkpoint::Checkpoint> checkpoint;
  std::unique_ptr<MLIRContext> context;
  OwningOpRef<ModuleOp> module;
  std::vector<PrunedParameter> parameters;
};

/// As compileAndLoad, but only prunes.
std::unique_ptr<PrunedProgram> prune(const CompileRequest &request,
                                     std::string &diagnostics);

/// On failure `diagnostics` has the text of all errors and notes, one a line.
std::unique_ptr<LoadedProgram> compileAndLoad(const CompileRequest &request,
                                              std::string &diagnostics);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_TOOLS_DRIVER_COMPILEANDLOAD_H
