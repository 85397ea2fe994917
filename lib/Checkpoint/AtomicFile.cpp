//===- AtomicFile.cpp - Output that is written beside and renamed ---------===//
//
// Creating, filling and renaming the temporary file. All steps go through the
// descriptor of the folder, so a folder that is moved meanwhile is no hazard.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Checkpoint/AtomicFile.h"

#include "System.h"

#include <atomic>
#include <cassert>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;

static constexpr int kAttempts = 100;
static constexpr size_t kLargestStep = 4096;

/// Permission bits of the file at `path`, nothing when there is none, or an
/// error when what is there may not be replaced.
static Result<std::optional<unsigned>> permissionsOf(const std::string &path) {
  struct stat old;
  if (::lstat(path.c_str(), &old) != 0) {
    if (errno == ENOENT)
      return std::optional<unsigned>();
    return systemError(path, "inspect", errno);
  }
  if (!S_ISREG(old.st_mode))
    return fileError(path,
                     "expected a regular file or a new name, "
                     "found ",
                     fileTypeName(old.st_mode));
  if (::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) != 0)
    return systemError(path, "replace", errno);
  return std::optional<unsigned>(old.st_mode & 0777);
}

Result<AtomicFile> AtomicFile::open(const std::string &path) {
  AtomicFile file;
  file.target = path;
  file.targetName = baseOf(path);
  if (file.targetName.empty() || path.find('\0') != std::string::npos)
    return fileError(path, "expected the path of a file");
  Result<std::optional<unsigned>> mode = permissionsOf(path);
  if (!mode)
    return mode.error();
  std::string folderPath = folderOf(path);
  file.folder = ::open(folderPath.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file.folder < 0)
    return systemError(folderPath, "open", errno);
  if (Status status = file.createTemporary(*mode); !status)
    return status.error();
  return file;
}

Status AtomicFile::createTemporary(std::optional<unsigned> mode) {
  static std::atomic<unsigned> counter{0};
  static constexpr int kFlags =
      O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
  std::string name;
  for (int attempt = 0; attempt < kAttempts && descriptor < 0; ++attempt) {
    name = ".sparse-opt-" + std::to_string(::getpid()) + "-" +
           std::to_string(counter++) + ".tmp";
    descriptor = ::openat(folder, name.c_str(), kFlags, mode.value_or(0666));
    if (descriptor < 0 && errno != EEXIST)
      break;
  }
  if (descriptor < 0)
    return systemError(target, "create", errno);
  temporaryName = std::move(name);
  // A new file obeys the umask; a replaced one keeps its bits.
  if (mode && ::fchmod(descriptor, *mode) != 0)
    return fail("set the permissions");
  return {};
}

Status AtomicFile::write(const void *data, size_t size) {
  if (descriptor < 0)
    return fileError(target, "expected a file that is still open for writing");
  const char *bytes = static_cast<const char *>(data);
  while (size > 0) {
    ssize_t count = ::write(descriptor, bytes, size);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return fail("write");
    bytes += count;
    size -= static_cast<size_t>(count);
    written += static_cast<uint64_t>(count);
  }
  return {};
}

Status AtomicFile::pad(uint64_t step) {
  static constexpr char kZeros[kLargestStep] = {};
  assert(step > 0 && step <= kLargestStep && "step out of range");
  return write(kZeros, (step - written % step) % step);
}

Status AtomicFile::commit() {
  if (descriptor < 0)
    return fileError(target, "expected a file that is still open for writing");
  if (::fsync(descriptor) != 0)
    return fail("write");
  if (::close(std::exchange(descriptor, -1)) != 0)
    return fail("close");
  if (::renameat(folder, temporaryName.c_str(), folder, targetName.c_str()) !=
      0)
    return fail("replace");
  temporaryName.clear();
  // The new content is in place whatever happens now; this only makes the
  // rename itself survive a power cut, where the file system can do that.
  (void)::fsync(folder);
  return {};
}

format::Error AtomicFile::fail(const char *action) {
  format::Error error = systemError(target, action, errno);
  discard();
  return error;
}

void AtomicFile::discard() {
  if (descriptor >= 0)
    ::close(std::exchange(descriptor, -1));
  if (!temporaryName.empty())
    ::unlinkat(folder, temporaryName.c_str(), 0);
  temporaryName.clear();
}

AtomicFile::AtomicFile(AtomicFile &&other) { *this = std::move(other); }

AtomicFile &AtomicFile::operator=(AtomicFile &&other) {
  std::swap(target, other.target);
  std::swap(targetName, other.targetName);
  std::swap(temporaryName, other.temporaryName);
  std::swap(folder, other.folder);
  std::swap(descriptor, other.descriptor);
  std::swap(written, other.written);
  return *this;
}

AtomicFile::~AtomicFile() {
  discard();
  if (folder >= 0)
    ::close(folder);
}

std::string
mlir::sparsity::checkpoint::findClash(const std::vector<std::string> &inputs,
                                      const std::vector<std::string> &outputs) {
  std::vector<std::string> seen = inputs;
  for (const std::string &output : outputs) {
    for (const std::string &other : seen) {
      std::error_code failure;
      if (!output.empty() && (output == other || std::filesystem::equivalent(
                                                     output, other, failure)))
        return output;
    }
    seen.push_back(output);
  }
  return "";
}
