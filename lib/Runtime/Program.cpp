//===- Program.cpp - Loading programs and replacing weights ---------------===//
//
// See Program.h; calls are in Call.cpp, files in WeightsFile.cpp and Save.cpp.
//
//===----------------------------------------------------------------------===//

#include "Program.h"

#include "Inputs.h"
#include "InstructionSets.h"
#include "OpenMP.h"
#include "StateLock.h"
#include "WeightsFile.h"

#include "sparse-opt/Checkpoint/Names.h"
#include "sparse-opt/Checkpoint/PackedFile.h"

using namespace mlir::sparsity;
using namespace mlir::sparsity::runtime;
using checkpoint::besideProgram;
using checkpoint::quoteName;

static Error programError(const std::string &path, const std::string &text) {
  return makeError(quoteName(path), ": ", text);
}

Outcome Program::open(const std::string &path) {
  if (!OpenMP::get().isLoaded())
    return {SPARSE_OPT_FILE_ERROR,
            programError(path, "expected an OpenMP library in the process or "
                               "on the search path, found none: install "
                               "LLVM's libomp")};
  Result<std::unique_ptr<SharedObject>> opened = SharedObject::open(path);
  if (!opened)
    return {SPARSE_OPT_FILE_ERROR, opened.error()};
  object = std::move(*opened);
  const void *metadata = object->symbol("sparse_opt_metadata");
  if (!metadata)
    return {SPARSE_OPT_FILE_ERROR,
            programError(path, "not a program of sparse-opt: it has no symbol "
                               "'sparse_opt_metadata'")};
  Result<ProgramSpec> parsed =
      parseMetadata(static_cast<const char *>(metadata));
  if (!parsed)
    return {SPARSE_OPT_FILE_ERROR, programError(path, parsed.message())};
  info = std::move(*parsed);
  // The least demanding variant says what is missing, if all of them miss it.
  for (const VariantSpec &candidate : info.variants) {
    variant = &candidate;
    missingSet = findMissingSet(candidate.instructionSets);
    if (missingSet.empty())
      break;
  }
  for (const ParameterSpec &parameter : info.parameters) {
    Result<ParameterLayout> layout = ParameterLayout::get(parameter);
    if (!layout)
      return {SPARSE_OPT_FILE_ERROR, programError(path, layout.message())};
    layouts.push_back(std::move(*layout));
  }
  return findEntries(path);
}

Outcome Program::findEntries(const std::string &path) {
  for (const FunctionSpec &function : info.functions) {
    std::string symbol = function.symbol + variant->suffix;
    void *address = object->symbol(symbol.c_str());
    if (!address)
      return {SPARSE_OPT_FILE_ERROR,
              programError(path, "broken program: it has no symbol " +
                                     quoteName(symbol))};
    entries.push_back(reinterpret_cast<Entry>(address));
  }
  return {};
}

Outcome Program::load(const std::string &path, const SparseOptBuffer *buffers,
                      int64_t count, std::unique_ptr<Program> &program) {
  std::unique_ptr<Program> loaded(new Program());
  if (Outcome outcome = loaded->open(path); !outcome)
    return outcome;
  Result<std::vector<StoredParameter>> stored =
      borrowParameters(loaded->info, loaded->layouts, buffers, count);
  if (!stored)
    return {SPARSE_OPT_VALUE_ERROR, stored.error()};
  loaded->current =
      std::make_shared<ParameterSet>(loaded->info, std::move(*stored));
  program = std::move(loaded);
  return {};
}

Outcome Program::load(const std::string &path,
                      std::unique_ptr<Program> &program) {
  std::unique_ptr<Program> loaded(new Program());
  if (Outcome outcome = loaded->open(path); !outcome)
    return outcome;
  std::vector<StoredParameter> stored;
  if (!loaded->layouts.empty()) {
    Result<std::vector<StoredParameter>> read = readWeights(
        loaded->info, loaded->layouts, besideProgram(path, ".weights"));
    if (!read)
      return {SPARSE_OPT_FILE_ERROR, read.error()};
    stored = std::move(*read);
  }
  loaded->current =
      std::make_shared<ParameterSet>(loaded->info, std::move(stored));
  program = std::move(loaded);
  return {};
}

std::shared_ptr<const ParameterSet> Program::parameters() const {
  StateLock lock;
  return current;
}

Outcome Program::packParameters(std::string_view name,
                                const SparseOptTensor &value,
                                std::vector<NewParameter> &packed) const {
  bool isKnown = false;
  for (size_t p = 0; p < info.parameters.size(); ++p) {
    if (info.parameters[p].name != name)
      continue;
    isKnown = true;
    if (Outcome outcome = checkAgainst(value, info.parameters[p], "parameter");
        !outcome)
      return outcome;
    Result<StoredParameter> stored =
        packParameter(info.parameters[p], layouts[p], value);
    if (!stored)
      return {SPARSE_OPT_VALUE_ERROR, stored.error()};
    packed.emplace_back(p, std::move(*stored));
  }
  if (!isKnown)
    return {SPARSE_OPT_NAME_ERROR,
            makeError("the program has no parameter ", quoteName(name))};
  return {};
}

Outcome Program::setParameters(const char *const *names,
                               const SparseOptTensor *values, int64_t count) {
  for (const FunctionSpec &function : info.functions)
    for (const TensorSpec &input : function.inputs)
      if (!input.statistic.empty())
        return {SPARSE_OPT_VALUE_ERROR,
                makeError("expected a program that computes results, got one "
                          "that collects statistics of the weights it has")};
  std::vector<NewParameter> packed;
  for (int64_t i = 0; i < count; ++i)
    if (Outcome outcome =
            packParameters(names[i] ? names[i] : "", values[i], packed);
        !outcome)
      return outcome;
  // Outlives the lock: it may be the last to have the old weights.
  std::shared_ptr<const ParameterSet> last;
  StateLock lock;
  std::vector<StoredParameter> stored = current->stored();
  for (auto &[parameter, value] : packed)
    stored[parameter] = std::move(value);
  last = std::exchange(current,
                       std::make_shared<ParameterSet>(info, std::move(stored)));
  return {};
}
