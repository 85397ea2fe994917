//===- SharedObject.cpp - A loaded shared library -------------------------===//
//
// The dynamic linker takes a path that it has loaded before for the same
// library, even when a new file has that name now: a program that was compiled
// again would be the old one. Each file is therefore opened here and loaded
// under the name of its descriptor, which no other library has while it is
// open. A file that is loaded already is one library with one descriptor.
//
//===----------------------------------------------------------------------===//

#include "SharedObject.h"

#include "StateLock.h"

#include "sparse-opt/Checkpoint/Names.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using namespace mlir::sparsity;
using namespace mlir::sparsity::runtime;
using checkpoint::quoteName;
using format::makeError;

namespace {
/// A file that is open for the dynamic linker.
struct LoadedFile {
  int descriptor;
  dev_t device;
  ino_t inode;
  /// Objects that have it; it may stay loaded without any.
  int users;
};
} // namespace

/// Under the LoadLock. Never destroyed: programs may be at exit.
static std::vector<LoadedFile> &loadedFiles = *new std::vector<LoadedFile>();

/// The descriptor that the file of `descriptor` is loaded under; closes the
/// other one if there are two. It has one user more.
static int takeLoaded(int descriptor, const struct stat &info) {
  for (LoadedFile &file : loadedFiles)
    if (file.device == info.st_dev && file.inode == info.st_ino) {
      ::close(descriptor);
      ++file.users;
      return file.descriptor;
    }
  loadedFiles.push_back({descriptor, info.st_dev, info.st_ino, 1});
  return descriptor;
}

static std::string descriptorPath(int descriptor) {
  return "/proc/self/fd/" + std::to_string(descriptor);
}

/// False for files that are cut short: the dynamic linker would map them and
/// fault on what is missing.
static bool isComplete(int descriptor, uint64_t size) {
  ElfW(Ehdr) head;
  if (::pread(descriptor, &head, sizeof(head), 0) != sizeof(head) ||
      std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 ||
      head.e_ident[EI_CLASS] != ELFCLASS64)
    return true; // Not a library for this machine: the linker says so.
  if (head.e_phentsize != sizeof(ElfW(Phdr)))
    return false;
  for (unsigned i = 0; i < head.e_phnum; ++i) {
    ElfW(Phdr) segment;
    if (::pread(descriptor, &segment, sizeof(segment),
                head.e_phoff + i * sizeof(segment)) != sizeof(segment) ||
        segment.p_offset > size || segment.p_filesz > size - segment.p_offset)
      return false;
  }
  return true;
}

/// Opens the file of a program, or says why not.
static format::Result<int> openFile(const std::string &path) {
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat info;
  if (descriptor < 0 || ::fstat(descriptor, &info) != 0) {
    int number = errno;
    if (descriptor >= 0)
      ::close(descriptor);
    return makeError("cannot open ", quoteName(path), ": ",
                     std::strerror(number));
  }
  const bool isFile = S_ISREG(info.st_mode);
  if (isFile && isComplete(descriptor, info.st_size))
    return takeLoaded(descriptor, info);
  ::close(descriptor);
  if (!isFile)
    return makeError("cannot load ", quoteName(path),
                     ": expected a regular file");
  return makeError("cannot load ", quoteName(path),
                   ": the file is cut short, it has ", info.st_size, " bytes");
}

format::Result<std::unique_ptr<SharedObject>>
SharedObject::open(const std::string &path) {
  std::unique_ptr<SharedObject> object(new SharedObject());
  // Released first: what fails is unloaded under a lock of its own.
  LoadLock lock;
  format::Result<int> file = openFile(path);
  if (!file)
    return file.error();
  object->file = *file;
  object->handle =
      ::dlopen(descriptorPath(object->file).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!object->handle)
    return makeError("cannot load ", quoteName(path), ": ",
                     checkpoint::escapeName(::dlerror(), 400));
  struct link_map *map = nullptr;
  ::dlinfo(object->handle, RTLD_DI_LINKMAP, &map);
  object->base = map ? reinterpret_cast<const void *>(map->l_addr) : nullptr;
  return object;
}

SharedObject::~SharedObject() {
  if (file < 0)
    return;
  LoadLock lock;
  if (handle)
    ::dlclose(handle);
  auto found = std::find_if(
      loadedFiles.begin(), loadedFiles.end(),
      [&](const LoadedFile &loaded) { return loaded.descriptor == file; });
  if (--found->users > 0)
    return;
  // What refuses to be unloaded keeps its name.
  if (void *left =
          ::dlopen(descriptorPath(file).c_str(), RTLD_NOW | RTLD_NOLOAD)) {
    ::dlclose(left);
    return;
  }
  ::close(file);
  loadedFiles.erase(found);
}

void *SharedObject::symbol(const char *name) const {
  // The dynamic linker has a lock of its own.
  LoadLock lock;
  // dlsym also looks into the libraries that this one needs.
  void *address = ::dlsym(handle, name);
  Dl_info info = {};
  if (!address || !::dladdr(address, &info) || info.dli_fbase != base)
    return nullptr;
  return address;
}
