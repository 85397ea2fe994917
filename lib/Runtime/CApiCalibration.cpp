//===- CApiCalibration.cpp - The C interface: calibration -----------------===//
//
// Checks pointers, and forwards.
//
//===----------------------------------------------------------------------===//

#include "Calibration.h"

using namespace mlir::sparsity::runtime;

static Calibration *unwrap(SparseOptCalibration *calibration) {
  return reinterpret_cast<Calibration *>(calibration);
}

static SparseOptStatus nullPointer(const char *what) {
  return fail(SPARSE_OPT_VALUE_ERROR,
              std::string("expected ") + what + ", got null");
}

SparseOptStatus
sparse_opt_begin_calibration(SparseOptProgram *program, int64_t function,
                             SparseOptCalibration **calibration) {
  if (!program || !calibration)
    return nullPointer("a program and a place for the calibration");
  std::unique_ptr<Calibration> begun;
  Outcome outcome = Calibration::begin(*reinterpret_cast<Program *>(program),
                                       function, begun);
  *calibration = reinterpret_cast<SparseOptCalibration *>(begun.release());
  return outcome.publish();
}

SparseOptStatus sparse_opt_calibrate(SparseOptCalibration *calibration,
                                     const SparseOptTensor *inputs,
                                     int64_t input_count, int32_t threads) {
  if (!calibration || (input_count > 0 && !inputs))
    return nullPointer("a calibration and inputs");
  return unwrap(calibration)->add(inputs, input_count, threads).publish();
}

SparseOptStatus sparse_opt_save_profile(const SparseOptCalibration *calibration,
                                        const char *path) {
  if (!calibration || !path)
    return nullPointer("a calibration and a path");
  return reinterpret_cast<const Calibration *>(calibration)
      ->save(path)
      .publish();
}

void sparse_opt_end_calibration(SparseOptCalibration *calibration) {
  delete unwrap(calibration);
}
