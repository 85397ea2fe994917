//===- Metadata.h - What a program says about itself ----------------------===//
//
// The JSON text behind the symbol `sparse_opt_metadata` of every program, and
// its reader. The compiler writes it (Pipelines/Link.h). Private to this room.
//
//   {"version": 3, "program": "0123456789abcdef",
//    "functions": [
//      {"name": "main", "symbol": "sparse_opt_main",
//       "inputs":  [{"name": "x", "dtype": "f32", "shape": [-1, 64]}],
//       "results": [{"name": "y", "dtype": "f32", "shape": [-1, 32]}],
//       "parameters": [[0, 0], [0, 1]]}],
//    "parameters": [
//      {"name": "fc.weight", "dtype": "f32", "shape": [32, 64],
//       "format": "#sparsity.nm_format<2:4>", "transposed": false,
//       "buffers": [{"dtype": "f32", "shape": [1024]},
//                   {"dtype": "i32", "shape": [64]}]}],
//    "operations": 17,
//    "variants": [{"target": "x86-64-v3", "suffix": "",
//                  "instruction_sets": ["avx2", "fma"]}],
//    "report": {...}}
//
// "program" ties the weights file to the program; -1 is a dynamic extent.
// Inputs with "updated": true are written to; what a "statistic" says is added
// to its input (Checkpoint/Profile.h). "parameters" of a function are
// [parameter, buffer] in the order of its arguments. A format of "" means one
// buffer with the elements in row-major order. Two parameters may have one
// name: one weight, stored in two ways. "operations" is how many can be timed,
// and may be missing. "variants" are code for several targets, the best first:
// their functions have the suffix behind their symbols and may use the
// instruction sets, by LLVM's names.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_RUNTIME_METADATA_H
#define SPARSE_OPT_LIB_RUNTIME_METADATA_H

#include "sparse-opt/Format/Matrix.h"
#include "sparse-opt/Format/Result.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mlir::sparsity::runtime {

using format::ElementKind;

inline constexpr int64_t kMetadataVersion = 3;

/// A tensor at the boundary of a program; -1 = dynamic extent.
struct TensorSpec {
  std::string name;
  ElementKind kind = ElementKind::F32;
  std::vector<int64_t> shape;
  /// An integer of either signedness, as MLIR's iN is.
  bool isSignless = false;
  /// An input that the program reads and writes where it is.
  bool isUpdated = false;
  /// What the program adds to it: the kind and its JSON, or empty.
  std::string statisticKind, statistic;
};

struct ParameterSpec : TensorSpec {
  /// Name in the weights file: `name`, made unique.
  std::string entry;
  std::string format;
  bool isTransposed = false;
  std::vector<TensorSpec> buffers;
};

struct FunctionSpec {
  std::string name, symbol;
  std::vector<TensorSpec> inputs, results;
  std::vector<std::pair<int64_t, int64_t>> parameters;
};

/// Code for one target.
struct VariantSpec {
  std::string target, suffix;
  std::vector<std::string> instructionSets;
};

struct ProgramSpec {
  std::string program;
  std::vector<FunctionSpec> functions;
  std::vector<ParameterSpec> parameters;
  int64_t operationCount = 0;
  /// At least one.
  std::vector<VariantSpec> variants;
  /// JSON.
  std::string report;
};

/// Reads metadata; every index in the result is in range.
format::Result<ProgramSpec> parseMetadata(std::string_view text);

/// "[2, ?, 3]".
std::string shapeText(const std::vector<int64_t> &shape);

} // namespace mlir::sparsity::runtime

#endif // SPARSE_OPT_LIB_RUNTIME_METADATA_H
