//===- Module.cpp - The Python module _sparse_opt -------------------------===//
//
// Only what needs C++: compile, load, and the class Program. Everything with a
// Python face is in the package around it.
//
//===----------------------------------------------------------------------===//

#include "NativeCalibration.h"

#include "sparse-opt/Pipelines/ReportText.h"

#include <nanobind/stl/array.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <algorithm>

using namespace mlir::sparsity;
using namespace mlir::sparsity::python;

/// The shape of an array that a weight is borrowed from must be row-major.
static checkpoint::TensorView weightView(const std::string &name,
                                         const SparseOptTensor &tensor) {
  checkpoint::TensorView view;
  view.name = name;
  view.kind = static_cast<format::ElementKind>(tensor.type);
  view.shape.assign(tensor.shape, tensor.shape + tensor.rank);
  view.data = static_cast<const std::byte *>(tensor.data);
  view.bytes = format::elementBytes(view.kind);
  // Strides of an array without elements say nothing.
  bool isEmpty =
      std::find(view.shape.begin(), view.shape.end(), 0) != view.shape.end();
  int64_t step = 1;
  for (int32_t i = tensor.rank; i-- > 0; step *= tensor.shape[i]) {
    if (!isEmpty && tensor.shape[i] > 1 && tensor.strides[i] != step) {
      PyErr_Format(PyExc_ValueError,
                   "expected weight '%s' in row-major order, got stride %lld "
                   "in dimension %d",
                   name.c_str(), static_cast<long long>(tensor.strides[i]), i);
      throw nb::python_error();
    }
    view.bytes *= tensor.shape[i];
  }
  return view;
}

/// The parts of a request that compiling and pruning share; `borrowed` keeps
/// the weights alive.
static CompileRequest
makeRequest(const std::string &text, const std::string &file, nb::dict weights,
            const std::string &weightsFile, std::optional<std::string> recipe,
            const std::string &recipeFile, const std::string &profile,
            std::vector<BorrowedArray> &borrowed) {
  CompileRequest request;
  request.text = text;
  request.file = file;
  request.weightsFile = weightsFile;
  request.options.recipe = std::move(recipe);
  request.options.recipeFile = recipeFile;
  request.options.profile = profile;
  for (auto [key, value] : weights) {
    std::string name = nameOf(key);
    borrowed.push_back(borrowArray(value, "weight '" + name + "'"));
    request.weights.emplace(name, weightView(name, borrowed.back().tensor));
  }
  return request;
}

/// A program, or the text of its diagnostics.
static nb::object
compile(const std::string &text, const std::string &file, nb::dict weights,
        const std::string &weightsFile, std::optional<std::string> recipe,
        const std::string &recipeFile, const std::string &profile,
        const std::string &target, const std::string &format, bool oracle,
        std::vector<std::string> statistics, const std::string &observe) {
  std::vector<BorrowedArray> borrowed;
  CompileRequest request =
      makeRequest(text, file, weights, weightsFile, std::move(recipe),
                  recipeFile, profile, borrowed);
  request.options.target = target;
  request.options.format = format;
  request.options.oracle = oracle;
  request.options.statistics = std::move(statistics);
  request.options.observedParameters = observe;
  std::string diagnostics;
  std::unique_ptr<LoadedProgram> loaded;
  {
    nb::gil_scoped_release release;
    loaded = compileAndLoad(request, diagnostics);
  }
  if (!loaded)
    return nb::str(diagnostics.c_str(), diagnostics.size());
  return nb::cast(
      std::make_unique<NativeProgram>(std::move(loaded), std::move(borrowed)));
}

/// The new elements of a parameter, where they are.
static nb::object viewParameter(const PrunedParameter &parameter,
                                nb::handle owner) {
  SparseOptTensor tensor = {};
  tensor.type = static_cast<int32_t>(parameter.kind);
  tensor.rank = static_cast<int32_t>(parameter.shape.size());
  std::copy(parameter.shape.begin(), parameter.shape.end(), tensor.shape);
  for (int64_t i = tensor.rank, step = 1; i-- > 0; step *= tensor.shape[i])
    tensor.strides[i] = step;
  tensor.data = const_cast<void *>(parameter.data);
  return viewArray(tensor, owner);
}

