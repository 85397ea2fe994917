//===- Calibration.cpp - Statistics of an instrumented program ------------===//
//
// See Calibration.h. What a statistic is, the program's metadata says; here it
// is memory that grows.
//
//===----------------------------------------------------------------------===//

#include "Calibration.h"

#include "Allocation.h"
#include "Inputs.h"

#include "sparse-opt/Checkpoint/Names.h"
#include "sparse-opt/Checkpoint/Profile.h"
#include "sparse-opt/Checkpoint/Safetensors.h"

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <unistd.h>

using namespace mlir::sparsity;
using namespace mlir::sparsity::runtime;
using checkpoint::quoteName;
using checkpoint::SafetensorsWriter;
using format::elementBytes;
using format::Status;
using Json = nlohmann::json;

static int64_t bytesOf(const SparseOptTensor &tensor) {
  return elementCount(tensor) *
         elementBytes(static_cast<ElementKind>(tensor.type));
}

Outcome Calibration::begin(Program &program, int64_t function,
                           std::unique_ptr<Calibration> &calibration) {
  if (!program.hasFunction(function))
    return {SPARSE_OPT_NAME_ERROR,
            makeError("the program has no function ", function)};
  std::unique_ptr<Calibration> begun(new Calibration(program, function));
  const std::vector<TensorSpec> &inputs = begun->spec().inputs;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (!inputs[i].statistic.empty())
      if (Outcome outcome = begun->addState(i); !outcome)
        return outcome;
  if (begun->states.empty())
    return {SPARSE_OPT_VALUE_ERROR,
            makeError("expected a program that is compiled to collect "
                      "statistics, found none in ",
                      quoteName(begun->spec().name))};
  calibration = std::move(begun);
  return {};
}

Outcome Calibration::addState(size_t index) {
  const TensorSpec &spec = this->spec().inputs[index];
  SparseOptTensor tensor = {};
  tensor.type = static_cast<int32_t>(spec.kind);
  tensor.rank = static_cast<int32_t>(spec.shape.size());
  std::copy(spec.shape.begin(), spec.shape.end(), tensor.shape);
  setRowMajor(tensor);
  std::unique_ptr<void, void (*)(void *)> memory(allocateBlock(bytesOf(tensor)),
                                                 freeBlock);
  if (!memory)
    return {SPARSE_OPT_MEMORY_ERROR,
            makeError("out of memory for ", bytesOf(tensor), " bytes of ",
                      quoteName(spec.name))};
  std::memset(memory.get(), 0, bytesOf(tensor));
  tensor.data = memory.get();
  states.push_back({index, std::move(memory), tensor});
  return {};
}

/// The index of the first element that is NaN, or -1.
static int64_t findNaN(const SparseOptTensor &tensor) {
  ElementKind kind = static_cast<ElementKind>(tensor.type);
  const auto *data = static_cast<const std::byte *>(tensor.data);
  const int64_t size = elementBytes(kind);
  int64_t place[SPARSE_OPT_MAX_RANK] = {};
  for (int64_t i = 0, e = elementCount(tensor); i < e; ++i) {
    int64_t offset = 0;
    for (int32_t dim = 0; dim < tensor.rank; ++dim)
      offset += place[dim] * tensor.strides[dim];
    if (std::isnan(format::toDouble(data + offset * size, kind)))
      return i;
    for (int32_t dim = tensor.rank; dim-- > 0;) {
      if (++place[dim] < tensor.shape[dim])
        break;
      place[dim] = 0;
    }
  }
  return -1;
}

Outcome Calibration::checkInputs(const SparseOptTensor *inputs,
                                 int64_t count) const {
  int64_t expected = static_cast<int64_t>(spec().inputs.size() - states.size());
  if (count != expected)
    return {SPARSE_OPT_VALUE_ERROR,
            makeError("expected ", expected, " inputs for '", spec().name,
                      "', got ", count)};
  int64_t next = 0;
  for (const TensorSpec &input : spec().inputs) {
    if (!input.statistic.empty())
      continue;
    const SparseOptTensor &tensor = inputs[next++];
    if (Outcome outcome = checkAgainst(tensor, input, "input"); !outcome)
      return outcome;
    int64_t at = format::isFloatKind(input.kind) ? findNaN(tensor) : -1;
    if (at >= 0)
      return {SPARSE_OPT_VALUE_ERROR,
              makeError("expected numbers in ",
                        Subject{"input", input.name}.text(),
                        " of a calibration, found NaN at element ", at)};
  }
  return {};
}

