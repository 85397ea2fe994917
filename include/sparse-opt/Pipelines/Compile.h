//===- Compile.h - From a tensor program to a native program --------------===//
//
// The compile driver that sparse-compile, sparse-run and the Python module
// share: runs the pipelines, generates code and hands over what a runtime needs
// to load the result. Calling programs is the Runtime room's work.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_PIPELINES_COMPILE_H
#define SPARSE_OPT_PIPELINES_COMPILE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Support/LLVM.h"
#include "llvm/ADT/SmallVector.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mlir::sparsity {

struct CompileOptions {
  /// "host" or an x86-64 CPU name (TargetDescription::parse), or several with
  /// commas between them: formats are chosen for the first, and the program
  /// runs the code of the first whose instruction sets the machine has.
  std::string target = "host";
  /// Storage format of every weight instead of the fastest: dense, nm, bsr or
  /// stream; empty = choose.
  std::string format;
  /// Recipe text (YAML), or the file that has it; without either nothing is
  /// annotated.
  std::optional<std::string> recipe;
  std::string recipeFile;
  /// A profile for importances of the recipe that read one and name none.
  std::string profile;
  /// The kinds of statistics that the program is to collect instead of its
  /// results (--sparsity-instrument), and a glob on the parameters' names.
  std::vector<std::string> statistics;
  std::string observedParameters = "*";
  /// Compile the dense meaning through upstream's passes instead: the oracle.
  bool oracle = false;
  /// Called with a stage name and a fraction in [0, 1]; may be null.
  std::function<void(StringRef, double)> progress;
};

/// What a program adds to one of its inputs (#sparsity.statistic).
struct StatisticInfo {
  struct Observed {
    std::string parameter, dtype;
    std::vector<int64_t> shape;
    int64_t axis;
    std::string hash;
  };
  std::string kind;
  std::vector<Observed> of;
};

/// One tensor that crosses the program's boundary; -1 = dynamic extent.
struct TensorInfo {
  std::string name;
  std::string dtype; // "f32", "i64", "i1", ...
  std::vector<int64_t> shape;
  /// An input that the program reads and writes where it is.
  bool isUpdated = false;
  std::optional<StatisticInfo> statistic = std::nullopt;
};

/// One storage buffer of a parameter: the program's argument after its inputs.
struct ParameterBuffer {
  std::string dtype;
  std::vector<int64_t> shape;
  /// Borrowed from the MLIR context's blobs; valid as long as the module is.
  const void *data = nullptr;
  int64_t bytes = 0;
};

struct ParameterInfo {
  std::string symbol;         // of the sparsity.parameter
  std::string name;           // as the user knows it
  std::string dtype;          // element type of the dense weight
  std::vector<int64_t> shape; // of the dense weight, as the user gave it
  std::string format;         // attribute text, "" = plain tensor
  bool transposed = false;    // the packed matrix is the weight's transpose
  std::vector<ParameterBuffer> buffers;
};

struct FunctionInfo {
  std::string name;
  std::vector<TensorInfo> inputs, results;
  /// Arguments after the inputs: index into parameters, and buffer number.
  std::vector<std::pair<int64_t, int64_t>> parameters;
  /// Exported symbol, before a variant's suffix: void symbol(void **args); args
  /// are pointers to memref descriptors {ptr, ptr, offset, sizes.., strides..}:
  /// one per result (to be filled; data of the runtime's allocator), then
  /// inputs, then parameter buffers.
  std::string symbol;
};

/// Code for one target.
struct ProgramVariant {
  /// As the user gave it.
  std::string target;
  /// Relocatable ELF object.
  std::string object;
  /// LLVM's names of the instruction sets that the code may use.
  std::vector<std::string> instructionSets;
  /// What is appended to the symbols of its functions.
  std::string suffix;
};

struct CompiledProgram {
  /// One for each target, in the order of preference.
  std::vector<ProgramVariant> variants;
  std::vector<FunctionInfo> functions;
  std::vector<ParameterInfo> parameters;
  /// Parts that the runtime can time, numbered as in the report.
  int64_t operationCount = 0;
  /// Report as JSON text (one row per weight and op).
  std::string report;
};

/// Compiles `module` in place (it is lowered to LLVM on success). Errors are
/// diagnostics on the program's own locations.
FailureOr<CompiledProgram> compileProgram(ModuleOp module,
                                          const CompileOptions &options);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_PIPELINES_COMPILE_H
