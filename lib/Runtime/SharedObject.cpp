//===- SharedObject.cpp - A loaded shared library -------------------------===//
//
// The dynamic linker takes a path that it has loaded before for the same
// library, even when a new file has that name now: a program that was compiled
// again would be the old one. Each file is therefore opened here and loaded
// under the name of its descriptor, which no other library has while it is
// open.
//
//===----------------------------------------------------------------------===//

#include "SharedObject.h"

#include "sparse-opt/Checkpoint/Names.h"

#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace mlir::sparsity;
using namespace mlir::sparsity::runtime;
using checkpoint::quoteName;
using format::makeError;

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

format::Result<std::unique_ptr<SharedObject>>
SharedObject::open(const std::string &path) {
  std::unique_ptr<SharedObject> object(new SharedObject());
  object->file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat info;
  if (object->file < 0 || ::fstat(object->file, &info) != 0)
    return makeError("cannot open ", quoteName(path), ": ",
                     std::strerror(errno));
  if (!S_ISREG(info.st_mode))
    return makeError("cannot load ", quoteName(path),
                     ": expected a regular file");
  if (!isComplete(object->file, info.st_size))
    return makeError("cannot load ", quoteName(path),
                     ": the file is cut short, it has ", info.st_size,
                     " bytes");
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
  if (handle)
    ::dlclose(handle);
  // What refuses to be unloaded keeps its name.
  void *left = handle && file >= 0 ? ::dlopen(descriptorPath(file).c_str(),
                                              RTLD_NOW | RTLD_NOLOAD)
                                   : nullptr;
  if (left)
    ::dlclose(left);
  else if (file >= 0)
    ::close(file);
}

void *SharedObject::symbol(const char *name) const {
  // dlsym also looks into the libraries that this one needs.
  void *address = ::dlsym(handle, name);
  Dl_info info = {};
  if (!address || !::dladdr(address, &info) || info.dli_fbase != base)
    return nullptr;
  return address;
}
