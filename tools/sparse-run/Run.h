//===- Run.h - One run of a program from the shell ------------------------===//
//
// What sparse-run does with its options. Private to the tool.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_TOOLS_SPARSERUN_RUN_H
#define SPARSE_OPT_TOOLS_SPARSERUN_RUN_H

#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace mlir::sparsity {

struct RunOptions {
  /// A .so that was compiled before, or MLIR text.
  std::string program;
  /// Of MLIR text only.
  std::string weights, recipe, target;
  /// Empty = the first one.
  std::string function;
  /// .npy files, or types of random tensors, one for each input; a profile
  /// takes several times as many.
  std::vector<std::string> inputs, randomInputs;
  uint64_t seed = 0;
  std::vector<std::string> outputs;
  /// Where to write a profile instead of calling for results; the kinds of its
  /// statistics and a glob on parameters.
  std::string calibrate;
  std::vector<std::string> statistics;
  std::string observe;
  /// Compare with the dense oracle; the largest allowed relative error, 0 = by
  /// the results' types.
  bool check = false;
  double tolerance = 0;
  int64_t repeats = 0;
  /// Print what each operation takes.
  bool profile = false;
  int32_t threads = 0;
};

llvm::Error run(const RunOptions &options);
/// What `run` does with `calibrate`.
llvm::Error calibrate(const RunOptions &options);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_TOOLS_SPARSERUN_RUN_H
