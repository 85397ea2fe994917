//===- ItemGrid.h - How products are cut into work items ------------------===//
//
// The units of all products that a function computes, for all blocks of tokens
// in one row, of which items are even shares.
//
//===----------------------------------------------------------------------===//
//
//   block 0                      block 1
//   product 0       product 1    product 0       product 1
//   |- - - - - - - -|- - - - - - |- - - - - - - -|- - - - - -|
//   [ item 0             ][ item 1              ][ item 2    ]
//
// An item goes through it part by part: units of one product and block, no more
// of them than the kernel takes at once.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_ITEMGRID_H
#define SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_ITEMGRID_H

#include "sparse-opt/Conversion/SparsityToVector/FormatLowering.h"

namespace mlir::sparsity {

class ItemGrid {
public:
  /// `units` says how many units each product has.
  ItemGrid(Emitter &e, const Partition &partition, Value tokens,
           ArrayRef<Value> units);

  /// Items, blocks of tokens and tokens of a block; units of a part at most.
  Value count, tokenBlocks, blockTokens, unitsPerPart;
  /// Parts of one block of tokens.
  Value partsPerBlock;

  /// Units begin .. end - 1 of all.
  struct Range {
    Value begin, end;
  };
  Range getUnits(Emitter &e, Value item) const;
  /// The parts that have some of these units.
  Range getParts(Emitter &e, Range units) const;

  /// Units begin .. end - 1 of a product, for one block of tokens.
  struct Part {
    Value block, product;
    Range units;
  };
  /// What is among `units` of a part.
  Part getPart(Emitter &e, Value number, Range units) const;

private:
  /// Where a product lies in a block.
  struct Share {
    Value number, firstUnit, units, firstPart;
  };
  /// The product with a unit or part of a block: the last that starts there or
  /// before.
  Share findShare(Emitter &e, Value place, Value Share::*first) const;

  SmallVector<Share> shares;
  Value unitsPerBlock, allUnits;
};

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_ITEMGRID_H
