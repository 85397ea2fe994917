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

#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <list>
#include <sys/stat.h>
#include <unistd.h>

using namespace mlir::sparsity;
using namespace mlir::sparsity::runtime;
using checkpoint::quoteName;
using format::makeError;

namespace mlir::sparsity::runtime {
struct LoadedFile {
  int descriptor;
  dev_t device;
  ino_t inode;
  /// Objects that have it; it may stay loaded without any.
  int users;

  bool is(const struct stat &info) const {
    return device == info.st_dev && inode == info.st_ino;
  }
  /// False where the process closed the descriptor: daemons close them all.
  bool isOpen() const {
    struct stat info;
    return ::fstat(descriptor, &info) == 0 && is(info);
  }
};
} // namespace mlir::sparsity::runtime

/// Under the LoadLock. Never destroyed: programs may be at exit.
static std::list<LoadedFile> &loadedFiles = *new std::list<LoadedFile>();

/// The file of `descriptor`, which has one user more; of two descriptors one
/// is closed.
static LoadedFile *takeLoaded(int descriptor, const struct stat &info) {
  for (LoadedFile &file : loadedFiles) {
    if (!file.is(info))
      continue;
    if (file.isOpen())
      ::close(descriptor);
    else
      file.descriptor = descriptor;
    ++file.users;
    return &file;
  }
  loadedFiles.push_back({descriptor, info.st_dev, info.st_ino, 1});
  return &loadedFiles.back();
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
static format::Result<LoadedFile *> openFile(const std::string &path) {
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
  format::Result<LoadedFile *> file = openFile(path);
  if (!file)
    return file.error();
  object->file = *file;
  object->handle = ::dlopen(descriptorPath(object->file->descriptor).c_str(),
                            RTLD_NOW | RTLD_LOCAL);
  if (!object->handle)
    return makeError("cannot load ", quoteName(path), ": ",
                     checkpoint::escapeName(::dlerror(), 400));
  struct link_map *map = nullptr;
  ::dlinfo(object->handle, RTLD_DI_LINKMAP, &map);
  object->base = map ? reinterpret_cast<const void *>(map->l_addr) : nullptr;
  return object;
}

SharedObject::~SharedObject() {
  if (!file)
    return;
  LoadLock lock;
  if (handle)
    ::dlclose(handle);
  if (--file->users > 0)
    return;
  const bool isOpen = file->isOpen();
  // What refuses to be unloaded keeps its name.
  std::string name = descriptorPath(file->descriptor);
  if (void *left =
          isOpen ? ::dlopen(name.c_str(), RTLD_NOW | RTLD_NOLOAD) : nullptr) {
    ::dlclose(left);
    return;
  }
  if (isOpen)
    ::close(file->descriptor);
  loadedFiles.remove_if(
      [&](const LoadedFile &other) { return &other == file; });
}

int SharedObject::descriptor() const {
  LoadLock lock;
  return file->isOpen() ? file->descriptor : -1;
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
