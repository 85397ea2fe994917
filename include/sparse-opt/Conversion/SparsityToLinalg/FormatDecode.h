//===- FormatDecode.h - Formats that can be decoded -----------------------===//
//
// FormatDecodeInterface and the registration of its models for our formats.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_CONVERSION_SPARSITYTOLINALG_FORMATDECODE_H
#define SPARSE_OPT_CONVERSION_SPARSITYTOLINALG_FORMATDECODE_H

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

#include "sparse-opt/Conversion/SparsityToLinalg/FormatDecodeInterface.h.inc"

namespace mlir::sparsity {
/// Registers FormatDecodeInterface for the format attributes of the dialect.
void registerFormatDecodeModels(DialectRegistry &registry);
} // namespace mlir::sparsity

#endif // SPARSE_OPT_CONVERSION_SPARSITYTOLINALG_FORMATDECODE_H
