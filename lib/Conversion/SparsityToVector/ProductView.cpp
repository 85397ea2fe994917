//===- ProductView.cpp - A product as tokens times packed outputs ---------===//
//
// Transposed views, collapsed batch dimensions, and loops over those that do
// not collapse. No element is moved here.
//
//===----------------------------------------------------------------------===//

#include "ProductView.h"
#include "CopyMatrix.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::sparsity;

/// Dimensions 0 .. rank - 2 as one and the last alone.
static SmallVector<ReassociationIndices> getRowGroups(int64_t rank) {
  SmallVector<ReassociationIndices> groups(2);
  for (int64_t dim = 0; dim + 1 < rank; ++dim)
    groups[0].push_back(dim);
  groups[1].push_back(rank - 1);
  return groups;
}

Value mlir::sparsity::sliceMatrix(Emitter &e, Value memref,
                                  ValueRange indices) {
  int64_t rank = cast<MemRefType>(memref.getType()).getRank();
  if (rank == 2)
    return memref;
  SmallVector<Value> offsets(indices);
  offsets.append(2, e.index(0));
  return e.matrixView(memref, offsets,
                      {e.dim(memref, rank - 2), e.dim(memref, rank - 1)});
}

static void forBatch(Emitter &e, Value memref, int64_t batch,
                     SmallVector<Value> &indices, function_ref<void()> body) {
  int64_t dim = indices.size();
  if (dim == batch)
    return body();
  e.loop(e.index(0), e.dim(memref, dim), 1, [&](Value i) {
    indices.push_back(i);
    forBatch(e, memref, batch, indices, body);
    indices.pop_back();
  });
}

void mlir::sparsity::forEachMatrix(Emitter &e, MatmulOp op,
                                   function_ref<void(Value, Value)> body) {
  bool lhsPacked = op.isLhsPacked();
  Value x = lhsPacked ? op.getRhs() : op.getLhs(), y = op.getInit();
  bool turnX = lhsPacked ? !op.getTransposeRhs() : op.getTransposeLhs();
  int64_t rank = op.getRank();
  SmallVector<ReassociationIndices> groups = getRowGroups(rank);
  auto collapses = [&](Value memref) {
    return memref::CollapseShapeOp::isGuaranteedCollapsible(
        cast<MemRefType>(memref.getType()), groups);
  };
  if (rank > 2 && !turnX && !lhsPacked && collapses(x) && collapses(y))
    return body(memref::CollapseShapeOp::create(e, x, groups),
                memref::CollapseShapeOp::create(e, y, groups));
  SmallVector<Value> indices;
  forBatch(e, y, rank - 2, indices, [&] {
    Value matrix = sliceMatrix(e, x, indices);
    Value result = sliceMatrix(e, y, indices);
    body(turnX ? transposeView(e, matrix) : matrix,
         lhsPacked ? transposeView(e, result) : result);
  });
}

/// The view with its last two dimensions exchanged.
static Value transposeMatrices(Emitter &e, Value memref) {
  int64_t rank = cast<MemRefType>(memref.getType()).getRank();
  SmallVector<unsigned> order = llvm::to_vector(llvm::seq<unsigned>(rank));
  std::swap(order[rank - 2], order[rank - 1]);
  auto map = AffineMap::getPermutationMap(order, e.getContext());
  return memref::TransposeOp::create(e, memref, AffineMapAttr::get(map));
}

std::pair<Value, Value> mlir::sparsity::getDensePair(Emitter &e, MatmulOp op) {
  Value lhs = op.getLhs(), rhs = op.getRhs();
  return {op.getTransposeLhs() ? transposeMatrices(e, lhs) : lhs,
          op.getTransposeRhs() ? transposeMatrices(e, rhs) : rhs};
}

MemRefType mlir::sparsity::getCommonType(Value memref, int64_t last) {
  auto type = cast<MemRefType>(memref.getType());
  SmallVector<int64_t> shape(type.getRank(), ShapedType::kDynamic);
  if (last >= 0)
    shape.back() = last;
  SmallVector<int64_t> strides;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    strides.push_back(hasUnitStride(memref, dim) ? 1 : ShapedType::kDynamic);
  auto layout =
      StridedLayoutAttr::get(type.getContext(), ShapedType::kDynamic, strides);
  return MemRefType::get(shape, type.getElementType(), layout,
                         type.getMemorySpace());
}
