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
  std::vector<std::byte> elements(bytesOf(tensor));
  copyRowMajor(tensor, elements.data());
  const int64_t size = elementBytes(kind);
  for (int64_t i = 0, e = elementCount(tensor); i < e; ++i)
    if (std::isnan(format::toDouble(&elements[i * size], kind)))
      return i;
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
  std::lock_guard<std::mutex> lock(mutex);
  if (isBroken)
    return {SPARSE_OPT_VALUE_ERROR,
            makeError("expected a new calibration: the last call of this one "
                      "has failed")};
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
  // What it has added so far is not known.
  isBroken = !outcome;
  return outcome;
}

Outcome Calibration::checkStates() const {
  for (const State &state : states) {
    ElementKind kind = static_cast<ElementKind>(state.tensor.type);
    const std::string &name = spec().inputs[state.index].name;
    const std::byte *data = static_cast<std::byte *>(state.tensor.data);
    double sum = 0;
    for (int64_t i = 0, e = elementCount(state.tensor); i < e; ++i) {
      double value = format::toDouble(data + i * elementBytes(kind), kind);
      sum += value;
      if (!std::isfinite(value))
        return {SPARSE_OPT_VALUE_ERROR,
                makeError("expected finite statistics, found ",
                          std::isnan(value) ? "NaN" : "Inf", " at element ", i,
                          " of ", quoteName(name),
                          ": the data made such values")};
    }
    if (kind == ElementKind::I64 && sum == 0)
      return {SPARSE_OPT_VALUE_ERROR,
              makeError("expected calibration data, found no rows in ",
                        quoteName(name))};
  }
  return {};
}

Outcome Calibration::save(const std::string &path) const {
  std::lock_guard<std::mutex> lock(mutex);
  if (Outcome outcome = checkStates(); !outcome)
    return outcome;
  std::vector<checkpoint::TensorType> types;
  Json statistics = Json::array();
  for (const State &state : states) {
    const TensorSpec &input = spec().inputs[state.index];
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
  for (const State &state : states)
    if (Status status =
            writer->append(spec().inputs[state.index].name, state.tensor.data,
                           bytesOf(state.tensor));
        !status)
      return error(status);
  if (Status status = writer->commit(); !status)
    return error(status);
  return {};
}
