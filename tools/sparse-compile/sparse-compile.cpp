//===- sparse-compile.cpp - From MLIR to a shared library -----------------===//
//
// Writes a program, its C header and its packed weights. Only parses options.
//
//===----------------------------------------------------------------------===//

#include "CompileAndLoad.h"

#include "OwnOptions.h"
#include "sparse-opt/Checkpoint/AtomicFile.h"
#include "sparse-opt/Checkpoint/PackedFile.h"
#include "sparse-opt/Pipelines/ReportText.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/raw_ostream.h"

#include <csignal>

using namespace mlir::sparsity;

namespace cl = llvm::cl;

namespace {
struct Options {
  cl::OptionCategory category{"sparse-compile options"};
  cl::opt<std::string> input{cl::Positional, cl::Required,
                             cl::desc("<model.mlir>"), cl::cat(category)};
  cl::opt<std::string> output{"o", cl::Required, cl::value_desc("model.so"),
                              cl::desc("shared library; model.h and "
                                       "model.weights go beside it"),
                              cl::cat(category)};
  cl::opt<std::string> weights{"weights", cl::value_desc("model.safetensors"),
                               cl::desc("values of the program's resources"),
                               cl::cat(category)};
  cl::opt<std::string> recipe{"recipe", cl::value_desc("recipe.yaml"),
                              cl::desc("which weights to make sparse, and how"),
                              cl::cat(category)};
  cl::list<std::string> statistics{
      "statistics", cl::CommaSeparated,
      cl::value_desc("gram,magnitudes,squares,zeros"),
      cl::desc("a program that collects these of the weights' inputs, for "
               "sparse-run --calibrate"),
      cl::cat(category)};
  cl::opt<std::string> observe{"observe", cl::init("*"), cl::value_desc("glob"),
                               cl::desc("which weights --statistics is for"),
                               cl::cat(category)};
  cl::opt<std::string> target{
      "target", cl::init("host"), cl::value_desc("cpu,..."),
      cl::desc(
          "'host' or the name of an x86-64 CPU; of several, the code of the "
          "first that the machine can execute runs"),
      cl::cat(category)};
  cl::opt<std::string> report{"report", cl::value_desc("report.{json,txt}"),
                              cl::desc("write what was decided, and why: a "
                                       "table (.txt) or JSON"),
                              cl::cat(category)};
};
} // namespace

static int fail(llvm::StringRef message) {
  llvm::errs() << "sparse-compile: error: " << message << "\n";
  return 1;
}

/// An output that would take the place of an input or of another output, or "".
static std::string findClash(const Options &options) {
  return checkpoint::findClash(
      {options.input, options.weights, options.recipe},
      {options.output, checkpoint::besideProgram(options.output, ".h"),
       checkpoint::besideProgram(options.output, ".weights"), options.report});
}

/// The report is ready before the program is written, and renamed after it.
static int write(const LoadedProgram &loaded, const Options &options) {
  std::optional<checkpoint::AtomicFile> report;
  if (!options.report.empty()) {
    checkpoint::Result<checkpoint::AtomicFile> file =
        checkpoint::AtomicFile::open(options.report);
    if (!file)
      return fail(file.message());
    report.emplace(std::move(*file));
    bool isText = llvm::StringRef(options.report).ends_with(".txt");
    if (checkpoint::Status status = report->write(
            isText ? formatReport(loaded.report) : loaded.report + "\n");
        !status)
      return fail(status.message());
  }
  if (sparse_opt_save(loaded.program.get(), options.output.c_str()) !=
      SPARSE_OPT_OK)
    return fail(sparse_opt_last_error());
  if (report)
    if (checkpoint::Status status = report->commit(); !status)
      return fail(status.message());
  return 0;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  // A file that grows past a limit of the shell is an error of the write.
  std::signal(SIGXFSZ, SIG_IGN);
  mlir::sparsity::removeUpstreamOptions();
  Options options;
  cl::ParseCommandLineOptions(argc, argv, "sparse-opt's compiler\n");
  if (!llvm::StringRef(options.output).ends_with(".so"))
    return fail("expected an output whose name ends with '.so', got '" +
                options.output + "'");
  if (std::string path = findClash(options); !path.empty())
    return fail("expected different files to read and to write, got '" + path +
                "' twice");
  CompileRequest request;
  request.file = options.input;
  request.weightsFile = options.weights;
  request.options.recipeFile = options.recipe;
  request.options.target = options.target;
  request.options.statistics = options.statistics;
  request.options.observedParameters = options.observe;
  std::string diagnostics;
  std::unique_ptr<LoadedProgram> loaded = compileAndLoad(request, diagnostics);
  if (!loaded) {
    llvm::errs() << diagnostics;
    return 1;
  }
  return write(*loaded, options);
}
