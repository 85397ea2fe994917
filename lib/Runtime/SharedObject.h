//===- SharedObject.h - A loaded shared library ---------------------------===//
//
// dlopen of one file, such that a file of the same name that is loaded later is
// a different library. Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_RUNTIME_SHAREDOBJECT_H
#define SPARSE_OPT_LIB_RUNTIME_SHAREDOBJECT_H

#include "sparse-opt/Format/Result.h"

#include <memory>
#include <string>

namespace mlir::sparsity::runtime {

/// A file that is open for the dynamic linker.
struct LoadedFile;

class SharedObject {
public:
  static format::Result<std::unique_ptr<SharedObject>>
  open(const std::string &path);
  ~SharedObject();
  SharedObject(const SharedObject &) = delete;

  /// Null when the library itself does not export `name`.
  void *symbol(const char *name) const;
  /// Where it is loaded: what dladdr says of addresses in it.
  const void *image() const { return base; }
  /// The open file; it can be read even after it was removed. -1 where the
  /// process has closed it.
  int descriptor() const;

private:
  SharedObject() = default;
  LoadedFile *file = nullptr;
  void *handle = nullptr;
  const void *base = nullptr;
};

} // namespace mlir::sparsity::runtime

#endif // SPARSE_OPT_LIB_RUNTIME_SHAREDOBJECT_H
