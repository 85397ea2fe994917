//===- Report.h - The decisions of one compilation ------------------------===//
//
// Collects what was decided for each weight and operation as JSON. Its table
// for people is made of the JSON, in ReportText.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_PIPELINES_REPORT_H
#define SPARSE_OPT_LIB_PIPELINES_REPORT_H

#include "sparse-opt/Pipelines/Compile.h"

namespace mlir::sparsity {

/// {"version": 2, "weights": [...], "operations": [...]}.
///
/// A weight has "name", "shape", "dtype", "pattern", "density", "format",
/// "bytes", "bytes_dense"; where formats were compared also "tokens",
/// "predicted_us" (one for each of "tokens"), "why" and "candidates".
/// A product has "op", "result", "location" and, with a weight, "weight" and
/// "format"; other operations have "op" and "count". They are counted before
/// fusion.
std::string writeReport(ModuleOp module, const CompiledProgram &program);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_PIPELINES_REPORT_H
