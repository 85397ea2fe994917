//===- Checkpoint.h - All tensors of a model ------------------------------===//
//
// One safetensors file, or the files that an index names, as one set of named
// tensors without copies. Also the reader of the index itself.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_CHECKPOINT_CHECKPOINT_H
#define SPARSE_OPT_CHECKPOINT_CHECKPOINT_H

#include "sparse-opt/Checkpoint/MappedFile.h"
#include "sparse-opt/Checkpoint/Safetensors.h"

namespace mlir::sparsity::checkpoint {

/// What `model.safetensors.index.json` says.
struct ShardIndex {
  /// Plain file names, sorted, each once.
  std::vector<std::string> shards;
  /// Tensor name to file name.
  std::map<std::string, std::string> weightMap;
};

/// Reads an index. File names that are more than a name are refused here.
Result<ShardIndex> parseShardIndex(const void *data, size_t size,
                                   std::string_view file);

/// A tensor in memory that the checkpoint owns.
struct TensorView : TensorType {
  /// At any byte, as files have it: elements are read with memcpy.
  const std::byte *data = nullptr;
  size_t bytes = 0;
  /// Which of the checkpoint's shards holds it.
  size_t shard = 0;
};

/// Fails unless every byte of a boolean tensor is 0 or 1, as a mask must be.
Status checkBooleans(const TensorView &tensor);

class Checkpoint {
public:
  struct Shard {
    MappedFile file;
    Metadata metadata;
  };

  /// Opens a safetensors file, or an index when the name ends in ".json". The
  /// shards of an index lie beside it; each tensor must be in exactly one of
  /// them, the one that the index names.
  static Result<Checkpoint> open(const std::string &path);

  /// Sorted by name.
  const std::vector<TensorView> &tensors() const { return views; }
  /// Null when there is no such tensor.
  const TensorView *find(std::string_view name) const;
  const std::vector<Shard> &shards() const { return files; }

private:
  Checkpoint() = default;
  Status addShard(MappedFile file);
  /// Sorts the tensors; fails on a name that two shards have.
  Status sort();
  Status checkIndex(const ShardIndex &index, const std::string &path) const;
  static Result<Checkpoint> openIndex(const std::string &path);

  std::vector<Shard> files;
  std::vector<TensorView> views;
};

} // namespace mlir::sparsity::checkpoint

#endif // SPARSE_OPT_CHECKPOINT_CHECKPOINT_H
