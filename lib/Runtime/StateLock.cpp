//===- StateLock.cpp - What the calls of a process share -----------------===//
//
// The lock, and what happens when the process forks.
//
//===----------------------------------------------------------------------===//

#include "StateLock.h"

#include "OpenMP.h"
#include "ReportedErrors.h"

#include <mutex>
#include <pthread.h>

using namespace mlir::sparsity::runtime;

static std::mutex stateMutex;

StateLock::StateLock() { stateMutex.lock(); }
StateLock::~StateLock() { stateMutex.unlock(); }

static void beforeFork() { stateMutex.lock(); }
static void afterFork() { stateMutex.unlock(); }

/// The forking thread is the only one that the child has.
static void inChild() {
  keepOwnCalls();
  OpenMP::noticeFork();
  stateMutex.unlock();
}

/// When this library is loaded: no fork comes too early.
__attribute__((constructor)) static void watchForks() {
  ::pthread_atfork(beforeFork, afterFork, inChild);
}
