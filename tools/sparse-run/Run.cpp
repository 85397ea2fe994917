//===- Run.cpp - One run of a program from the shell ----------------------===//
//
// Inputs, call, comparison with the oracle, times, outputs: in this order, and
// outputs are written only when everything before went well.
//
//===----------------------------------------------------------------------===//

#include "Run.h"

#include "Runnable.h"

#include "sparse-opt/Checkpoint/AtomicFile.h"
#include "sparse-opt/Checkpoint/PackedFile.h"
#include "sparse-opt/Pipelines/ReportText.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <chrono>

using namespace mlir::sparsity;
using llvm::ArrayRef;
using llvm::createStringError;
using llvm::Error;
using llvm::Expected;

/// The numbers of the inputs that the function updates.
static std::vector<size_t> findUpdated(SparseOptProgram *program,
                                       int64_t function) {
  std::vector<size_t> updated;
  SparseOptTensorInfo info;
  for (int64_t i = 0; i < sparse_opt_input_count(program, function); ++i)
    if (sparse_opt_input_info(program, function, i, &info) == SPARSE_OPT_OK &&
        info.is_updated)
      updated.push_back(i);
  return updated;
}

/// `operations` takes what each of them did.
static Expected<Tensors>
call(SparseOptProgram *program, int64_t function, const Tensors &inputs,
     int32_t threads,
     llvm::MutableArrayRef<SparseOptOperation> operations = {}) {
  Tensors results;
  results.list.resize(sparse_opt_result_count(program, function));
  if (sparse_opt_call_timed(program, function, inputs.list.data(),
                            inputs.list.size(), results.list.data(),
                            results.list.size(), threads, operations.data(),
                            operations.size()) != SPARSE_OPT_OK)
    return runtimeError();
  return results;
}

/// The largest relative error of a result of `type`: what sums in another order
/// make, in half precision 8 units in the last place.
static double getTolerance(const RunOptions &options, int32_t type) {
  if (options.tolerance > 0)
    return options.tolerance;
  return type == SPARSE_OPT_F16    ? 0x1p-7
         : type == SPARSE_OPT_BF16 ? 0x1p-4
                                   : 1e-4;
}

namespace {
/// What a call leaves: a result, or an input that it updates.
struct Outcome {
  std::string name;
  const SparseOptTensor *tensor;
};
} // namespace

static std::vector<Outcome> listOutcomes(const std::vector<size_t> &updated,
                                         const Tensors &inputs,
                                         const Tensors &results) {
  std::vector<Outcome> outcomes;
  for (auto [i, result] : llvm::enumerate(results.list))
    outcomes.push_back({"result " + std::to_string(i), &result});
  for (size_t i : updated)
    outcomes.push_back({"input " + std::to_string(i), &inputs.list[i]});
  return outcomes;
}

/// `outcomes` against what the oracle makes of the same inputs.
static Error check(const RunOptions &options, ArrayRef<Outcome> outcomes) {
  Expected<Runnable> oracle = compile(options, /*isOracle=*/true);
  if (!oracle)
    return oracle.takeError();
  Expected<int64_t> function = findFunction(oracle->get(), options.function);
  if (!function)
    return function.takeError();
  Expected<Tensors> inputs = readInputs(options, oracle->get(), *function);
  if (!inputs)
    return inputs.takeError();
  Expected<Tensors> results =
      call(oracle->get(), *function, *inputs, options.threads);
  if (!results)
    return results.takeError();
  std::vector<Outcome> expected =
      listOutcomes(findUpdated(oracle->get(), *function), *inputs, *results);
  bool isClose = true;
  double largest = 0;
  for (auto [outcome, wanted] : llvm::zip_equal(outcomes, expected)) {
    SparseOptDifference difference;
    if (sparse_opt_compare(outcome.tensor, wanted.tensor, &difference) !=
        SPARSE_OPT_OK)
      return runtimeError();
    llvm::outs() << outcome.name << ": max abs error "
                 << llvm::format("%.3g", difference.max_abs)
                 << ", max rel error "
                 << llvm::format("%.3g", difference.max_rel) << "\n";
    double tolerance = getTolerance(options, outcome.tensor->type);
    isClose &= difference.max_rel <= tolerance;
    largest = std::max(largest, tolerance);
  }
  if (!isClose)
    return createStringError(
        std::errc::result_out_of_range,
        "expected relative errors <= %g to the dense oracle", largest);
  return Error::success();
}

