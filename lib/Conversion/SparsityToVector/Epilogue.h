//===- Epilogue.h - What follows the sums of a product ----------*- C++ -*-===//
//
// Generic ops for the epilogue of `sparsity.matmul` on memrefs; they become
// vector loops with those of the rest of the program.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_EPILOGUE_H
#define SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_EPILOGUE_H

#include "sparse-opt/Conversion/SparsityToVector/Emitter.h"
#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

namespace mlir::sparsity {

/// The epilogue of a product of tokens by outputs.
struct Epilogue {
  Epilogue() = default;
  /// Of a product of rank 2; `operands` are its operands as the function around
  /// the kernel has them.
  Epilogue(MatmulOp op, ValueRange operands);

  explicit operator bool() const { return bool(op); }

  /// Stores to `y`, tokens x outputs from (`token`, `output`) of the product
  /// on, what the region makes of `sums`, which may be `y` itself.
  void emit(Emitter &e, Value sums, Value y, Value token, Value output) const;

  MatmulOp op;
  SmallVector<Value> operands;
  /// How they lie along tokens and outputs.
  SmallVector<AffineMap> maps;
};

/// True when the kernels' function computes the epilogue itself, item by item.
bool isEpilogueFused(MatmulOp op);

/// Moves the epilogue of a product on memrefs into an op of its own behind it.
void splitEpilogue(MatmulOp op);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_EPILOGUE_H
