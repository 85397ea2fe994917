//===- Calibration.h - Statistics of an instrumented program --------------===//
//
// Owns the memory that an instrumented program adds to, and writes what it has
// become as a profile. Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_RUNTIME_CALIBRATION_H
#define SPARSE_OPT_LIB_RUNTIME_CALIBRATION_H

#include "Program.h"

#include <mutex>
#include <unistd.h>

namespace mlir::sparsity::runtime {

class Calibration {
public:
  /// The program must outlive the calibration.
  static Outcome begin(Program &program, int64_t function,
                       std::unique_ptr<Calibration> &calibration);

  /// Adds what one call sees. `inputs` are all but the statistics. Nothing is
  /// added where they are refused.
  Outcome add(const SparseOptTensor *inputs, int64_t count, int32_t threads);
  /// Writes the profile; the statistics stay and may grow.
  Outcome save(const std::string &path) const;

private:
  struct State {
    /// Of the function's inputs.
    size_t index;
    std::unique_ptr<void, void (*)(void *)> memory;
    SparseOptTensor tensor;
  };

  Calibration(Program &program, int64_t function)
      : program(program), function(function) {}
  const FunctionSpec &spec() const {
    return program.spec().functions[function];
  }
  Outcome addState(size_t index);
  Outcome checkInputs(const SparseOptTensor *inputs, int64_t count) const;
  Outcome checkProcess() const;
  Outcome checkWhole() const;
  std::vector<const State *> findSeen() const;
  Outcome checkStates(const std::vector<const State *> &seen) const;

  Program &program;
  int64_t function;
  const pid_t process = ::getpid();
  /// Guards what follows.
  mutable std::mutex mutex;
  std::vector<State> states;
  bool isBroken = false;
};

} // namespace mlir::sparsity::runtime

#endif // SPARSE_OPT_LIB_RUNTIME_CALIBRATION_H
