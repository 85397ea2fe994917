//===- StateLock.cpp - What the calls of a process share ------------------===//
//
// The locks, and what happens when the process forks.
//
//===----------------------------------------------------------------------===//

#include "StateLock.h"

#include "OpenMP.h"
#include "ReportedErrors.h"

#include <mutex>
#include <pthread.h>

using namespace mlir::sparsity::runtime;

static std::mutex stateMutex, loadMutex;

StateLock::StateLock() { stateMutex.lock(); }
StateLock::~StateLock() { stateMutex.unlock(); }

LoadLock::LoadLock() { loadMutex.lock(); }
LoadLock::~LoadLock() { loadMutex.unlock(); }

static void beforeFork() {
  loadMutex.lock();
  stateMutex.lock();
}

static void afterFork() {
  stateMutex.unlock();
  loadMutex.unlock();
}

/// The forking thread is the only one that the child has.
static void inChild() {
  keepOwnCalls();
  OpenMP::noticeFork();
  afterFork();
}

/// When this library is loaded.
__attribute__((constructor)) static void watchForks() {
  ::pthread_atfork(beforeFork, afterFork, inChild);
}
