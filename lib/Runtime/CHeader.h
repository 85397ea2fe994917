//===- CHeader.h - The C header of a program ------------------------------===//
//
// Text only: what a C programmer needs to call a program. Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_RUNTIME_CHEADER_H
#define SPARSE_OPT_LIB_RUNTIME_CHEADER_H

#include "Metadata.h"

namespace mlir::sparsity::runtime {

/// The header of a program that is written to `path`.
std::string headerText(const ProgramSpec &spec, const std::string &path);

} // namespace mlir::sparsity::runtime

#endif // SPARSE_OPT_LIB_RUNTIME_CHEADER_H
