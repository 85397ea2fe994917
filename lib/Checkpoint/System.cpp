//===- System.cpp - Descriptors and errors of the system ------------------===//
//
// Wording of errors that name a file, and closing of descriptors.
//
//===----------------------------------------------------------------------===//

#include "System.h"

#include "sparse-opt/Checkpoint/Names.h"

#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;

std::string checkpoint::escapePath(std::string_view path) {
  static constexpr size_t kLongestPath = 4096;
  return escapeName(path, kLongestPath);
}

format::Error checkpoint::systemError(std::string_view file,
                                      std::string_view action, int number) {
  return fileError(file, "cannot ", action, ": ",
                   std::generic_category().message(number));
}

const char *checkpoint::fileTypeName(mode_t mode) {
  if (S_ISREG(mode))
    return "a regular file";
  if (S_ISDIR(mode))
    return "a directory";
  if (S_ISLNK(mode))
    return "a symbolic link";
  if (S_ISFIFO(mode))
    return "a pipe";
  if (S_ISSOCK(mode))
    return "a socket";
  return "a device";
}

bool checkpoint::isPlainName(std::string_view name) {
  static constexpr size_t kLongestName = 255;
  return !name.empty() && name != "." && name != ".." &&
         name.size() <= kLongestName &&
         name.find_first_of(std::string_view("/\\\0", 3)) ==
             std::string_view::npos;
}

std::string checkpoint::folderOf(const std::string &path) {
  size_t slash = path.rfind('/');
  if (slash == std::string::npos)
    return ".";
  return path.substr(0, slash == 0 ? 1 : slash);
}

std::string checkpoint::baseOf(const std::string &path) {
  return path.substr(path.rfind('/') + 1);
}

Descriptor::~Descriptor() {
  if (number >= 0)
    ::close(number);
}
