//===- AtomicFile.h - Output that is written beside and renamed -----------===//
//
// The way every file of this project is written: into a temporary file in the
// same folder, which takes the name of the output only when all bytes are on
// the disk. Until then an older file of that name is untouched, so an output
// may be its own input.
//
// The output must be a new name or a regular, writable file. A symbolic link is
// refused rather than followed or replaced: following it could write outside
// the folder that was named. A replaced file keeps its permission bits; other
// hard links to it keep the old content.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_CHECKPOINT_ATOMICFILE_H
#define SPARSE_OPT_CHECKPOINT_ATOMICFILE_H

#include "sparse-opt/Format/Result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlir::sparsity::checkpoint {

using format::Result;
using format::Status;

class AtomicFile {
public:
  /// Creates the temporary file; its folder must exist.
  static Result<AtomicFile> open(const std::string &path);

  AtomicFile(AtomicFile &&other);
  AtomicFile &operator=(AtomicFile &&other);
  /// Without a commit nothing is left behind.
  ~AtomicFile();

  /// Appends bytes. After a failure the temporary file is gone and every
  /// further call fails.
  Status write(const void *data, size_t size);
  Status write(std::string_view text) {
    return write(text.data(), text.size());
  }

  /// Appends zeros until the position is a multiple of `step` (at most 4096).
  Status pad(uint64_t step);

  /// Puts the file in its place. Nothing can be written afterwards.
  Status commit();

  /// Bytes written so far.
  uint64_t position() const { return written; }
  const std::string &path() const { return target; }

private:
  AtomicFile() = default;
  Status createTemporary(std::optional<unsigned> mode);
  void discard();
  /// Discards, and returns the error with errno's text.
  format::Error fail(const char *action);

  std::string target, targetName, temporaryName;
  int folder = -1, descriptor = -1;
  uint64_t written = 0;
};

/// The first of `outputs` that is a file of `inputs` or an output before it, by
/// whatever name; "" when there is none. Empty names are no files.
std::string findClash(const std::vector<std::string> &inputs,
                      const std::vector<std::string> &outputs);

} // namespace mlir::sparsity::checkpoint

#endif // SPARSE_OPT_CHECKPOINT_ATOMICFILE_H
