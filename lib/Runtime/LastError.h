//===- LastError.h - From errors inside to statuses outside ---------------===//
//
// An error with the status that the C interface returns for it, and the text
// that the calling thread can ask for. Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_RUNTIME_LASTERROR_H
#define SPARSE_OPT_LIB_RUNTIME_LASTERROR_H

#include "sparse-opt/Format/Result.h"
#include "sparse-opt/Runtime/Runtime.h"

#include <string>

namespace mlir::sparsity::runtime {

using format::Error;
using format::makeError;
using format::Result;

/// Keeps `message` for sparse_opt_last_error and returns `status`.
SparseOptStatus fail(SparseOptStatus status, std::string message);

/// Success, or a status with its message.
class [[nodiscard]] Outcome {
public:
  Outcome() = default;
  Outcome(SparseOptStatus status, std::string message)
      : code(status), text(std::move(message)) {}
  Outcome(SparseOptStatus status, const Error &error)
      : Outcome(status, error.message) {}

  explicit operator bool() const { return code == SPARSE_OPT_OK; }
  SparseOptStatus status() const { return code; }
  const std::string &message() const { return text; }
  /// The end of every function of the C interface.
  SparseOptStatus publish() const {
    return *this ? SPARSE_OPT_OK : fail(code, text);
  }

private:
  SparseOptStatus code = SPARSE_OPT_OK;
  std::string text;
};

} // namespace mlir::sparsity::runtime

#endif // SPARSE_OPT_LIB_RUNTIME_LASTERROR_H
