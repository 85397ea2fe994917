//===- OpenMP.cpp - The OpenMP library of compiled programs ---------------===//
//
// Where an OpenMP library is looked for: in the process, in LLVM 22's folder,
// on the search path of the dynamic linker.
//
//===----------------------------------------------------------------------===//
//
// libomp of LLVM and Intel's libiomp5 are one implementation: they end the
// process when the second of them starts. Programs therefore use the one that
// is there. Where this library has brought its own, it withdraws the note of it
// in shared memory, so that another one may start later; they share nothing,
// since no symbol of ours is visible to others.
//
//===----------------------------------------------------------------------===//

#include "OpenMP.h"

#include <dlfcn.h>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

using namespace mlir::sparsity::runtime;

/// What compiled programs call, through addresses with these names.
extern "C" {
#define SPARSE_OPT_EXPORT __attribute__((visibility("default")))
SPARSE_OPT_EXPORT void *sparse_opt_kmpc_fork_call;
SPARSE_OPT_EXPORT void *sparse_opt_kmpc_global_thread_num;
SPARSE_OPT_EXPORT void *sparse_opt_kmpc_bound_thread_num;
SPARSE_OPT_EXPORT void *sparse_opt_kmpc_bound_num_threads;
SPARSE_OPT_EXPORT void *sparse_opt_omp_get_max_threads;
#undef SPARSE_OPT_EXPORT
}

static constexpr const char *kNames[] = {"libomp.so.5", "libiomp5.so",
                                         "libomp.so"};
static constexpr const char *kPlaces[] = {"/usr/lib/llvm-22/lib/libomp.so.5",
                                          "libomp.so.5", "libomp.so",
                                          "libiomp5.so"};

static void *findLoaded() {
  for (const char *name : kNames)
    if (void *library = ::dlopen(name, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE))
      return library;
  return nullptr;
}

static void *loadOwn() {
  for (const char *place : kPlaces)
    if (void *library = ::dlopen(place, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE))
      return library;
  return nullptr;
}

/// Takes away what a started library has noted for the next one to find.
static void withdrawNote() {
  std::string name = "/__KMP_REGISTERED_LIB_" + std::to_string(::getpid()) +
                     "_" + std::to_string(::getuid());
  ::shm_unlink(name.c_str());
}

OpenMP::OpenMP() {
  void *loaded = findLoaded();
  void *library = loaded ? loaded : loadOwn();
  if (!library)
    return;
  complete = true;
  auto find = [&](const char *name) {
    void *address = ::dlsym(library, name);
    complete &= address != nullptr;
    return address;
  };
  setThreads = reinterpret_cast<void (*)(int)>(find("omp_set_num_threads"));
  nesting = reinterpret_cast<int (*)()>(find("omp_get_level"));
  sparse_opt_omp_get_max_threads = find("omp_get_max_threads");
  maxThreads = reinterpret_cast<int (*)()>(sparse_opt_omp_get_max_threads);
  sparse_opt_kmpc_fork_call = find("__kmpc_fork_call");
  sparse_opt_kmpc_global_thread_num = find("__kmpc_global_thread_num");
  sparse_opt_kmpc_bound_thread_num = find("__kmpc_bound_thread_num");
  sparse_opt_kmpc_bound_num_threads = find("__kmpc_bound_num_threads");
  if (complete && !loaded) {
    maxThreads(); // Starts the library.
    withdrawNote();
  }
}

const OpenMP &OpenMP::get() {
  static const OpenMP instance;
  return instance;
}

OpenMP::ThreadScope::ThreadScope(int threads) {
  if (threads <= 0)
    return;
  before = get().maxThreads();
  get().setThreads(threads);
}

OpenMP::ThreadScope::~ThreadScope() {
  if (before > 0)
    get().setThreads(before);
}
