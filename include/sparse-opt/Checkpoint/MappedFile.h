//===- MappedFile.h - The bytes of an input file --------------------------===//
//
// A regular file as one range of memory. Files below 64 MiB are read into
// memory; larger ones are mapped privately, so their pages are shared with the
// page cache. Nothing here knows what the bytes mean.
//
// A mapped file that somebody truncates while it is in use raises SIGBUS at the
// first touch of a lost page. Size, identity and time are compared before and
// after mapping; later changes are the business of whoever changes the file.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_CHECKPOINT_MAPPEDFILE_H
#define SPARSE_OPT_CHECKPOINT_MAPPEDFILE_H

#include "sparse-opt/Format/Result.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace mlir::sparsity::checkpoint {

using format::Result;

class MappedFile {
public:
  static Result<MappedFile> open(const std::string &path);

  /// Opens `folder`/`name` where the name comes from a file: it must be a plain
  /// file name, and neither a link nor a mount leads out of the folder.
  static Result<MappedFile> openBeneath(const std::string &folder,
                                        const std::string &name);

  MappedFile(MappedFile &&other);
  MappedFile &operator=(MappedFile &&other);
  ~MappedFile();

  /// Aligned to a page; null when the file is empty.
  const std::byte *data() const { return memory; }
  size_t size() const { return length; }
  const std::string &path() const { return name; }
  /// True when both are the same file on disk, whatever their names.
  bool isSameFile(const MappedFile &other) const;

private:
  MappedFile() = default;
  static Result<MappedFile> fromDescriptor(int descriptor, std::string path);

  std::byte *memory = nullptr;
  size_t length = 0;
  uint64_t device = 0, inode = 0;
  std::string name;
};

} // namespace mlir::sparsity::checkpoint

#endif // SPARSE_OPT_CHECKPOINT_MAPPEDFILE_H
