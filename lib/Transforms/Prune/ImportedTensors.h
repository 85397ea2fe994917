//===- ImportedTensors.h - Numbers about weights from a file --------------===//
//
// A safetensors file (or the index of several) with a tensor for each parameter
// under the parameter's name: scores, gradients, masks.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_TRANSFORMS_PRUNE_IMPORTEDTENSORS_H
#define SPARSE_OPT_LIB_TRANSFORMS_PRUNE_IMPORTEDTENSORS_H

#include "Importance.h"
#include "sparse-opt/Checkpoint/Checkpoint.h"

namespace mlir::sparsity {

class ImportedTensors {
public:
  /// Opens a file; `path` is relative to the working directory.
  static format::Result<ImportedTensors> open(StringRef path);
  /// Opens the file that option "file" names; there must be no other option.
  static format::Result<ImportedTensors> open(const ImportanceOptions &options);

  /// The tensor of `weight`, borrowed. Fails unless it has the weight's shape
  /// and floating-point elements above -Inf.
  format::Result<format::MatrixView> find(const ScoredWeight &weight) const;

  /// The mask of `weight`, which may also have "_mask" after its name, as the
  /// buffers of torch.nn.utils.prune. Fails unless it has the weight's shape
  /// and no elements but 0 and 1.
  format::Result<format::Mask> findMask(const ScoredWeight &weight) const;

private:
  ImportedTensors(std::string path, checkpoint::Checkpoint file)
      : path(std::move(path)), file(std::move(file)) {}

  /// "tensor 'name' of 'path'".
  std::string describe(const checkpoint::TensorView &tensor) const;
  /// The first of `names` that is there, with the weight's shape.
  format::Result<const checkpoint::TensorView *>
  findTensor(const ScoredWeight &weight, ArrayRef<std::string> names) const;

  std::string path;
  checkpoint::Checkpoint file;
};

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_TRANSFORMS_PRUNE_IMPORTEDTENSORS_H
