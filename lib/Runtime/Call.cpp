//===- Call.cpp - One call of a program -----------------------------------===//
//
// Checks, descriptors, the call itself, and what comes out of it. The overhead
// is no text and, from a thread's second call on, no allocation.
//
//===----------------------------------------------------------------------===//

#include "Allocation.h"
#include "Inputs.h"
#include "OpenMP.h"
#include "Program.h"
#include "ReportedErrors.h"

#include <algorithm>
#include <cstring>
#include <utility>

using namespace mlir::sparsity;
using namespace mlir::sparsity::runtime;
using format::elementBytes;

/// What stands for the memory of an empty input.
alignas(kAlignment) static std::byte emptyTensor[kAlignment];

namespace {
/// What frames are made of.
struct FrameMemory {
  std::vector<void *> arguments;
  std::vector<int64_t> words;
};

/// The argument array of one call and the descriptors behind it:
///
///   arguments    result 0 | result 1 | input 0 | input 1 | buffers ...
///                    |         |          |          |        |
///   words        [3 + 2 r] [3 + 2 r] [3 + 2 r] [3 + 2 r]   ParameterSet
///
class CallFrame {
public:
  CallFrame(const FunctionSpec &spec, const std::vector<void *> &buffers);
  ~CallFrame();
  CallFrame(const CallFrame &) = delete;

  Outcome setInputs(const SparseOptTensor *inputs);
  void **data() { return arguments.data(); }

  /// Hands the results over.
  Outcome takeResults(SparseOptTensor *results);
  /// Frees what the program has made.
  void dropResults();
  /// Frees what the program has allocated and does not return.
  void freeAllButResults(RunningCall &call);

private:
  int64_t *descriptor(size_t i) { return static_cast<int64_t *>(arguments[i]); }
  size_t inputAt(size_t i) const { return spec.results.size() + i; }
  /// True when the memory of result `i` is that of an input, of a parameter or
  /// of an earlier result.
  bool isShared(size_t i);
  Outcome setInput(size_t i, const SparseOptTensor &input);
  /// That no updated input shares memory with another one.
  Outcome checkUpdated() const;

  const FunctionSpec &spec;
  FrameMemory memory;
  std::vector<void *> &arguments = memory.arguments;
  /// Row-major copies of inputs.
  std::vector<void *> copies;
};
} // namespace

/// Of the frame that this thread gave up last, for its next one.
static thread_local FrameMemory spareMemory;

static size_t descriptorWords(const TensorSpec &spec) {
  return 3 + 2 * spec.shape.size();
}

CallFrame::CallFrame(const FunctionSpec &spec,
                     const std::vector<void *> &buffers)
    : spec(spec), memory(std::exchange(spareMemory, {})) {
  size_t count = 0;
  for (const TensorSpec &tensor : spec.results)
    count += descriptorWords(tensor);
  for (const TensorSpec &tensor : spec.inputs)
    count += descriptorWords(tensor);
  std::vector<int64_t> &words = memory.words;
  words.assign(count, 0);
  arguments.clear();
  arguments.reserve(spec.results.size() + spec.inputs.size() + buffers.size());
  int64_t *next = words.data();
  for (const std::vector<TensorSpec> *tensors : {&spec.results, &spec.inputs})
    for (const TensorSpec &tensor : *tensors) {
      arguments.push_back(next);
      next += descriptorWords(tensor);
    }
  arguments.insert(arguments.end(), buffers.begin(), buffers.end());
}

CallFrame::~CallFrame() {
  for (void *copy : copies)
    freeBlock(copy);
  spareMemory = std::move(memory);
}

static void describe(const SparseOptTensor &tensor, int64_t *words) {
  words[0] = words[1] = reinterpret_cast<int64_t>(tensor.data);
  words[2] = 0;
  std::copy_n(tensor.shape, tensor.rank, words + 3);
  std::copy_n(tensor.strides, tensor.rank, words + 3 + tensor.rank);
}

