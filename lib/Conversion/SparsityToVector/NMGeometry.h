//===- NMGeometry.h - Sizes of one matrix in the format "nm" --------------===//

#ifndef SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_NMGEOMETRY_H
#define SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_NMGEOMETRY_H

#include "sparse-opt/Conversion/SparsityToVector/FormatLowering.h"
#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

namespace mlir::sparsity {

struct NMGeometry {
  NMGeometry(NMFormatAttr format, const Product &product)
      : n(format.getN()), m(format.getM()),
        groups(llvm::divideCeil(product.inputs, m)),
        panels(llvm::divideCeil(product.outputs, format::kLanes)) {}

  /// Bits of a position in a word of codes.
  int64_t positionBits() const { return m <= 4 ? 2 : 4; }

  int64_t n, m, groups, panels;
};

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_NMGEOMETRY_H
