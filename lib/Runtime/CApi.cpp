//===- CApi.cpp - The C interface: programs and calls ---------------------===//
//
// Checks handles and pointers, and forwards.
//
//===----------------------------------------------------------------------===//

#include "Allocation.h"
#include "Program.h"

#include <algorithm>
#include <cstring>

using namespace mlir::sparsity;
using namespace mlir::sparsity::runtime;

static_assert(static_cast<int>(ElementKind::F64) == SPARSE_OPT_F64 &&
                  static_cast<int>(ElementKind::Bool) == SPARSE_OPT_BOOL &&
                  static_cast<int>(ElementKind::I64) == SPARSE_OPT_I64 &&
                  static_cast<int>(ElementKind::U8) == SPARSE_OPT_U8,
              "the C interface has the element types of Format");

static Program *unwrap(SparseOptProgram *program) {
  return reinterpret_cast<Program *>(program);
}
static const Program *unwrap(const SparseOptProgram *program) {
  return reinterpret_cast<const Program *>(program);
}

static SparseOptStatus finishLoad(const Outcome &outcome,
                                  std::unique_ptr<Program> loaded,
                                  SparseOptProgram **program) {
  *program = reinterpret_cast<SparseOptProgram *>(loaded.release());
  return outcome.publish();
}

static SparseOptStatus nullPointer(const char *what) {
  return fail(SPARSE_OPT_VALUE_ERROR,
              std::string("expected ") + what + ", got null");
}

SparseOptStatus sparse_opt_load(const char *path, SparseOptProgram **program) {
  if (!path || !program)
    return nullPointer("a path and a place for the program");
  std::unique_ptr<Program> loaded;
  Outcome outcome = Program::load(path, loaded);
  return finishLoad(outcome, std::move(loaded), program);
}

SparseOptStatus sparse_opt_load_with_buffers(const char *path,
                                             const SparseOptBuffer *buffers,
                                             int64_t count,
                                             SparseOptProgram **program) {
  if (!path || !program || (count > 0 && !buffers))
    return nullPointer("a path, buffers and a place for the program");
  std::unique_ptr<Program> loaded;
  Outcome outcome = Program::load(path, buffers, count, loaded);
  return finishLoad(outcome, std::move(loaded), program);
}

void sparse_opt_unload(SparseOptProgram *program) { delete unwrap(program); }

SparseOptStatus sparse_opt_save(SparseOptProgram *program, const char *path) {
  if (!program || !path)
    return nullPointer("a program and a path");
  return unwrap(program)->save(path).publish();
}

const char *sparse_opt_target(const SparseOptProgram *program) {
  return program ? unwrap(program)->target().c_str() : "";
}

const char *sparse_opt_report(const SparseOptProgram *program) {
  return program ? unwrap(program)->spec().report.c_str() : "null";
}

int64_t sparse_opt_function_count(const SparseOptProgram *program) {
  return program ? unwrap(program)->spec().functions.size() : 0;
}

static const FunctionSpec *functionOf(const SparseOptProgram *program,
                                      int64_t function) {
  if (!program || !unwrap(program)->hasFunction(function))
    return nullptr;
  return &unwrap(program)->spec().functions[function];
}

const char *sparse_opt_function_name(const SparseOptProgram *program,
                                     int64_t function) {
  const FunctionSpec *spec = functionOf(program, function);
  return spec ? spec->name.c_str() : nullptr;
}

int64_t sparse_opt_find_function(const SparseOptProgram *program,
                                 const char *name) {
  for (int64_t i = 0; name && i < sparse_opt_function_count(program); ++i)
    if (functionOf(program, i)->name == name)
      return i;
  return -1;
}

int64_t sparse_opt_input_count(const SparseOptProgram *program,
                               int64_t function) {
  const FunctionSpec *spec = functionOf(program, function);
  return spec ? static_cast<int64_t>(spec->inputs.size()) : -1;
}

int64_t sparse_opt_result_count(const SparseOptProgram *program,
                                int64_t function) {
  const FunctionSpec *spec = functionOf(program, function);
  return spec ? static_cast<int64_t>(spec->results.size()) : -1;
}

