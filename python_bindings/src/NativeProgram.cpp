//===- NativeProgram.cpp - A program as a Python object -------------------===//
//
// See NativeProgram.h.
//
//===----------------------------------------------------------------------===//

#include "NativeProgram.h"

using namespace mlir::sparsity;
using namespace mlir::sparsity::python;

NativeProgram::NativeProgram(std::unique_ptr<LoadedProgram> compiled,
                             std::vector<BorrowedArray> weights)
    : weights(std::move(weights)), compiled(std::move(compiled)) {
  describeInputs();
}

std::unique_ptr<NativeProgram> NativeProgram::load(const std::string &path) {
  SparseOptProgram *program = nullptr;
  SparseOptStatus status;
  {
    nb::gil_scoped_release release;
    status = sparse_opt_load(path.c_str(), &program);
  }
  if (status != SPARSE_OPT_OK)
    raiseLastError(status);
  std::unique_ptr<NativeProgram> native(new NativeProgram());
  native->loaded.reset(program);
  native->describeInputs();
  return native;
}

void NativeProgram::describeInputs() {
  for (int64_t f = 0; f < sparse_opt_function_count(get()); ++f) {
    std::vector<Input> &described = inputs.emplace_back();
    SparseOptTensorInfo info;
    for (int64_t i = 0; i < sparse_opt_input_count(get(), f); ++i) {
      sparse_opt_input_info(get(), f, i, &info);
      described.push_back({std::string("input '") + info.name + "'",
                           info.is_updated != 0, *info.statistic != 0});
    }
  }
}

NativeProgram::Arguments NativeProgram::borrow(int64_t function,
                                               nb::sequence arguments,
                                               bool withStatistics) const {
  static const std::string kTooMany = "an argument too many";
  Arguments result;
  size_t count = nb::len(arguments);
  result.borrowed.reserve(count);
  auto expected = inputs.at(function).begin();
  const auto end = inputs.at(function).end();
  for (size_t i = 0; i < count; ++i) {
    nb::object argument(arguments[i]);
    while (!withStatistics && expected != end && expected->isStatistic)
      ++expected;
    const Input *known = expected == end ? nullptr : &*expected++;
    result.borrowed.push_back(
        borrowArray(argument, known ? known->text : kTooMany));
    if (known && known->isUpdated)
      checkWritable(argument, known->text);
    result.inputs.push_back(result.borrowed.back().tensor);
  }
  return result;
}

nb::list NativeProgram::call(int64_t function, nb::sequence arguments,
                             nb::handle threadCount, bool toTorch) const {
  int32_t threads = threadsOf(threadCount);
  Arguments borrowed = borrow(function, arguments);
  const std::vector<SparseOptTensor> &inputs = borrowed.inputs;
  std::vector<SparseOptTensor> results(
      sparse_opt_result_count(get(), function));
  SparseOptStatus status;
  {
    nb::gil_scoped_release release;
    status = sparse_opt_call(get(), function, inputs.data(), inputs.size(),
                             results.data(), results.size(), threads);
  }
  // The message belongs to this thread, so it is still there.
  if (status != SPARSE_OPT_OK)
    raiseLastError(status);
  nb::list arrays;
  for (const SparseOptTensor &result : results)
    arrays.append(giveArray(result, toTorch));
  return arrays;
}

std::vector<std::array<double, 3>>
NativeProgram::time(int64_t function, nb::sequence arguments,
                    nb::handle threadCount) const {
  int32_t threads = threadsOf(threadCount);
  Arguments borrowed = borrow(function, arguments);
  const std::vector<SparseOptTensor> &inputs = borrowed.inputs;
  std::vector<SparseOptTensor> results(
      sparse_opt_result_count(get(), function));
  std::vector<SparseOptOperation> done(sparse_opt_operation_count(get()));
  SparseOptStatus status;
  {
    nb::gil_scoped_release release;
    status = sparse_opt_call_timed(
        get(), function, inputs.data(), inputs.size(), results.data(),
        results.size(), threads, done.data(), done.size());
  }
  if (status != SPARSE_OPT_OK)
    raiseLastError(status);
  for (SparseOptTensor &result : results)
    sparse_opt_release(&result);
  std::vector<std::array<double, 3>> operations;
  for (const SparseOptOperation &operation : done)
    operations.push_back(
        {operation.microseconds, operation.flops, operation.bytes});
  return operations;
}

void NativeProgram::setWeights(nb::dict values) {
  std::vector<std::string> names;
  std::vector<BorrowedArray> borrowed;
  std::vector<SparseOptTensor> tensors;
  for (auto [key, value] : values) {
    names.push_back(nameOf(key));
    borrowed.push_back(borrowArray(value, "parameter '" + names.back() + "'"));
    tensors.push_back(borrowed.back().tensor);
  }
  std::vector<const char *> texts;
  for (const std::string &name : names)
    texts.push_back(name.c_str());
  SparseOptStatus status;
  {
    nb::gil_scoped_release release;
    status = sparse_opt_set_parameters(get(), texts.data(), tensors.data(),
                                       tensors.size());
  }
  if (status != SPARSE_OPT_OK)
    raiseLastError(status);
}

void NativeProgram::save(const std::string &path) const {
  SparseOptStatus status;
  {
    nb::gil_scoped_release release;
    status = sparse_opt_save(get(), path.c_str());
  }
  if (status != SPARSE_OPT_OK)
    raiseLastError(status);
}

/// (name, dtype, shape, whether it is updated, what statistic); -1 = any
/// extent.
static nb::tuple describe(const SparseOptTensorInfo &info) {
  nb::list shape;
  for (int32_t i = 0; i < info.rank; ++i)
    shape.append(info.shape[i]);
  return nb::make_tuple(info.name, typeName(info.type), nb::tuple(shape),
                        info.is_updated != 0, info.statistic);
}

nb::list NativeProgram::functions() const {
  nb::list functions;
  SparseOptTensorInfo info;
  for (int64_t f = 0; f < sparse_opt_function_count(get()); ++f) {
    nb::list inputs, results;
    for (int64_t i = 0; i < sparse_opt_input_count(get(), f); ++i)
      if (sparse_opt_input_info(get(), f, i, &info) == SPARSE_OPT_OK)
        inputs.append(describe(info));
    for (int64_t i = 0; i < sparse_opt_result_count(get(), f); ++i)
      if (sparse_opt_result_info(get(), f, i, &info) == SPARSE_OPT_OK)
        results.append(describe(info));
    functions.append(
        nb::make_tuple(sparse_opt_function_name(get(), f), inputs, results));
  }
  return functions;
}

nb::list NativeProgram::parameters() const {
  nb::list parameters;
  SparseOptTensorInfo info;
  for (int64_t i = 0; i < sparse_opt_parameter_count(get()); ++i)
    if (sparse_opt_parameter_info(get(), i, &info) == SPARSE_OPT_OK)
      parameters.append(
          nb::make_tuple(describe(info), info.format, info.bytes));
  return parameters;
}
