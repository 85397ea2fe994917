//===- LastError.cpp - The message of a thread's last failure -------------===//
//
// One string per thread; nothing else.
//
//===----------------------------------------------------------------------===//

#include "LastError.h"

using namespace mlir::sparsity::runtime;

static std::string &lastError() {
  static thread_local std::string message;
  return message;
}

SparseOptStatus mlir::sparsity::runtime::fail(SparseOptStatus status,
                                              std::string message) {
  lastError() = std::move(message);
  return status;
}

const char *sparse_opt_last_error(void) { return lastError().c_str(); }