Outcome CallFrame::setInput(size_t i, const SparseOptTensor &input) {
  if (Outcome outcome = checkAgainst(input, spec.inputs[i], "input"); !outcome)
    return outcome;
  SparseOptTensor dense = input;
  int64_t size = elementBytes(static_cast<ElementKind>(input.type));
  int64_t count = elementCount(input);
  if (count == 0) {
    dense.data = emptyTensor;
  } else if (!isRowMajor(input) ||
             reinterpret_cast<uint64_t>(input.data) % size != 0) {
    if (spec.inputs[i].isUpdated)
      return {SPARSE_OPT_VALUE_ERROR,
              makeError("expected row-major, aligned elements for ",
                        Subject{"input", spec.inputs[i].name}.text(),
                        ", which the program updates, got others")};
    dense.data = allocateBlock(count * size);
    if (!dense.data)
      return {SPARSE_OPT_MEMORY_ERROR,
              makeError("out of memory for a copy of ",
                        Subject{"input", spec.inputs[i].name}.text())};
    copies.push_back(dense.data);
    copyRowMajor(input, dense.data);
  }
  setRowMajor(dense);
  describe(dense, descriptor(inputAt(i)));
  return {};
}

Outcome CallFrame::setInputs(const SparseOptTensor *inputs) {
  for (size_t i = 0; i < spec.inputs.size(); ++i)
    if (Outcome outcome = setInput(i, inputs[i]); !outcome)
      return outcome;
  return checkUpdated();
}

Outcome CallFrame::checkUpdated() const {
  auto range = [&](size_t i) {
    const int64_t *words = static_cast<int64_t *>(arguments[inputAt(i)]);
    int64_t bytes = elementBytes(spec.inputs[i].kind);
    for (size_t d = 0; d < spec.inputs[i].shape.size(); ++d)
      bytes *= words[3 + d];
    return std::pair<int64_t, int64_t>(words[1], words[1] + bytes);
  };
  for (size_t i = 0; i < spec.inputs.size(); ++i)
    for (size_t j = 0; spec.inputs[i].isUpdated && j < spec.inputs.size(); ++j)
      if (auto a = range(i), b = range(j);
          i != j && a.first < b.second && b.first < a.second)
        return {SPARSE_OPT_VALUE_ERROR,
                makeError("expected memory of its own for ",
                          Subject{"input", spec.inputs[i].name}.text(),
                          ", which the program updates; ",
                          Subject{"input", spec.inputs[j].name}.text(),
                          " shares it")};
  return {};
}

bool CallFrame::isShared(size_t i) {
  int64_t block = descriptor(i)[0];
  for (size_t other = 0; other < arguments.size(); ++other)
    if ((other < i || other >= spec.results.size()) &&
        descriptor(other)[0] == block)
      return true;
  return false;
}

Outcome CallFrame::takeResults(SparseOptTensor *results) {
  for (size_t i = 0; i < spec.results.size(); ++i) {
    const int64_t *words = descriptor(i);
    SparseOptTensor &result = results[i];
    result.type = static_cast<int32_t>(spec.results[i].kind);
    result.rank = static_cast<int32_t>(spec.results[i].shape.size());
    int64_t size = elementBytes(spec.results[i].kind);
    result.owner = reinterpret_cast<void *>(words[0]);
    result.data = reinterpret_cast<std::byte *>(words[1]) + words[2] * size;
    std::copy_n(words + 3, result.rank, result.shape);
    std::copy_n(words + 3 + result.rank, result.rank, result.strides);
  }
  Outcome outcome;
  // Copies last: all owners are known by then, also if one of them fails.
  for (size_t i = 0; i < spec.results.size(); ++i) {
    if (!isShared(i))
      continue;
    SparseOptTensor &result = results[i];
    int64_t bytes = elementCount(result) * elementBytes(spec.results[i].kind);
    result.owner = allocateBlock(bytes);
    if (result.owner)
      copyRowMajor(result, result.owner);
    else
      outcome = {SPARSE_OPT_MEMORY_ERROR,
                 makeError("out of memory for a result of ", bytes, " bytes")};
    result.data = result.owner;
    setRowMajor(result);
  }
  if (!outcome)
    for (size_t i = 0; i < spec.results.size(); ++i)
      sparse_opt_release(&results[i]);
  return outcome;
}

