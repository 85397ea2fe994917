//===- ImportedTensors.h - Numbers about weights from a file --------------===//
//
// A safetensors file (or the index of several) with a tensor for each parameter
// under the parameter's name: scores, gradients.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_TRANSFORMS_PRUNE_IMPORTEDTENSORS_H
#define SPARSE_OPT_LIB_TRANSFORMS_PRUNE_IMPORTEDTENSORS_H

#include "Importance.h"
#include "sparse-opt/Checkpoint/Checkpoint.h"

namespace mlir::sparsity {

class ImportedTensors {
public:
  /// Opens the file that option "file" names, relative to the working
  /// directory; there must be no other option.
  static format::Result<ImportedTensors> open(const ImportanceOptions &options);

  /// The tensor of `weight`, borrowed. Fails unless it has the weight's shape
  /// and floating-point elements without NaN.
  format::Result<format::MatrixView> find(const ScoredWeight &weight) const;

private:
  ImportedTensors(std::string path, checkpoint::Checkpoint file)
      : path(std::move(path)), file(std::move(file)) {}

  std::string path;
  checkpoint::Checkpoint file;
};

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_TRANSFORMS_PRUNE_IMPORTEDTENSORS_H