template <typename Spec>
static SparseOptStatus describe(const std::vector<Spec> *specs, int64_t index,
                                const char *role, SparseOptTensorInfo *info) {
  if (!info)
    return nullPointer("a place for the information");
  if (!specs || index < 0 || index >= static_cast<int64_t>(specs->size()))
    return fail(SPARSE_OPT_NAME_ERROR, std::string("the program has no ") +
                                           role + " " + std::to_string(index));
  const TensorSpec &spec = (*specs)[index];
  *info = {};
  info->name = spec.name.c_str();
  info->format = "";
  info->statistic = spec.statisticKind.c_str();
  info->type = static_cast<int32_t>(spec.kind);
  info->rank = static_cast<int32_t>(spec.shape.size());
  info->is_updated = spec.isUpdated;
  std::copy(spec.shape.begin(), spec.shape.end(), info->shape);
  return SPARSE_OPT_OK;
}

SparseOptStatus sparse_opt_input_info(const SparseOptProgram *program,
                                      int64_t function, int64_t index,
                                      SparseOptTensorInfo *info) {
  const FunctionSpec *spec = functionOf(program, function);
  return describe(spec ? &spec->inputs : nullptr, index, "input", info);
}

SparseOptStatus sparse_opt_result_info(const SparseOptProgram *program,
                                       int64_t function, int64_t index,
                                       SparseOptTensorInfo *info) {
  const FunctionSpec *spec = functionOf(program, function);
  return describe(spec ? &spec->results : nullptr, index, "result", info);
}

SparseOptStatus sparse_opt_call(SparseOptProgram *program, int64_t function,
                                const SparseOptTensor *inputs,
                                int64_t input_count, SparseOptTensor *results,
                                int64_t result_count, int32_t threads) {
  if (!program || (input_count > 0 && !inputs) ||
      (result_count > 0 && !results))
    return nullPointer("a program, inputs and places for the results");
  return unwrap(program)
      ->call(function, {inputs, input_count, results, result_count, threads})
      .publish();
}

int64_t sparse_opt_operation_count(const SparseOptProgram *program) {
  return program ? unwrap(program)->spec().operationCount : 0;
}

SparseOptStatus sparse_opt_call_timed(
    SparseOptProgram *program, int64_t function, const SparseOptTensor *inputs,
    int64_t input_count, SparseOptTensor *results, int64_t result_count,
    int32_t threads, SparseOptOperation *operations, int64_t operation_count) {
  if (!program || (input_count > 0 && !inputs) ||
      (result_count > 0 && !results) || (operation_count > 0 && !operations))
    return nullPointer(
        "a program, inputs and places for results and operations");
  CallRequest request{inputs, input_count, results, result_count, threads};
  request.operations = operations;
  request.operationCount = std::max<int64_t>(operation_count, 0);
  return unwrap(program)->call(function, request).publish();
}

void sparse_opt_release(SparseOptTensor *tensor) {
  if (!tensor || !tensor->owner)
    return;
  freeBlock(tensor->owner);
  *tensor = {};
}

int64_t sparse_opt_parameter_count(const SparseOptProgram *program) {
  return program ? unwrap(program)->spec().parameters.size() : 0;
}

SparseOptStatus sparse_opt_parameter_info(const SparseOptProgram *program,
                                          int64_t index,
                                          SparseOptTensorInfo *info) {
  const std::vector<ParameterSpec> *specs =
      program ? &unwrap(program)->spec().parameters : nullptr;
  SparseOptStatus status = describe(specs, index, "parameter", info);
  if (status != SPARSE_OPT_OK)
    return status;
  info->format = (*specs)[index].format.c_str();
  info->bytes = unwrap(program)->parameters()->bytes(index);
  return SPARSE_OPT_OK;
}

SparseOptStatus sparse_opt_set_parameters(SparseOptProgram *program,
                                          const char *const *names,
                                          const SparseOptTensor *values,
                                          int64_t count) {
  if (!program || (count > 0 && (!names || !values)))
    return nullPointer("a program, names and values");
  return unwrap(program)->setParameters(names, values, count).publish();
}
