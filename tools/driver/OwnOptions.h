//===- OwnOptions.h - Command lines without LLVM's options ----------------===//
//
// LLVM's libraries register hundreds of options, some under the names that ours
// have.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_TOOLS_DRIVER_OWNOPTIONS_H
#define SPARSE_OPT_TOOLS_DRIVER_OWNOPTIONS_H

namespace mlir::sparsity {

/// Removes every option that is registered so far but --help and --version. To
/// be called before a tool makes its own.
void removeUpstreamOptions();

} // namespace mlir::sparsity

#endif // SPARSE_OPT_TOOLS_DRIVER_OWNOPTIONS_H
