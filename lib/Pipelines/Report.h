//===- Report.h - The decisions of one compilation ------------------------===//
//
// Writes what was chosen for each weight as JSON.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_PIPELINES_REPORT_H
#define SPARSE_OPT_LIB_PIPELINES_REPORT_H

#include "sparse-opt/Pipelines/Compile.h"

namespace mlir::sparsity {

/// {"weights": [{"name", "shape", "dtype", "format", "pattern", "bytes",
/// "bytes_dense"}...]}
std::string writeReport(ModuleOp module, const CompiledProgram &program);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_PIPELINES_REPORT_H
