//===- Epilogue.cpp - What follows the sums of a product ------------------===//
//
// An item's sums are still in cache when its epilogue reads them. Products that
// are cut in another way (batches that do not collapse, tiles, two dense
// operands) get their epilogue as an op behind them.
//
//===----------------------------------------------------------------------===//

#include "Epilogue.h"

#include "sparse-opt/Dialect/Sparsity/IR/Elementwise.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::sparsity;

/// out = region(sums, operands..) element by element.
static void createGeneric(Emitter &e, MatmulOp op, Value sums,
                          ValueRange operands, ArrayRef<AffineMap> maps,
                          Value out) {
  AffineMap identity = e.getMultiDimIdentityMap(op.getRank());
  SmallVector<Value> inputs{sums};
  llvm::append_range(inputs, operands);
  SmallVector<AffineMap> allMaps{identity};
  llvm::append_range(allMaps, maps);
  allMaps.push_back(identity);
  SmallVector<utils::IteratorType> loops(op.getRank(),
                                         utils::IteratorType::parallel);
  auto body = [&](OpBuilder &nested, Location loc, ValueRange args) {
    Block &region = op.getEpilogue();
    IRMapping mapping;
    Emitter inner(loc, nested, /*hasFMA=*/false);
    mapping.map(region.getArgument(0),
                inner.narrow(args.front(), op.getProductType()));
    for (auto [argument, value] : llvm::zip_equal(
             region.getArguments().drop_front(), args.drop_front().drop_back()))
      mapping.map(argument, value);
    linalg::YieldOp::create(nested, loc,
                            cloneElementwise(nested, region, mapping));
  };
  linalg::GenericOp::create(e, inputs, out, allMaps, loops, body);
}

Epilogue::Epilogue(MatmulOp op, ValueRange operands)
    : op(op), operands(operands) {
  AffineMap toMatrix = AffineMap::getMultiDimIdentityMap(2, op.getContext());
  if (op.isLhsPacked())
    toMatrix =
        AffineMap::getPermutationMap(ArrayRef<unsigned>{1, 0}, op.getContext());
  for (AffineMap map : op.getEpilogueMaps().getAsValueRange<AffineMapAttr>())
    maps.push_back(map.compose(toMatrix));
}

void Epilogue::emit(Emitter &e, Value sums, Value y, Value token,
                    Value output) const {
  SmallVector<Value> views;
  for (auto [operand, map] : llvm::zip_equal(operands, maps)) {
    SmallVector<Value> offsets, sizes;
    for (unsigned dim = 0; dim < map.getNumResults(); ++dim) {
      unsigned position = map.getDimPosition(dim);
      offsets.push_back(position == 0 ? token : output);
      sizes.push_back(e.dim(y, position));
    }
    views.push_back(offsets.empty() ? operand
                                    : e.view(operand, offsets, sizes));
  }
  createGeneric(e, op, sums, views, maps, y);
}

bool mlir::sparsity::isEpilogueFused(MatmulOp op) {
  PackedType packed = op.getPackedType();
  return op.hasEpilogue() && packed && packed.getCols() > 0 &&
         op.getRank() == 2 && !op.getAt();
}

void mlir::sparsity::splitEpilogue(MatmulOp op) {
  OpBuilder builder(op);
  Emitter e(op.getLoc(), builder, /*hasFMA=*/false);
  Value out = op.getInit(), sums = out;
  auto type = cast<MemRefType>(out.getType());
  if (type.getElementType() != op.getProductType()) {
    SmallVector<Value> sizes;
    for (int64_t dim = 0; dim < op.getRank(); ++dim)
      sizes.push_back(e.dim(out, dim));
    sums = e.scratch(sizes, op.getProductType());
  }
  MatmulOp product = MatmulOp::create(
      e, TypeRange(), op.getLhs(), op.getRhs(), op.getBias(), op.getAt(), sums,
      op.getTransposeLhs(), op.getTransposeRhs(), op.getKernelAttr());
  product->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  SmallVector<AffineMap> maps(
      op.getEpilogueMaps().getAsValueRange<AffineMapAttr>());
  createGeneric(e, op, sums, op.getEpilogueOperands(), maps, out);
  if (sums != out)
    e.release(sums);
  op.erase();
}
