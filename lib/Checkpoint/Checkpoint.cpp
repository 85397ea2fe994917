//===- Checkpoint.cpp - All tensors of a model ----------------------------===//
//
// Opens one file or the files of an index and joins their tensors.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Checkpoint/Checkpoint.h"

#include "System.h"
#include "sparse-opt/Checkpoint/Names.h"

#include <algorithm>

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;

Status checkpoint::checkBooleans(const TensorView &tensor) {
  for (size_t i = 0; i < tensor.bytes; ++i)
    if (std::to_integer<unsigned>(tensor.data[i]) > 1)
      return makeError("tensor ", quoteName(tensor.name),
                       ": expected booleans 0 or 1, found ",
                       std::to_integer<unsigned>(tensor.data[i]),
                       " at element ", i);
  return {};
}

Status Checkpoint::addShard(MappedFile file) {
  for (const Shard &shard : files)
    if (shard.file.isSameFile(file))
      return fileError(file.path(), "expected each file once, found it as ",
                       quoteName(shard.file.path()), " too");
  Result<SafetensorsHeader> header =
      parseSafetensors(file.data(), file.size(), file.path());
  if (!header)
    return header.error();
  for (TensorEntry &entry : header->tensors) {
    TensorView view;
    static_cast<TensorType &>(view) = std::move(entry);
    view.data = file.data() + entry.offset;
    view.bytes = entry.bytes;
    view.shard = files.size();
    views.push_back(std::move(view));
  }
  files.push_back({std::move(file), std::move(header->metadata)});
  return {};
}

Status Checkpoint::sort() {
  std::sort(
      views.begin(), views.end(),
      [](const TensorView &a, const TensorView &b) { return a.name < b.name; });
  for (size_t i = 1; i < views.size(); ++i)
    if (views[i - 1].name == views[i].name)
      return fileError(files[views[i - 1].shard].file.path(),
                       "expected each tensor in one file, found ",
                       quoteName(views[i].name), " also in ",
                       quoteName(files[views[i].shard].file.path()));
  return {};
}

/// Every tensor of the index is where it says, and there are no others.
Status Checkpoint::checkIndex(const ShardIndex &index,
                              const std::string &path) const {
  for (const auto &[name, shard] : index.weightMap) {
    const TensorView *view = find(name);
    if (!view || index.shards[view->shard] != shard)
      return fileError(path, "expected tensor ", quoteName(name), " in ",
                       quoteName(shard), ", found ",
                       (view ? "it in " + quoteName(index.shards[view->shard])
                             : std::string("none")));
  }
  for (const TensorView &view : views)
    if (index.weightMap.count(view.name) == 0)
      return fileError(path, "expected every tensor in weight_map, found ",
                       quoteName(view.name), " only in ",
                       quoteName(index.shards[view.shard]));
  return {};
}

Result<Checkpoint> Checkpoint::openIndex(const std::string &path) {
  Result<MappedFile> file = MappedFile::open(path);
  if (!file)
    return file.error();
  Result<ShardIndex> index = parseShardIndex(file->data(), file->size(), path);
  if (!index)
    return index.error();
  Checkpoint result;
  for (const std::string &shard : index->shards) {
    Result<MappedFile> mapped = MappedFile::openBeneath(folderOf(path), shard);
    if (!mapped)
      return mapped.error();
    if (Status status = result.addShard(std::move(*mapped)); !status)
      return status.error();
  }
  if (Status status = result.sort(); !status)
    return status.error();
  if (Status status = result.checkIndex(*index, path); !status)
    return status.error();
  return result;
}

Result<Checkpoint> Checkpoint::open(const std::string &path) {
  static constexpr std::string_view kIndexEnding = ".json";
  if (path.size() > kIndexEnding.size() &&
      path.compare(path.size() - kIndexEnding.size(), std::string::npos,
                   kIndexEnding) == 0)
    return openIndex(path);
  Result<MappedFile> file = MappedFile::open(path);
  if (!file)
    return file.error();
  Checkpoint result;
  if (Status status = result.addShard(std::move(*file)); !status)
    return status.error();
  if (Status status = result.sort(); !status)
    return status.error();
  return result;
}

const TensorView *Checkpoint::find(std::string_view name) const {
  auto found =
      std::lower_bound(views.begin(), views.end(), name,
                       [](const TensorView &view, std::string_view name) {
                         return view.name < name;
                       });
  return found != views.end() && found->name == name ? &*found : nullptr;
}
