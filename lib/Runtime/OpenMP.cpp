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
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <new>
#include <pthread.h>
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
/// True from when the library begins to start, also in forked children.
static std::atomic<bool> hasBegun;
/// True in a forked child until it is known that the library was told of the
/// fork: it is not while it starts.
static std::atomic<bool> isUntold;
static std::atomic<bool> isForked;
/// True in a forked child that does without the library.
static std::atomic<bool> isSerial;

/// What a library makes of its environment; "on" is taken for false, which
/// costs children their threads only.
static bool startsInChildren() {
  const char *value = std::getenv("KMP_INIT_AT_FORK");
  return !value || std::strchr("1tTyY", *value);
}

/// Held while the library is started, and while it is made known.
static std::mutex startMutex, findMutex;

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

/// What the kernel told a process when its program began: places in memory,
/// which are random.
static std::string readBeginning(const std::string &process) {
  std::ifstream file("/proc/" + process + "/auxv", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// True when the parent runs the same program and not one that began anew.
static bool isForkOfParent() {
  std::string own = readBeginning("self");
  return !own.empty() && own == readBeginning(std::to_string(::getppid()));
}

/// True when a library that is there has started in a parent and not here, as
/// far as one can tell: not where the parent has ended or its note is gone.
static bool isInherited() {
  return !hasNote(::getpid()) &&
         (isForked || (hasNote(::getppid()) && isForkOfParent()));
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
  addresses.clear();
#define SPARSE_OPT_OPENMP_FUNCTION(symbol, address)                            \
  addresses.push_back(find(#symbol));
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
  if (isUntold)
    return doWithout();
  bool isFirst = !hasBegun.exchange(true);
  withdrawNote();
  maxThreads();
  withdrawNote();
  // After the library's own, which it has registered now: where this one runs,
  // that one has.
  if (isFirst)
    ::pthread_atfork(nullptr, nullptr, [] { isUntold = false; });
  isStarted.store(true, std::memory_order_release);
}

void OpenMP::noticeFork() {
  // Another thread may have held them.
  new (&startMutex) std::mutex();
  new (&findMutex) std::mutex();
  isStarted = false;
  isForked = true;
  isUntold = hasBegun.load();
  const OpenMP *library = found.load();
  if (library && !library->hasThreadsInChildren)
    doWithout();
}

OpenMP::OpenMP() : hasThreadsInChildren(startsInChildren()) {
  if (takeLoaded()) {
    complete = true;
    isForbidden = !hasThreadsInChildren && isInherited();
  } else {
    complete = load();
  }
}

void OpenMP::publish() const {
  if (!complete)
    return;
  void *const *next = addresses.data();
#define SPARSE_OPT_OPENMP_FUNCTION(symbol, address) address = *next++;
#include "OpenMPFunctions.def"
  if (isForbidden)
    doWithout();
}

const OpenMP &OpenMP::find() {
  if (const OpenMP *library = found.load(std::memory_order_acquire))
    return *library;
  // Two threads may search, and find the same: the first one counts.
  auto fresh = std::unique_ptr<OpenMP>(new OpenMP());
  std::lock_guard<std::mutex> lock(findMutex);
  if (!found.load(std::memory_order_relaxed)) {
    fresh->publish();
    found.store(fresh.release(), std::memory_order_release);
  }
  return *found.load();
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
  if (before > 0 && !isSerial)
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
