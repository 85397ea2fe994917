//===- ReportedErrors.h - Errors from inside compiled code ----------------===//
//
// Which calls are running, and what their programs reported. Private to this
// room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_RUNTIME_REPORTEDERRORS_H
#define SPARSE_OPT_LIB_RUNTIME_REPORTEDERRORS_H

#include <csetjmp>
#include <cstdint>
#include <mutex>
#include <string>

namespace mlir::sparsity::runtime {

/// One running call: registered while it lives, in the thread that calls.
class RunningCall {
public:
  /// `image` is where the program is loaded.
  explicit RunningCall(const void *image);
  ~RunningCall();
  RunningCall(const RunningCall &) = delete;

  /// What the program reported, or empty.
  std::string message() const;
  void report(const char *text);
  /// Memory could not be had.
  bool isOutOfMemory = false;

  const void *const image;
  /// Where a call that cannot go on returns to.
  std::jmp_buf exit;

private:
  friend class CallRegistry;
  mutable std::mutex mutex;
  std::string first;
  RunningCall *next = nullptr, *previous = nullptr;
  /// The call of the same thread that this one runs inside of.
  RunningCall *outer;
};

/// Ends the running call of this thread because `bytes` could not be had. In a
/// parallel region, or without a call, there is nowhere to return to: says so
/// and aborts.
[[noreturn]] void abandonCall(uint64_t bytes);

} // namespace mlir::sparsity::runtime

#endif // SPARSE_OPT_LIB_RUNTIME_REPORTEDERRORS_H
