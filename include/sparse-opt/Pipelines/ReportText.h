//===- ReportText.h - A report as a table ---------------------------------===//
//
// The report of a compilation for people. What is in it is decided where the
// JSON is written.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_PIPELINES_REPORTTEXT_H
#define SPARSE_OPT_PIPELINES_REPORTTEXT_H

#include "sparse-opt/Target/HostPeaks.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <string>

namespace mlir::sparsity {

/// One row per weight, then one per operation; empty when there is no report.
std::string formatReport(llvm::StringRef jsonText);

/// What an operation did in a call: how long it took, its floating-point
/// operations (a multiply-add is two), and the bytes that it had to read or
/// write at least; 0 where that is not known.
struct MeasuredOperation {
  double microseconds, flops, bytes;
};

/// The report with "measured_us" in the rows of operations, and of weights,
/// which take what their products took. Rows of operations have "gflops" and
/// "gbytes_per_second" as well, and "roofline", the share of what `peaks`
/// allow. There is one of `measured` for each operation; `call` says what was
/// measured.
std::string addMeasuredTimes(llvm::StringRef jsonText,
                             llvm::ArrayRef<MeasuredOperation> measured,
                             const HostPeaks &peaks, llvm::StringRef call);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_PIPELINES_REPORTTEXT_H
