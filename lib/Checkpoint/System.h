//===- System.h - Descriptors and errors of the system --------------------===//
//
// The little that the file classes share: a descriptor that closes itself and
// the wording of errors. Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CHECKPOINT_SYSTEM_H
#define SPARSE_OPT_LIB_CHECKPOINT_SYSTEM_H

#include "sparse-opt/Format/Result.h"

#include <string>
#include <string_view>
#include <sys/types.h>

namespace mlir::sparsity::checkpoint {

/// The whole path, escaped.
std::string escapePath(std::string_view path);

/// "file: " and the parts of the message.
template <typename... Parts>
format::Error fileError(std::string_view file, const Parts &...parts) {
  return format::makeError(escapePath(file), ": ", parts...);
}

/// "file: cannot <action>: <text of errno>".
format::Error systemError(std::string_view file, std::string_view action,
                          int number);

/// "a directory", "a device", ... of a mode that stat gave.
const char *fileTypeName(mode_t mode);

/// True for a name that cannot leave its folder.
bool isPlainName(std::string_view name);

/// The folder that `path` lies in, "." when it names none.
std::string folderOf(const std::string &path);

/// The last part of `path`.
std::string baseOf(const std::string &path);

class Descriptor {
public:
  explicit Descriptor(int number) : number(number) {}
  Descriptor(const Descriptor &) = delete;
  Descriptor &operator=(const Descriptor &) = delete;
  ~Descriptor();
  int get() const { return number; }
  explicit operator bool() const { return number >= 0; }

private:
  int number;
};

} // namespace mlir::sparsity::checkpoint

#endif // SPARSE_OPT_LIB_CHECKPOINT_SYSTEM_H
