//===- ReportText.h - A report as a table ---------------------------------===//
//
// The report of a compilation for people. What is in it is decided where the
// JSON is written.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_PIPELINES_REPORTTEXT_H
#define SPARSE_OPT_PIPELINES_REPORTTEXT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <string>

namespace mlir::sparsity {

/// One row per weight, then one per operation; empty when there is no report.
std::string formatReport(llvm::StringRef jsonText);

/// The report with "measured_us" in the rows of operations, and of weights,
/// which take what their products took; `microseconds` has one number for each
/// operation, `call` says what was measured.
std::string addMeasuredTimes(llvm::StringRef jsonText,
                             llvm::ArrayRef<double> microseconds,
                             llvm::StringRef call);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_PIPELINES_REPORTTEXT_H
