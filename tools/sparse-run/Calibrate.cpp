//===- Calibrate.cpp - Statistics of a program's data ---------------------===//
//
// sparse-run --calibrate: one call per set of inputs, then the profile.
//
//===----------------------------------------------------------------------===//

#include "Progress.h"
#include "Run.h"
#include "Runnable.h"

#include "llvm/Support/FormatVariadic.h"

using namespace mlir::sparsity;
using llvm::createStringError;
using llvm::Error;
using llvm::Expected;

namespace {
struct EndCalibration {
  void operator()(SparseOptCalibration *calibration) const {
    sparse_opt_end_calibration(calibration);
  }
};
} // namespace

static Error addAll(SparseOptCalibration *calibration, const Tensors &inputs,
                    size_t count, int32_t threads) {
  ProgressBar bar;
  for (size_t i = 0; i < inputs.list.size(); i += count) {
    bar.show("calibrate", double(i) / double(inputs.list.size()));
    if (sparse_opt_calibrate(calibration, &inputs.list[i], count, threads) !=
        SPARSE_OPT_OK)
      return runtimeError();
  }
  return Error::success();
}

Error mlir::sparsity::calibrate(const RunOptions &options) {
  if (options.check || options.repeats || options.profile ||
      !options.outputs.empty())
    return createStringError("expected --calibrate without --check, --output, "
                             "--profile and --time, got one of them");
  Expected<Runnable> program = open(options);
  if (!program)
    return program.takeError();
  Expected<int64_t> function = findFunction(program->get(), options.function);
  if (!function)
    return function.takeError();
  size_t count =
      findInputs(program->get(), *function, /*withStatistics=*/false).size();
  Expected<Tensors> inputs = readInputs(options, program->get(), *function);
  if (!inputs)
    return inputs.takeError();
  if (count == 0 || inputs->list.empty() || inputs->list.size() % count)
    return createStringError(
        llvm::formatv("expected {0} inputs, or several times as many, got {1}",
                      count, inputs->list.size()));
  SparseOptCalibration *begun = nullptr;
  if (sparse_opt_begin_calibration(program->get(), *function, &begun) !=
      SPARSE_OPT_OK)
    return runtimeError();
  std::unique_ptr<SparseOptCalibration, EndCalibration> calibration(begun);
  if (Error error = addAll(begun, *inputs, count, options.threads))
    return error;
  if (sparse_opt_save_profile(begun, options.calibrate.c_str()) !=
      SPARSE_OPT_OK)
    return runtimeError();
  return Error::success();
}
