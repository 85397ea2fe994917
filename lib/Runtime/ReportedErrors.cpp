//===- ReportedErrors.cpp - Errors from inside compiled code --------------===//
//
// A worker thread of a parallel region does not know whose call it works for.
// Its message goes to every running call of the program that the message comes
// from: failing a call too many is safe, failing one too few is not.
//
//===----------------------------------------------------------------------===//

#include "ReportedErrors.h"

#include "Allocation.h"
#include "OpenMP.h"
#include "StateLock.h"

#include "sparse-opt/Runtime/Runtime.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <utility>

namespace mlir::sparsity::runtime {

static thread_local RunningCall *current = nullptr;
/// The list of blocks that this thread's last call had, for its next one.
static thread_local std::vector<void *> spareBlocks;

/// The running calls of the process, as a list through the calls themselves.
class CallRegistry {
public:
  void add(RunningCall *call) {
    StateLock lock;
    link(call);
  }

  void remove(RunningCall *call) {
    StateLock lock;
    (call->previous ? call->previous->next : first) = call->next;
    if (call->next)
      call->next->previous = call->previous;
  }

  /// Forgets all calls but `call` and those around it. Needs the StateLock.
  void keepOnly(RunningCall *call) {
    first = nullptr;
    for (; call; call = call->outer) {
      call->previous = nullptr;
      link(call);
    }
  }

  void report(const void *image, const char *message) {
    StateLock lock;
    for (RunningCall *call = first; call; call = call->next)
      if (call->image == image)
        call->report(message);
  }

private:
  void link(RunningCall *call) {
    call->next = first;
    if (first)
      first->previous = call;
    first = call;
  }

  RunningCall *first = nullptr;
};

static CallRegistry registry;

RunningCall::RunningCall(const void *image, SparseOptOperation *operations,
                         int64_t operationCount)
    : image(image), operations(operations), operationCount(operationCount),
      outer(current), blocks(std::exchange(spareBlocks, {})),
      level(OpenMP::get().level()) {
  registry.add(this);
  current = this;
  if (operations)
    last = std::chrono::steady_clock::now();
}

RunningCall::~RunningCall() {
  current = outer;
  registry.remove(this);
  blocks.clear();
  spareBlocks = std::move(blocks);
}

std::string RunningCall::message() const {
  std::lock_guard<std::mutex> lock(mutex);
  return first;
}

void RunningCall::report(const char *text) {
  std::lock_guard<std::mutex> lock(mutex);
  if (first.empty())
    first = text && *text ? text : "the program reported an error";
}

void RunningCall::finish(int64_t number, int64_t flops, int64_t bytes) {
  if (!operations || number < 0 || number >= operationCount)
    return;
  auto now = std::chrono::steady_clock::now();
  SparseOptOperation &operation = operations[number];
  operation.microseconds +=
      std::chrono::duration<double, std::micro>(now - last).count();
  operation.flops += static_cast<double>(flops);
  operation.bytes += static_cast<double>(bytes);
  last = now;
}

void RunningCall::removeBlock(void *block) {
  // The last ones are freed first.
  auto found = std::find(blocks.rbegin(), blocks.rend(), block);
  if (found != blocks.rend())
    blocks.erase(std::next(found).base());
}

void RunningCall::freeBlocks() {
  for (void *block : blocks)
    freeBlock(block);
  blocks.clear();
}

void RunningCall::abandon() {
  freeBlocks();
  abandoned = true;
  std::longjmp(exit, 1);
}

void keepOwnCalls() { registry.keepOnly(current); }

RunningCall *currentCall() {
  return current && OpenMP::get().level() == current->level ? current : nullptr;
}

void abandonCall(uint64_t bytes) {
  // No std::string: the jump below would skip its destructor.
  char message[96];
  std::snprintf(message, sizeof(message),
                "out of memory: the program asked for %llu bytes",
                static_cast<unsigned long long>(bytes));
  if (RunningCall *call = currentCall()) {
    call->report(message);
    call->isOutOfMemory = true;
    call->abandon();
  }
  std::fprintf(stderr, "sparse-opt: error: %s in a parallel region\n", message);
  std::abort();
}

} // namespace mlir::sparsity::runtime

void sparse_opt_report_error(const char *message) {
  using namespace mlir::sparsity::runtime;
  if (current) {
    current->report(message);
    if (RunningCall *call = currentCall())
      call->abandon();
    return;
  }
  Dl_info caller = {};
  {
    // The dynamic linker has a lock of its own.
    LoadLock lock;
    ::dladdr(__builtin_return_address(0), &caller);
  }
  registry.report(caller.dli_fbase, message);
}

void sparse_opt_operation_done(int64_t operation, int64_t flops,
                               int64_t bytes) {
  if (mlir::sparsity::runtime::current)
    mlir::sparsity::runtime::current->finish(operation, flops, bytes);
}