Outcome Calibration::add(const SparseOptTensor *inputs, int64_t count,
                         int32_t threads) {
  if (Outcome outcome = checkProcess(); !outcome)
    return outcome;
  std::lock_guard<std::mutex> lock(mutex);
  if (Outcome outcome = checkWhole(); !outcome)
    return outcome;
  if (Outcome outcome = checkInputs(inputs, count); !outcome)
    return outcome;
  std::vector<SparseOptTensor> all(inputs, inputs + count);
  for (const State &state : states)
    all.insert(all.begin() + state.index, state.tensor);
  std::vector<SparseOptTensor> results(spec().results.size());
  Outcome outcome = program.call(
      function, {all.data(), static_cast<int64_t>(all.size()), results.data(),
                 static_cast<int64_t>(results.size()), threads});
  for (SparseOptTensor &result : results)
    sparse_opt_release(&result);
  // What the program has added before it failed is not known; one that was not
  // even called has added nothing.
  isBroken = outcome.status() == SPARSE_OPT_PROGRAM_ERROR ||
             outcome.status() == SPARSE_OPT_MEMORY_ERROR;
  return outcome;
}

/// The lock may be held by a thread that a forked child does not have.
Outcome Calibration::checkProcess() const {
  if (::getpid() == process)
    return {};
  return {SPARSE_OPT_VALUE_ERROR,
          makeError("expected a calibration of this process, got one that its "
                    "parent has begun")};
}

Outcome Calibration::checkWhole() const {
  if (!isBroken)
    return {};
  return {SPARSE_OPT_VALUE_ERROR,
          makeError("expected a new calibration: a call of this one has "
                    "failed")};
}

/// Statistics follow the number of rows that they are of: those of weights that
/// nothing has met say nothing.
std::vector<const Calibration::State *> Calibration::findSeen() const {
  std::vector<const State *> seen;
  bool isSeen = false;
  for (const State &state : states) {
    if (spec().inputs[state.index].statisticKind == "rows")
      isSeen = *static_cast<const int64_t *>(state.tensor.data) > 0;
    if (isSeen)
      seen.push_back(&state);
  }
  return seen;
}

Outcome Calibration::checkStates(const std::vector<const State *> &seen) const {
  if (seen.empty())
    return {SPARSE_OPT_VALUE_ERROR,
            makeError("expected calibration data, found no rows in ",
                      quoteName(spec().inputs[states.front().index].name))};
  for (const State *state : seen) {
    ElementKind kind = static_cast<ElementKind>(state->tensor.type);
    const auto *data = static_cast<const std::byte *>(state->tensor.data);
    for (int64_t i = 0, e = elementCount(state->tensor); i < e; ++i) {
      double value = format::toDouble(data + i * elementBytes(kind), kind);
      if (!std::isfinite(value))
        return {SPARSE_OPT_VALUE_ERROR,
                makeError("expected finite statistics, found ",
                          std::isnan(value) ? "NaN" : "Inf", " at element ", i,
                          " of ", quoteName(spec().inputs[state->index].name),
                          ": the data made such values")};
    }
  }
  return {};
}

Outcome Calibration::save(const std::string &path) const {
  if (Outcome outcome = checkProcess(); !outcome)
    return outcome;
  std::lock_guard<std::mutex> lock(mutex);
  if (Outcome outcome = checkWhole(); !outcome)
    return outcome;
  std::vector<const State *> seen = findSeen();
  if (Outcome outcome = checkStates(seen); !outcome)
    return outcome;
  std::vector<checkpoint::TensorType> types;
  Json statistics = Json::array();
  for (const State *state : seen) {
    const TensorSpec &input = spec().inputs[state->index];
    types.push_back({input.name, input.kind, input.shape});
    Json statistic = Json::parse(input.statistic);
    statistic["tensor"] = input.name;
    statistics.push_back(std::move(statistic));
  }
  Json header = {{"version", checkpoint::kProfileVersion},
                 {"statistics", std::move(statistics)}};
  auto error = [](const Status &status) {
    return Outcome(SPARSE_OPT_FILE_ERROR, status.error());
  };
  auto writer = SafetensorsWriter::open(
      path, std::move(types), {{checkpoint::kProfileKey, header.dump()}});
  if (!writer)
    return {SPARSE_OPT_FILE_ERROR, writer.error()};
  for (const State *state : seen)
    if (Status status =
            writer->append(spec().inputs[state->index].name, state->tensor.data,
                           bytesOf(state->tensor));
        !status)
      return error(status);
  if (Status status = writer->commit(); !status)
    return error(status);
  return {};
}