/// (name, pattern, hash of the old elements, new elements) of each pruned
/// weight, or the text of the diagnostics.
static nb::object pruneWeights(const std::string &text, const std::string &file,
                               nb::dict weights, const std::string &weightsFile,
                               std::optional<std::string> recipe,
                               const std::string &recipeFile,
                               const std::string &profile) {
  std::vector<BorrowedArray> borrowed;
  CompileRequest request =
      makeRequest(text, file, weights, weightsFile, std::move(recipe),
                  recipeFile, profile, borrowed);
  std::string diagnostics;
  std::unique_ptr<PrunedProgram> pruned;
  {
    nb::gil_scoped_release release;
    pruned = mlir::sparsity::prune(request, diagnostics);
  }
  if (!pruned)
    return nb::str(diagnostics.c_str(), diagnostics.size());
  const PrunedProgram &program = *pruned;
  nb::capsule owner(pruned.release(), [](void *program) noexcept {
    delete static_cast<PrunedProgram *>(program);
  });
  nb::list parameters;
  for (const PrunedParameter &parameter : program.parameters)
    parameters.append(nb::make_tuple(parameter.name, parameter.pattern,
                                     parameter.original,
                                     viewParameter(parameter, owner)));
  return parameters;
}

NB_MODULE(_sparse_opt, module) {
  nb::class_<NativeProgram>(module, "NativeProgram")
      .def("call", &NativeProgram::call, nb::arg("function"),
           nb::arg("arguments"), nb::arg("threads").none(), nb::arg("to_torch"))
      .def("time", &NativeProgram::time, nb::arg("function"),
           nb::arg("arguments"), nb::arg("threads").none())
      .def("set_weights", &NativeProgram::setWeights, nb::arg("weights"))
      .def("save", &NativeProgram::save, nb::arg("path"))
      .def("report", &NativeProgram::report)
      .def("target", &NativeProgram::target)
      .def("functions", &NativeProgram::functions)
      .def("parameters", &NativeProgram::parameters);
  nb::class_<NativeCalibration>(module, "NativeCalibration")
      .def(nb::init<const NativeProgram &, int64_t>(), nb::arg("program"),
           nb::arg("function"), nb::keep_alive<1, 2>())
      .def("add", &NativeCalibration::add, nb::arg("arguments"),
           nb::arg("threads").none())
      .def("save", &NativeCalibration::save, nb::arg("path"));
  module.def("compile", &compile, nb::arg("text"), nb::arg("file"),
             nb::arg("weights"), nb::arg("weights_file"),
             nb::arg("recipe").none(), nb::arg("recipe_file"),
             nb::arg("profile"), nb::arg("target"), nb::arg("format"),
             nb::arg("oracle"), nb::arg("statistics"), nb::arg("observe"));
  module.def("prune", &pruneWeights, nb::arg("text"), nb::arg("file"),
             nb::arg("weights"), nb::arg("weights_file"),
             nb::arg("recipe").none(), nb::arg("recipe_file"),
             nb::arg("profile"));
  module.def(
      "add_measured_times",
      [](const std::string &json,
         const std::vector<std::array<double, 3>> &operations,
         std::array<double, 2> peaks, const std::string &call) {
        std::vector<MeasuredOperation> measured;
        for (auto [microseconds, flops, bytes] : operations)
          measured.push_back({microseconds, flops, bytes});
        return addMeasuredTimes(json, measured, {peaks[0], peaks[1]}, call);
      },
      nb::arg("json"), nb::arg("operations"), nb::arg("peaks"),
      nb::arg("call"));
  module.def(
      "measure_peaks",
      [](int32_t threads) {
        HostPeaks peaks = measureHostPeaks(threads);
        return std::array<double, 2>{peaks.gigaflops, peaks.gigabytesPerSecond};
      },
      nb::arg("threads"), nb::call_guard<nb::gil_scoped_release>());
  module.def(
      "format_report",
      [](const std::string &json) { return formatReport(json); },
      nb::arg("json"));
  module.def("load", &NativeProgram::load, nb::arg("path"));
}
