//===- ReportedErrors.h - What compiled code tells while it runs ----------===//
//
// Which calls are running, and what their programs reported: errors, and times.
// Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_RUNTIME_REPORTEDERRORS_H
#define SPARSE_OPT_LIB_RUNTIME_REPORTEDERRORS_H

#include "sparse-opt/Runtime/Runtime.h"

#include <chrono>
#include <csetjmp>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace mlir::sparsity::runtime {

/// One running call: registered while it lives, in the thread that calls.
class RunningCall {
public:
  /// `image` is where the program is loaded. Without `operations` nothing is
  /// timed.
  explicit RunningCall(const void *image,
                       SparseOptOperation *operations = nullptr,
                       int64_t operationCount = 0);
  ~RunningCall();
  RunningCall(const RunningCall &) = delete;

  /// What the program reported, or empty.
  std::string message() const;
  void report(const char *text);
  /// What was done since the last operation counts for this one.
  void finish(int64_t number, int64_t flops, int64_t bytes);
  /// Memory could not be had.
  bool isOutOfMemory = false;
  /// Notes memory that the program has, so that it can be given back when the
  /// call is abandoned.
  void addBlock(void *block) { blocks.push_back(block); }
  void removeBlock(void *block);
  /// Frees what is noted: the program has returned and does not need it.
  void freeBlocks();
  /// Ends the call; only in the thread that calls, outside of parallel regions.
  [[noreturn]] void abandon();
  /// True after `abandon`: there are no results.
  bool isAbandoned() const { return abandoned; }

  const void *const image;
  /// Where a call that cannot go on returns to.
  std::jmp_buf exit;

private:
  friend class CallRegistry;
  mutable std::mutex mutex;
  std::string first;
  SparseOptOperation *const operations;
  const int64_t operationCount;
  std::chrono::steady_clock::time_point last;
  RunningCall *next = nullptr, *previous = nullptr;
  /// The call of the same thread that this one runs inside of.
  RunningCall *outer;
  std::vector<void *> blocks;
  bool abandoned = false;
  /// Parallel regions around the call itself.
  const int level;
  friend RunningCall *currentCall();
};

/// The running call of this thread, if it is outside of parallel regions.
RunningCall *currentCall();

/// Forgets the calls of other threads, which a forked child does not have.
/// Needs the StateLock.
void keepOwnCalls();

/// Ends the running call of this thread because `bytes` could not be had. In a
/// parallel region, or without a call, there is nowhere to return to: says so
/// and aborts.
[[noreturn]] void abandonCall(uint64_t bytes);

} // namespace mlir::sparsity::runtime

#endif // SPARSE_OPT_LIB_RUNTIME_REPORTEDERRORS_H
