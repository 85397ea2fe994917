//===- OpenMP.cpp - The OpenMP library of compiled programs ---------------===//
//
// Where libomp is looked for: in the process, in LLVM 22's folder, on the
// search path of the dynamic linker.
//
//===----------------------------------------------------------------------===//

#include "OpenMP.h"

#include <dlfcn.h>

using namespace mlir::sparsity::runtime;

static constexpr const char *kPlaces[] = {"/usr/lib/llvm-22/lib/libomp.so.5",
                                          "libomp.so.5", "libomp.so"};

static void *loadLibrary() {
  if (void *loaded = ::dlopen("libomp.so.5", RTLD_NOW | RTLD_NOLOAD))
    return loaded;
  for (const char *place : kPlaces)
    if (void *library = ::dlopen(place, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE))
      return library;
  return nullptr;
}

template <typename Function>
static void find(void *library, const char *name, Function *&function) {
  function = reinterpret_cast<Function *>(::dlsym(library, name));
}

OpenMP::OpenMP() {
  void *library = loadLibrary();
  if (!library)
    return;
  find(library, "omp_set_num_threads", setThreads);
  find(library, "omp_get_max_threads", maxThreads);
  find(library, "omp_get_level", nesting);
}

const OpenMP &OpenMP::get() {
  static const OpenMP instance;
  return instance;
}

OpenMP::ThreadScope::ThreadScope(int threads) {
  const OpenMP &library = get();
  if (threads <= 0 || !library.isLoaded())
    return;
  before = library.maxThreads();
  library.setThreads(threads);
}

OpenMP::ThreadScope::~ThreadScope() {
  if (before > 0)
    get().setThreads(before);
}
