//===- NativeCalibration.cpp - A calibration as a Python object -----------===//
//
// See NativeCalibration.h.
//
//===----------------------------------------------------------------------===//

#include "NativeCalibration.h"

using namespace mlir::sparsity;
using namespace mlir::sparsity::python;

NativeCalibration::NativeCalibration(const NativeProgram &program,
                                     int64_t function)
    : program(program), function(function) {
  SparseOptCalibration *begun = nullptr;
  SparseOptStatus status =
      sparse_opt_begin_calibration(program.get(), function, &begun);
  if (status != SPARSE_OPT_OK)
    raiseLastError(status);
  calibration.reset(begun);
}

void NativeCalibration::add(nb::sequence arguments, nb::handle threadCount) {
  int32_t threads = threadsOf(threadCount);
  NativeProgram::Arguments borrowed =
      program.borrow(function, arguments, /*withStatistics=*/false);
  SparseOptStatus status;
  {
    nb::gil_scoped_release release;
    status = sparse_opt_calibrate(calibration.get(), borrowed.inputs.data(),
                                  borrowed.inputs.size(), threads);
  }
  if (status != SPARSE_OPT_OK)
    raiseLastError(status);
}

void NativeCalibration::save(const std::string &path) const {
  SparseOptStatus status;
  {
    nb::gil_scoped_release release;
    status = sparse_opt_save_profile(calibration.get(), path.c_str());
  }
  if (status != SPARSE_OPT_OK)
    raiseLastError(status);
}
