//===- OpenMP.cpp - The OpenMP library of compiled programs ---------------===//
//
// Where an OpenMP library is looked for: in the process, in LLVM 22's folder,
// on the search path of the dynamic linker.
//
//===----------------------------------------------------------------------===//
//
// libomp of LLVM and Intel's libiomp5 are one implementation: a copy that
// starts leaves a note in shared memory, and one that finds the note of another
// ends the process. Programs use a copy that is there; where there are several
// all the same, notes are withdrawn when ours starts, here and in forked
// children. Copies share nothing: no symbol of ours is visible to others.
//
// KMP_INIT_AT_FORK=FALSE, which scikit-learn and joblib set, keeps a library
// from starting anew in forked children: it would wait there for threads that
// only the parent has. Such children get regions of one thread.
//
//===----------------------------------------------------------------------===//

#include "OpenMP.h"

#include "sparse-opt/Runtime/Runtime.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <mutex>
#include <new>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

using namespace mlir::sparsity::runtime;

extern "C" {
#define SPARSE_OPT_OPENMP_FUNCTION(symbol, address)                            \
  SPARSE_OPT_API void *address;
#include "OpenMPFunctions.def"

/// Called when a program is loaded, by whomever.
SPARSE_OPT_API void sparse_opt_find_openmp(void) { OpenMP::get(); }
}

static constexpr const char *kNames[] = {"libomp.so.5", "libiomp5.so",
                                         "libomp.so"};
static constexpr const char *kPlaces[] = {"/usr/lib/llvm-22/lib/libomp.so.5",
                                          "libomp.so.5", "libomp.so",
                                          "libiomp5.so"};

/// The library; never destroyed.
static std::atomic<const OpenMP *> found;
/// False in a forked child until the library has started there.
static std::atomic<bool> isStarted;
/// True in a forked child whose parent had the library.
static std::atomic<bool> isForked;

/// What the library makes of its environment; "on" is taken for false, which
/// costs children their threads only.
static bool startsInChildren() {
  const char *value = std::getenv("KMP_INIT_AT_FORK");
  return !value || std::strchr("1tTyY", *value);
}

/// Held while the library is found or started.
static std::mutex startMutex;

static void withdrawNote() {
  std::string name = "/__KMP_REGISTERED_LIB_" + std::to_string(::getpid()) +
                     "_" + std::to_string(::getuid());
  ::shm_unlink(name.c_str());
  // Where there is no shared memory.
  ::unlink(("/tmp" + name).c_str());
}

bool OpenMP::takeFunctions(void *library) {
  bool complete = true;
  auto find = [&](const char *name) {
    void *address = ::dlsym(library, name);
    complete &= address != nullptr;
    return address;
  };
  setThreads = reinterpret_cast<void (*)(int)>(find("omp_set_num_threads"));
  maxThreads = reinterpret_cast<int (*)()>(find("omp_get_max_threads"));
  nesting = reinterpret_cast<int (*)()>(find("omp_get_level"));
#define SPARSE_OPT_OPENMP_FUNCTION(symbol, address) address = find(#symbol);
#include "OpenMPFunctions.def"
  return complete;
}

/// The library that others see, whatever its name is: one of ours would take
/// its functions for its own.
static void *findVisible() {
  void *address = ::dlsym(RTLD_DEFAULT, "__kmpc_fork_call");
  Dl_info info = {};
  if (!address || !::dladdr(address, &info))
    return nullptr;
  return ::dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}

bool OpenMP::findLibrary() {
  if (void *library = findVisible(); library && takeFunctions(library))
    return true;
  for (const char *name : kNames)
    if (void *library = ::dlopen(name, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
        library && takeFunctions(library))
      return true;
  for (const char *place : kPlaces)
    if (void *library = ::dlopen(place, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
        library && takeFunctions(library))
      return true;
  return false;
}

void OpenMP::start() const {
  if (isStarted.load(std::memory_order_acquire))
    return;
  std::lock_guard<std::mutex> lock(startMutex);
  if (isStarted.load(std::memory_order_relaxed))
    return;
  withdrawNote();
  maxThreads();
  withdrawNote();
  isStarted.store(true, std::memory_order_release);
}

void OpenMP::noticeFork() {
  // Another thread may have held it.
  new (&startMutex) std::mutex();
  isStarted = false;
  isForked = found.load() != nullptr;
}

OpenMP::OpenMP()
    : complete(findLibrary()), hasThreadsInChildren(startsInChildren()) {}

const OpenMP &OpenMP::get() {
  if (const OpenMP *library = found.load(std::memory_order_acquire))
    return *library;
  std::unique_lock<std::mutex> lock(startMutex);
  if (!found.load(std::memory_order_relaxed))
    found.store(new OpenMP(), std::memory_order_release);
  lock.unlock();
  if (found.load()->complete)
    found.load()->start();
  return *found.load();
}

OpenMP::ThreadScope::ThreadScope(int threads) {
  get().start();
  if (isForked && !get().hasThreadsInChildren)
    threads = 1;
  if (threads <= 0)
    return;
  before = get().maxThreads();
  get().setThreads(threads);
}

OpenMP::ThreadScope::~ThreadScope() {
  if (before > 0)
    get().setThreads(before);
}