namespace {
/// What the calls of a program take, in milliseconds, and what operations do in
/// the fastest call.
struct Times {
  std::vector<double> calls;
  std::vector<SparseOptOperation> operations;
};
} // namespace

/// Operations are timed only where they are asked for.
static Expected<Times> measure(const RunOptions &options,
                               SparseOptProgram *program, int64_t function) {
  Times times;
  if (options.repeats == 0 && !options.profile)
    return times;
  // Anew: these calls may update them.
  Expected<Tensors> inputs = readInputs(options, program, function);
  if (!inputs)
    return inputs.takeError();
  std::vector<SparseOptOperation> operations(
      options.profile ? sparse_opt_operation_count(program) : 0);
  int64_t repeats = std::max<int64_t>(options.repeats, options.profile);
  for (int64_t i = 0; i < repeats; ++i) {
    auto start = std::chrono::steady_clock::now();
    Expected<Tensors> results =
        call(program, function, *inputs, options.threads, operations);
    std::chrono::duration<double, std::milli> elapsed =
        std::chrono::steady_clock::now() - start;
    if (!results)
      return results.takeError();
    if (times.calls.empty() ||
        elapsed.count() <
            *std::min_element(times.calls.begin(), times.calls.end()))
      times.operations = operations;
    times.calls.push_back(elapsed.count());
  }
  return times;
}

static void printProfile(const RunOptions &options, SparseOptProgram *program,
                         const Times &times) {
  std::vector<MeasuredOperation> measured;
  for (const SparseOptOperation &operation : times.operations)
    measured.push_back(
        {operation.microseconds, operation.flops, operation.bytes});
  llvm::outs() << formatReport(addMeasuredTimes(
      sparse_opt_report(program), measured, measureHostPeaks(options.threads),
      llvm::formatv("the fastest of {0} runs", times.calls.size()).str()));
}

static void printTimes(const RunOptions &options, SparseOptProgram *program,
                       Times times) {
  if (options.profile)
    printProfile(options, program, times);
  llvm::sort(times.calls);
  if (options.repeats > 0)
    llvm::outs() << "best " << llvm::format("%.3f", times.calls.front())
                 << " ms, median "
                 << llvm::format("%.3f", times.calls[times.calls.size() / 2])
                 << " ms of " << times.calls.size() << " runs\n";
}

/// An output that would take the place of an input or of another output, or "".
static std::string findClash(const RunOptions &options) {
  std::vector<std::string> read = {
      options.program, checkpoint::besideProgram(options.program, ".weights"),
      options.weights, options.recipe};
  read.insert(read.end(), options.inputs.begin(), options.inputs.end());
  std::vector<std::string> written = options.outputs;
  written.push_back(options.calibrate);
  return checkpoint::findClash(read, written);
}

Error mlir::sparsity::run(const RunOptions &options) {
  if (options.repeats < 0)
    return createStringError("expected --time of at least 0 runs, got " +
                             std::to_string(options.repeats));
  if (std::string clash = findClash(options); !clash.empty())
    return createStringError(
        "expected different files to read and to write, got '" + clash +
        "' twice");
  if (!options.calibrate.empty())
    return calibrate(options);
  if (!options.statistics.empty() || options.observe != "*")
    return createStringError(
        "--observe and --statistics need --calibrate, got none");
  Expected<Runnable> program = open(options);
  if (!program)
    return program.takeError();
  Expected<int64_t> function = findFunction(program->get(), options.function);
  if (!function)
    return function.takeError();
  Expected<Tensors> inputs = readInputs(options, program->get(), *function);
  if (!inputs)
    return inputs.takeError();
  std::vector<size_t> updated = findUpdated(program->get(), *function);
  size_t count =
      sparse_opt_result_count(program->get(), *function) + updated.size();
  if (options.outputs.size() > count)
    return createStringError(
        llvm::formatv("expected at most {0} --output, got {1}", count,
                      options.outputs.size()));
  Expected<Tensors> results =
      call(program->get(), *function, *inputs, options.threads);
  if (!results)
    return results.takeError();
  std::vector<Outcome> outcomes = listOutcomes(updated, *inputs, *results);
  if (options.check)
    if (Error error = check(options, outcomes))
      return error;
  Expected<Times> times = measure(options, program->get(), *function);
  if (!times)
    return times.takeError();
  printTimes(options, program->get(), std::move(*times));
  for (size_t i = 0; i < options.outputs.size(); ++i)
    if (sparse_opt_write_npy(options.outputs[i].c_str(), outcomes[i].tensor) !=
        SPARSE_OPT_OK)
      return runtimeError();
  return Error::success();
}
