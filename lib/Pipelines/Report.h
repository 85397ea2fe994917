//===- Report.h - The decisions of one compilation ------------------------===//
//
// Collects what was decided for each weight and operation as JSON. Its table
// for people is made of the JSON, in ReportText.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_PIPELINES_REPORT_H
#define SPARSE_OPT_LIB_PIPELINES_REPORT_H

#include "sparse-opt/Dialect/Sparsity/IR/Ranking.h"
#include "sparse-opt/Pipelines/Compile.h"

#include "llvm/Support/JSON.h"

namespace mlir::sparsity {

/// {"version": 3, "weights": [...], "operations": [...]}.
///
/// A weight has "name", "shape", "dtype", "pattern", "density", "format",
/// "bytes", "bytes_dense"; where formats were compared also "tokens",
/// "predicted_us" (one for each of "tokens"), "why" and "candidates".
/// Those are of all its products together, and missing where products have
/// different numbers of tokens.
/// An operation is a part of the program that can be timed. It has "op",
/// "location" and, if it is a product with a weight or several of the same x,
/// for each "weights" (names) and "weight_rows" (indices into "weights": one
/// weight may be packed in several ways), "format" and, where formats were
/// compared, "tokens" and "predicted_us".
class Report {
public:
  /// What was decided; before the program is lowered.
  void addWeights(ModuleOp module, const CompiledProgram &program);
  /// What sparsity-time-operations has numbered; takes its attribute away and
  /// returns how many there are.
  int64_t addOperations(ModuleOp module, const CompiledProgram &program);
  std::string str() const;

private:
  llvm::json::Array weights, operations;
};

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_PIPELINES_REPORT_H
