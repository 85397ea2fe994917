//===- CompileAndLoad.cpp - From MLIR text to a program -------------------===//
//
// See CompileAndLoad.h. The library is linked into a temporary file, which is
// removed once it is loaded.
//
//===----------------------------------------------------------------------===//

#include "CompileAndLoad.h"

#include "Progress.h"

#include "sparse-opt/InitAll.h"
#include "sparse-opt/Pipelines/Link.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace mlir::sparsity;

namespace {
/// One compilation; every step returns false after adding to `diagnostics`.
class Driver {
public:
  Driver(const CompileRequest &request, std::string &diagnostics)
      : request(request), diagnostics(diagnostics),
        loaded(std::make_unique<LoadedProgram>()) {}

  std::unique_ptr<LoadedProgram> run();
  std::unique_ptr<PrunedProgram> prune();

private:
  void makeContext();
  /// Runs `steps` in a new context, whose errors are kept. False after one.
  bool attempt(function_ref<bool()> steps);
  bool parse();
  bool attach();
  bool compile();
  bool load(const CompiledProgram &compiled);
  bool fail(const Twine &message) {
    diagnostics += ("error: " + message + "\n").str();
    return false;
  }
  void print(Diagnostic &diagnostic, StringRef severity);

  const CompileRequest &request;
  std::string &diagnostics;
  std::unique_ptr<LoadedProgram> loaded;
};

/// Removes a file at the end of a scope.
struct TemporaryFile {
  SmallString<128> path;
  ~TemporaryFile() {
    if (!path.empty())
      llvm::sys::fs::remove(path);
  }
};
} // namespace

void Driver::makeContext() {
  DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllToLLVMIRTranslations(registry);
  sparsity::registerAllDialects(registry);
  loaded->context = std::make_unique<MLIRContext>(registry);
  // torch-mlir's attention op comes in generic form; other unknown ops are
  // errors of the compile driver.
  loaded->context->allowUnregisteredDialects();
  // Whole operations in messages help those who write passes, nobody else.
  loaded->context->printOpOnDiagnostic(false);
}

/// "file:line:col: error: text", as tools print it but without the source.
void Driver::print(Diagnostic &diagnostic, StringRef severity) {
  llvm::raw_string_ostream stream(diagnostics);
  FileLineColLoc location =
      diagnostic.getLocation()->findInstanceOf<FileLineColLoc>();
  if (location)
    stream << location.getFilename().getValue() << ":" << location.getLine()
           << ":" << location.getColumn() << ": ";
  else if (auto file = diagnostic.getLocation()->findInstanceOf<NameLoc>())
    stream << file.getName().getValue() << ": ";
  stream << severity << ": " << diagnostic << "\n";
  for (Diagnostic &note : diagnostic.getNotes())
    print(note, "note");
}

bool Driver::parse() {
  std::unique_ptr<llvm::MemoryBuffer> buffer;
  std::string message;
  if (request.file.empty())
    buffer = llvm::MemoryBuffer::getMemBuffer(request.text, "<text>");
  else
    buffer = openInputFile(request.file, &message);
  if (!buffer)
    return fail(message);
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(buffer), SMLoc());
  loaded->module =
      parseSourceFile<ModuleOp>(sources, ParserConfig(loaded->context.get()));
  return loaded->module || !diagnostics.empty() ? bool(loaded->module)
                                                : fail("expected a program");
}

bool Driver::attach() {
  WeightMap weights = request.weights;
  if (!request.weightsFile.empty()) {
    checkpoint::Result<checkpoint::Checkpoint> opened =
        checkpoint::Checkpoint::open(request.weightsFile);
    if (!opened)
      return fail(opened.message());
    loaded->checkpoint.emplace(std::move(*opened));
    weights.merge(weightsOf(*loaded->checkpoint));
  }
  return succeeded(attachWeights(*loaded->module, weights));
}

bool Driver::compile() {
  CompileOptions options = request.options;
  ProgressBar bar;
  if (!options.progress)
    options.progress = [&bar](StringRef stage, double fraction) {
      bar.show(stage, fraction);
    };
  FailureOr<CompiledProgram> compiled =
      compileProgram(*loaded->module, options);
  if (failed(compiled))
    return false;
  loaded->report = compiled->report;
  return load(*compiled);
}

bool Driver::load(const CompiledProgram &compiled) {
  TemporaryFile file;
  if (std::error_code code = llvm::sys::fs::createTemporaryFile(
          "sparse-opt-program", "so", file.path))
    return fail("cannot create a temporary file: " + code.message());
  if (llvm::Error error = linkSharedLibrary(compiled, file.path))
    return fail(llvm::toString(std::move(error)));
  std::vector<SparseOptBuffer> buffers;
  for (const ParameterInfo &parameter : compiled.parameters)
    for (const ParameterBuffer &buffer : parameter.buffers)
      buffers.push_back({buffer.data, buffer.bytes});
  SparseOptProgram *program = nullptr;
  if (sparse_opt_load_with_buffers(file.path.c_str(), buffers.data(),
                                   buffers.size(), &program) != SPARSE_OPT_OK)
    return fail(sparse_opt_last_error());
  loaded->program.reset(program);
  return true;
}

bool Driver::attempt(function_ref<bool()> steps) {
  makeContext();
  ScopedDiagnosticHandler handler(
      loaded->context.get(), [this](Diagnostic &diagnostic) {
        // Warnings and remarks are for the opt-style driver.
        if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
          print(diagnostic, "error");
        return success();
      });
  if (steps())
    return true;
  return !diagnostics.empty() ? false : fail("the program cannot be compiled");
}

std::unique_ptr<LoadedProgram> Driver::run() {
  bool isDone = attempt([&] { return parse() && attach() && compile(); });
  return isDone ? std::move(loaded) : nullptr;
}

std::unique_ptr<PrunedProgram> Driver::prune() {
  auto pruned = std::make_unique<PrunedProgram>();
  bool isDone = attempt([&] {
    if (!parse() || !attach())
      return false;
    auto parameters = pruneProgram(*loaded->module, request.options);
    if (failed(parameters))
      return false;
    pruned->parameters = std::move(*parameters);
    return true;
  });
  pruned->checkpoint = std::move(loaded->checkpoint);
  pruned->context = std::move(loaded->context);
  pruned->module = std::move(loaded->module);
  return isDone ? std::move(pruned) : nullptr;
}

std::unique_ptr<PrunedProgram>
mlir::sparsity::prune(const CompileRequest &request, std::string &diagnostics) {
  return Driver(request, diagnostics).prune();
}

std::unique_ptr<LoadedProgram>
mlir::sparsity::compileAndLoad(const CompileRequest &request,
                               std::string &diagnostics) {
  return Driver(request, diagnostics).run();
}
