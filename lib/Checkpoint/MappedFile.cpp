//===- MappedFile.cpp - The bytes of an input file ------------------------===//
//
// Opening without following what a hostile index says, and reading or mapping
// with the file compared before and after.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Checkpoint/MappedFile.h"

#include "System.h"
#include "sparse-opt/Checkpoint/Names.h"

#include <cerrno>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;

/// Files below this are read, so that a later truncation cannot hurt.
static constexpr size_t kReadBelow = size_t(64) << 20;

/// O_NONBLOCK: a pipe must not block before fstat refuses it.
static constexpr int kOpenFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;

/// Opens a plain name. Kernels before 5.6 and some sandboxes refuse openat2;
/// for a name without a slash O_NOFOLLOW is as strong.
static int openPlain(int folder, const char *name) {
  open_how how = {};
  how.flags = kOpenFlags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  long result = ::syscall(SYS_openat2, folder, name, &how, sizeof(how));
  if (result >= 0 || (errno != ENOSYS && errno != EPERM && errno != E2BIG))
    return static_cast<int>(result);
  return ::openat(folder, name, kOpenFlags | O_NOFOLLOW);
}

static bool isUnchanged(const struct stat &a, const struct stat &b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino &&
         a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

/// Reads exactly `size` bytes; false with errno 0 when the file is shorter.
static bool readAll(int descriptor, std::byte *memory, size_t size) {
  while (size > 0) {
    ssize_t count = ::read(descriptor, memory, size);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0) {
      errno = count < 0 ? errno : 0;
      return false;
    }
    memory += count;
    size -= static_cast<size_t>(count);
  }
  return true;
}

/// The file's bytes in fresh anonymous memory, or MAP_FAILED.
static void *readPages(int descriptor, size_t size) {
  void *memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return memory;
  if (readAll(descriptor, static_cast<std::byte *>(memory), size) &&
      ::mprotect(memory, size, PROT_READ) == 0)
    return memory;
  int number = errno;
  ::munmap(memory, size);
  errno = number;
  return MAP_FAILED;
}

Result<MappedFile> MappedFile::fromDescriptor(int number, std::string path) {
  Descriptor descriptor(number);
  if (!descriptor)
    return systemError(path, "open", errno);
  struct stat before, after;
  if (::fstat(number, &before) != 0)
    return systemError(path, "inspect", errno);
  if (!S_ISREG(before.st_mode))
    return fileError(path, "expected a regular file, found ",
                     fileTypeName(before.st_mode));

  MappedFile file;
  file.name = std::move(path);
  file.device = before.st_dev;
  file.inode = before.st_ino;
  size_t size = static_cast<size_t>(before.st_size);
  if (size > 0) {
    void *pages = size < kReadBelow ? readPages(number, size)
                                    : ::mmap(nullptr, size, PROT_READ,
                                             MAP_PRIVATE, number, 0);
    if (pages == MAP_FAILED && errno != 0)
      return systemError(file.name, "read", errno);
    if (pages != MAP_FAILED) {
      file.memory = static_cast<std::byte *>(pages);
      file.length = size;
    }
  }
  if (::fstat(number, &after) != 0)
    return systemError(file.name, "inspect", errno);
  if (file.length != size || !isUnchanged(before, after))
    return fileError(file.name, "expected a file at rest, found one that "
                                "changes while it is read");
  return file;
}

Result<MappedFile> MappedFile::open(const std::string &path) {
  if (path.find('\0') != std::string::npos)
    return fileError(path, "expected a path without zero bytes");
  return fromDescriptor(::open(path.c_str(), kOpenFlags), path);
}

Result<MappedFile> MappedFile::openBeneath(const std::string &folder,
                                           const std::string &name) {
  if (!isPlainName(name))
    return fileError(folder, "expected a plain file name, found ",
                     quoteName(name));
  Descriptor parent(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent)
    return systemError(folder, "open", errno);
  std::string path = folder + "/" + name;
  int number = openPlain(parent.get(), name.c_str());
  if (number < 0 && errno == ELOOP)
    return fileError(path, "expected a regular file, found a symbolic link");
  return fromDescriptor(number, std::move(path));
}

MappedFile::MappedFile(MappedFile &&other) { *this = std::move(other); }

MappedFile &MappedFile::operator=(MappedFile &&other) {
  std::swap(memory, other.memory);
  std::swap(length, other.length);
  std::swap(device, other.device);
  std::swap(inode, other.inode);
  std::swap(name, other.name);
  return *this;
}

MappedFile::~MappedFile() {
  if (memory)
    ::munmap(memory, length);
}

bool MappedFile::isSameFile(const MappedFile &other) const {
  return device == other.device && inode == other.inode;
}
