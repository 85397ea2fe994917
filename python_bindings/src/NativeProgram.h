//===- NativeProgram.h - A program as a Python object ---------------------===//
//
// The class behind sparse_opt.Program: the C interface of the runtime with
// arrays in place of tensors.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_PYTHON_NATIVEPROGRAM_H
#define SPARSE_OPT_PYTHON_NATIVEPROGRAM_H

#include "Arrays.h"

#include "CompileAndLoad.h"

#include <array>
#include <vector>

namespace mlir::sparsity::python {

class NativeProgram {
public:
  /// A compiled program, and the arrays that its weights are borrowed from.
  NativeProgram(std::unique_ptr<LoadedProgram> compiled,
                std::vector<BorrowedArray> weights);
  static std::unique_ptr<NativeProgram> load(const std::string &path);

  nb::list call(int64_t function, nb::sequence arguments,
                nb::handle threadCount, bool toTorch) const;
  /// What each operation did: microseconds, floating-point operations, bytes.
  /// The results are dropped.
  std::vector<std::array<double, 3>>
  time(int64_t function, nb::sequence arguments, nb::handle threadCount) const;
  void setWeights(nb::dict weights);
  void save(const std::string &path) const;

  std::string report() const { return sparse_opt_report(get()); }
  std::string target() const { return sparse_opt_target(get()); }
  nb::list functions() const;
  nb::list parameters() const;

  /// Arguments of one call, and what they are borrowed from.
  struct Arguments {
    std::vector<BorrowedArray> borrowed;
    std::vector<SparseOptTensor> inputs;
  };
  /// All inputs of a function, or those that are no statistics.
  Arguments borrow(int64_t function, nb::sequence arguments,
                   bool withStatistics = true) const;
  SparseOptProgram *get() const {
    return compiled ? compiled->program.get() : loaded.get();
  }

private:
  NativeProgram() = default;
  void describeInputs();

  std::vector<BorrowedArray> weights;
  std::unique_ptr<LoadedProgram> compiled;
  ProgramHandle loaded;
  struct Input {
    /// For messages: "input 'x'".
    std::string text;
    bool isUpdated, isStatistic;
  };
  /// Of each function.
  std::vector<std::vector<Input>> inputs;
};

} // namespace mlir::sparsity::python

#endif // SPARSE_OPT_PYTHON_NATIVEPROGRAM_H
