//===- ShardIndex.cpp - Reading model.safetensors.index.json --------------===//
//
// The map from tensors to files. File names come from whoever made the
// checkpoint: only plain names are taken.
//
//===----------------------------------------------------------------------===//

#include "StrictJson.h"

#include "System.h"
#include "sparse-opt/Checkpoint/Checkpoint.h"
#include "sparse-opt/Checkpoint/Names.h"

#include <set>

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;

namespace {

/// {"metadata": anything, "weight_map": {"tensor": "file"}}.
class IndexPlace : public JsonRecord {
public:
  IndexPlace()
      : JsonRecord({{"metadata", &metadata, /*isRequired=*/false},
                    {"weight_map", &weightMap}}) {}
  JsonTextMap weightMap;

private:
  JsonIgnored metadata;
};

} // namespace

Result<ShardIndex> checkpoint::parseShardIndex(const void *data, size_t size,
                                               std::string_view file) {
  IndexPlace place;
  std::string_view json(static_cast<const char *>(data), size);
  if (Status status = parseStrictJson(json, file, 0, place); !status)
    return status.error();
  ShardIndex index;
  std::set<std::string> shards;
  for (const auto &[tensor, shard] : place.weightMap.values) {
    if (!isPlainName(shard))
      return fileError(file, "tensor ", quoteName(tensor),
                       ": expected a plain file name, found ",
                       quoteName(shard));
    shards.insert(shard);
  }
  index.shards.assign(shards.begin(), shards.end());
  index.weightMap = std::move(place.weightMap.values);
  return index;
}