void CallFrame::freeAllButResults(RunningCall &call) {
  for (size_t i = 0; i < spec.results.size(); ++i)
    call.removeBlock(reinterpret_cast<void *>(descriptor(i)[0]));
  call.freeBlocks();
}

void CallFrame::dropResults() {
  for (size_t i = 0; i < spec.results.size(); ++i)
    if (descriptor(i)[0] && !isShared(i))
      freeBlock(reinterpret_cast<void *>(descriptor(i)[0]));
}

/// Apart from the rest, so that no local variable is changed between setjmp and
/// the jump.
void Program::run(Entry entry, void **args, RunningCall &call) {
  if (setjmp(call.exit) == 0)
    entry(args);
}

/// What those may have missed who call a program that collects statistics.
static const char *hintAtCalibration(const FunctionSpec &spec) {
  bool isAny = std::any_of(
      spec.inputs.begin(), spec.inputs.end(),
      [](const TensorSpec &input) { return !input.statistic.empty(); });
  return isAny ? "; statistics among them are what a calibration gives" : "";
}

static Outcome checkCounts(const FunctionSpec &spec,
                           const CallRequest &request) {
  if (request.inputCount != static_cast<int64_t>(spec.inputs.size()))
    return {SPARSE_OPT_VALUE_ERROR,
            makeError("expected ", spec.inputs.size(), " inputs for '",
                      spec.name, "', got ", request.inputCount,
                      hintAtCalibration(spec))};
  if (request.resultCount != static_cast<int64_t>(spec.results.size()))
    return {SPARSE_OPT_VALUE_ERROR,
            makeError("expected room for ", spec.results.size(),
                      " results of '", spec.name, "', got ",
                      request.resultCount)};
  constexpr int32_t kMostThreads = 1024;
  if (request.threads < 0 || request.threads > kMostThreads)
    return {SPARSE_OPT_VALUE_ERROR,
            makeError("expected 0 to ", kMostThreads, " threads, got ",
                      request.threads)};
  return {};
}

Outcome Program::call(int64_t function, const CallRequest &request) {
  if (!hasFunction(function))
    return {SPARSE_OPT_NAME_ERROR,
            makeError("the program has no function ", function)};
  const FunctionSpec &spec = info.functions[function];
  std::fill_n(request.results, std::max<int64_t>(request.resultCount, 0),
              SparseOptTensor{});
  if (Outcome outcome = checkCounts(spec, request); !outcome)
    return outcome;
  if (!missingSet.empty())
    return {SPARSE_OPT_VALUE_ERROR,
            makeError("expected a machine with ", missingSet,
                      ", which the program is compiled for")};
  std::shared_ptr<const ParameterSet> weights = parameters();
  CallFrame frame(spec, weights->arguments(function));
  if (Outcome outcome = frame.setInputs(request.inputs); !outcome)
    return outcome;
  OpenMP::ThreadScope threads(request.threads);
  std::fill_n(request.operations, request.operationCount, SparseOptOperation{});
  RunningCall call(object->image(), request.operations, request.operationCount);
  run(entries[function], frame.data(), call);
  if (!call.isAbandoned())
    frame.freeAllButResults(call);
  std::string message = call.message();
  if (message.empty())
    return frame.takeResults(request.results);
  if (!call.isAbandoned())
    frame.dropResults();
  return {call.isOutOfMemory ? SPARSE_OPT_MEMORY_ERROR
                             : SPARSE_OPT_PROGRAM_ERROR,
          message};
}
