//===- NativeCalibration.h - A calibration as a Python object -------------===//
//
// The class behind sparse_opt.Calibration.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_PYTHON_NATIVECALIBRATION_H
#define SPARSE_OPT_PYTHON_NATIVECALIBRATION_H

#include "NativeProgram.h"

namespace mlir::sparsity::python {

class NativeCalibration {
public:
  /// The program must outlive it.
  NativeCalibration(const NativeProgram &program, int64_t function);

  /// Adds what a call with all inputs but the statistics sees.
  void add(nb::sequence arguments, nb::handle threadCount);
  void save(const std::string &path) const;

private:
  struct End {
    void operator()(SparseOptCalibration *calibration) const {
      sparse_opt_end_calibration(calibration);
    }
  };

  const NativeProgram &program;
  int64_t function;
  std::unique_ptr<SparseOptCalibration, End> calibration;
};

} // namespace mlir::sparsity::python

#endif // SPARSE_OPT_PYTHON_NATIVECALIBRATION_H
