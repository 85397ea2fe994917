//===- Runnable.cpp - A program and its inputs ----------------------------===//
//
// See Runnable.h.
//
//===----------------------------------------------------------------------===//

#include "Runnable.h"

#include "Run.h"
#include "TensorText.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir::sparsity;
using llvm::createStringError;
using llvm::Error;
using llvm::Expected;

Error mlir::sparsity::runtimeError() {
  return createStringError(sparse_opt_last_error());
}

Expected<Runnable> mlir::sparsity::compile(const RunOptions &options,
                                           bool isOracle) {
  CompileRequest request;
  request.file = options.program;
  request.weightsFile = options.weights;
  request.options.recipeFile = options.recipe;
  request.options.target = options.target;
  request.options.oracle = isOracle;
  if (!options.calibrate.empty()) {
    request.options.statistics = options.statistics;
    if (options.statistics.empty())
      request.options.statistics = {"squares"};
    request.options.observedParameters = options.observe;
  }
  std::string diagnostics;
  Runnable runnable;
  runnable.compiled = compileAndLoad(request, diagnostics);
  if (runnable.compiled)
    return runnable;
  // The tool puts a word of its own before it.
  llvm::StringRef text = llvm::StringRef(diagnostics).rtrim();
  text.consume_front("error: ");
  return createStringError(text);
}

Expected<Runnable> mlir::sparsity::open(const RunOptions &options) {
  llvm::StringRef name = options.program;
  if (options.check && name == "-")
    return createStringError("--check reads the program twice: expected a "
                             "file, got '-'");
  if (!name.ends_with(".so"))
    return compile(options, /*isOracle=*/false);
  if (options.check || !options.recipe.empty() || !options.weights.empty() ||
      !options.statistics.empty())
    return createStringError("--check, --recipe, --statistics and --weights "
                             "need MLIR text, got the compiled program '" +
                             options.program + "'");
  SparseOptProgram *program = nullptr;
  if (sparse_opt_load(options.program.c_str(), &program) != SPARSE_OPT_OK)
    return runtimeError();
  Runnable runnable;
  runnable.loaded.reset(program);
  return runnable;
}

Expected<int64_t> mlir::sparsity::findFunction(SparseOptProgram *program,
                                               const std::string &name) {
  if (sparse_opt_function_count(program) == 0)
    return createStringError("the program has no functions");
  int64_t index =
      name.empty() ? 0 : sparse_opt_find_function(program, name.c_str());
  if (index >= 0)
    return index;
  std::vector<std::string> names;
  for (int64_t i = 0; i < sparse_opt_function_count(program); ++i)
    names.push_back(sparse_opt_function_name(program, i));
  return createStringError("expected one of the functions " +
                           llvm::join(names, ", ") + ", got '" + name + "'");
}

std::vector<int64_t> mlir::sparsity::findInputs(SparseOptProgram *program,
                                                int64_t function,
                                                bool withStatistics) {
  std::vector<int64_t> found;
  SparseOptTensorInfo info;
  for (int64_t i = 0; i < sparse_opt_input_count(program, function); ++i)
    if (sparse_opt_input_info(program, function, i, &info) == SPARSE_OPT_OK &&
        (withStatistics || !*info.statistic))
      found.push_back(i);
  return found;
}

/// The type of an input that needs no more said: all its extents are static.
static Expected<std::string> staticType(SparseOptProgram *program,
                                        int64_t function, int64_t index) {
  SparseOptTensorInfo info;
  if (sparse_opt_input_info(program, function, index, &info) != SPARSE_OPT_OK)
    return runtimeError();
  std::string text;
  for (int32_t i = 0; i < info.rank; ++i) {
    if (info.shape[i] < 0)
      return createStringError(
          std::string("expected --input or --random-inputs: input '") +
          info.name + "' has dynamic extents");
    text += std::to_string(info.shape[i]) + "x";
  }
  return text + elementName(info.type).str();
}

Expected<Tensors> mlir::sparsity::readInputs(const RunOptions &options,
                                             SparseOptProgram *program,
                                             int64_t function) {
  Tensors inputs;
  for (const std::string &path : options.inputs) {
    SparseOptTensor &tensor = inputs.list.emplace_back();
    if (sparse_opt_read_npy(path.c_str(), &tensor) != SPARSE_OPT_OK)
      return runtimeError();
  }
  std::vector<std::string> types = options.randomInputs;
  if (options.inputs.empty() && types.empty())
    for (int64_t i : findInputs(program, function,
                                /*withStatistics=*/options.calibrate.empty())) {
      Expected<std::string> type = staticType(program, function, i);
      if (!type)
        return type.takeError();
      types.push_back(*type);
    }
  for (const std::string &type : types) {
    Expected<TensorHandle> tensor =
        randomTensor(type, options.seed + inputs.list.size());
    if (!tensor)
      return tensor.takeError();
    inputs.list.push_back(**tensor);
    (*tensor)->owner = nullptr;
  }
  return inputs;
}
