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
// only the parent has, and for locks that they held. Such children do without
// it: the functions at the end of this file run regions in one thread.
//
//===----------------------------------------------------------------------===//

#include "OpenMP.h"

#include "StateLock.h"

#include "sparse-opt/Runtime/Runtime.h"

#include <atomic>
#include <cstdarg>
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
SPARSE_OPT_API void sparse_opt_find_openmp(void) { OpenMP::getWhileLoading(); }
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
static std::atomic<bool> isForked;
/// True in a forked child that does without the library.
static std::atomic<bool> isSerial;

/// What a library makes of its environment; "on" is taken for false, which
/// costs children their threads only.
static bool startsInChildren() {
  const char *value = std::getenv("KMP_INIT_AT_FORK");
  return !value || std::strchr("1tTyY", *value);
}

/// Held while the library is started.
static std::mutex startMutex;

/// The name of the note that a library leaves when it starts in a process.
static std::string noteName(pid_t process) {
  return "/__KMP_REGISTERED_LIB_" + std::to_string(process) + "_" +
         std::to_string(::getuid());
}

static bool hasNote(pid_t process) {
  std::string name = noteName(process);
  return ::access(("/dev/shm" + name).c_str(), F_OK) == 0 ||
         ::access(("/tmp" + name).c_str(), F_OK) == 0;
}

static void withdrawNote() {
  std::string name = noteName(::getpid());
  ::shm_unlink(name.c_str());
  // Where there is no shared memory.
  ::unlink(("/tmp" + name).c_str());
}

/// True when a library that is there has started in a parent and not here, as
/// far as one can tell.
static bool isInherited() {
  return !hasNote(::getpid()) && (isForked || hasNote(::getppid()));
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

bool OpenMP::takeLoaded() {
  if (void *library = findVisible(); library && takeFunctions(library))
    return true;
  for (const char *name : kNames)
    if (void *library = ::dlopen(name, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
        library && takeFunctions(library))
      return true;
  return false;
}

bool OpenMP::load() {
  for (const char *place : kPlaces)
    if (void *library = ::dlopen(place, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
        library && takeFunctions(library))
      return true;
  return false;
}

void OpenMP::start() const {
  if (!complete || isSerial || isStarted.load(std::memory_order_acquire))
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
  isForked = true;
  const OpenMP *library = found.load();
  if (library && !library->hasThreadsInChildren)
    doWithout();
}

OpenMP::OpenMP() : hasThreadsInChildren(startsInChildren()) {
  if (takeLoaded()) {
    complete = true;
    if (!hasThreadsInChildren && isInherited())
      doWithout();
  } else {
    complete = load();
  }
}

const OpenMP &OpenMP::find() {
  const OpenMP *library = found.load(std::memory_order_acquire);
  if (library)
    return *library;
  // Two threads find the same one.
  const OpenMP *fresh = new OpenMP();
  // A fork waits meanwhile. Not where the library is at work already: a forking
  // thread may have its locks and wait for ours.
  if (!isForked && !hasNote(::getpid()))
    fresh->start();
  if (found.compare_exchange_strong(library, fresh))
    return *fresh;
  delete fresh;
  return *library;
}

const OpenMP &OpenMP::getWhileLoading() {
  const OpenMP &library = find();
  library.start();
  return library;
}

const OpenMP &OpenMP::get() {
  if (!found.load(std::memory_order_acquire)) {
    LoadLock lock;
    find();
  }
  return getWhileLoading();
}

int OpenMP::level() const { return isSerial || !nesting ? 0 : nesting(); }

OpenMP::ThreadScope::ThreadScope(int threads) {
  if (threads <= 0 || isSerial)
    return;
  before = get().maxThreads();
  get().setThreads(threads);
}

OpenMP::ThreadScope::~ThreadScope() {
  if (before > 0)
    get().setThreads(before);
}

//===----------------------------------------------------------------------===//
// Without a library
//===----------------------------------------------------------------------===//

/// As __kmpc_fork_call: what LLVM makes of a region has its variables behind
/// one pointer, if it has any.
static void callRegion(void *, int32_t count,
                       void (*region)(int32_t *, int32_t *, void *), ...) {
  va_list arguments;
  va_start(arguments, region);
  void *variables = count > 0 ? va_arg(arguments, void *) : nullptr;
  va_end(arguments);
  int32_t thread = 0, bound = 0;
  region(&thread, &bound, variables);
}

static int32_t getThread(void *) { return 0; }
static int32_t getThreadCount(void *) { return 1; }
static int getMaxThreads() { return 1; }

void OpenMP::doWithout() {
  isSerial = true;
  sparse_opt_kmpc_fork_call = reinterpret_cast<void *>(callRegion);
  sparse_opt_kmpc_global_thread_num = reinterpret_cast<void *>(getThread);
  sparse_opt_kmpc_bound_thread_num = reinterpret_cast<void *>(getThread);
  sparse_opt_kmpc_bound_num_threads = reinterpret_cast<void *>(getThreadCount);
  sparse_opt_omp_get_max_threads = reinterpret_cast<void *>(getMaxThreads);
}
