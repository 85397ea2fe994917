//===- ItemGrid.cpp - How products are cut into work items ----------------===//
//
// Index arithmetic between items, parts and units.
//
//===----------------------------------------------------------------------===//

#include "ItemGrid.h"

using namespace mlir;
using namespace mlir::sparsity;

ItemGrid::ItemGrid(Emitter &e, const Partition &partition, Value tokens,
                   ArrayRef<Value> units) {
  tokenBlocks = e.ceilDiv(tokens, partition.maxTokens);
  Value share = e.ceilDiv(tokens, e.max(tokenBlocks, e.index(1)));
  blockTokens =
      e.mul(e.ceilDiv(share, partition.tileTokens), partition.tileTokens);
  Value most = e.index(1);
  for (Value own : units)
    most = e.max(most, own);
  unitsPerPart =
      e.min(most, e.index(std::max<int64_t>(partition.mostUnits, 1)));
  unitsPerBlock = partsPerBlock = e.index(0);
  for (auto [number, own] : llvm::enumerate(units)) {
    shares.push_back({e.index(number), unitsPerBlock, own, partsPerBlock});
    unitsPerBlock = e.add(unitsPerBlock, own);
    partsPerBlock = e.add(partsPerBlock, e.ceilDiv(own, unitsPerPart));
  }
  allUnits = e.mul(unitsPerBlock, tokenBlocks);
  count = e.min(allUnits, e.index(partition.items));
}

ItemGrid::Range ItemGrid::getUnits(Emitter &e, Value item) const {
  auto boundary = [&](Value i) { return e.div(e.mul(i, allUnits), count); };
  return {boundary(item), boundary(e.add(item, 1))};
}

ItemGrid::Share ItemGrid::findShare(Emitter &e, Value place,
                                    Value Share::*first) const {
  Share found = shares.front();
  for (const Share &share : llvm::drop_begin(shares)) {
    Value isBefore = e.less(place, share.*first);
    auto choose = [&](Value Share::*field) {
      return e.select(isBefore, found.*field, share.*field);
    };
    found = {choose(&Share::number), choose(&Share::firstUnit),
             choose(&Share::units), choose(&Share::firstPart)};
  }
  return found;
}

ItemGrid::Range ItemGrid::getParts(Emitter &e, Range units) const {
  auto partOf = [&](Value unit) {
    Value block = e.div(unit, unitsPerBlock);
    Value inBlock = e.rem(unit, unitsPerBlock);
    Share share = findShare(e, inBlock, &Share::firstUnit);
    Value inShare = e.div(e.sub(inBlock, share.firstUnit), unitsPerPart);
    return e.add(e.add(e.mul(block, partsPerBlock), share.firstPart), inShare);
  };
  return {partOf(units.begin), e.add(partOf(e.sub(units.end, e.index(1))), 1)};
}

ItemGrid::Part ItemGrid::getPart(Emitter &e, Value number, Range units) const {
  Value block = e.div(number, partsPerBlock);
  Value inBlock = e.rem(number, partsPerBlock);
  Share share = findShare(e, inBlock, &Share::firstPart);
  Value base = e.add(e.mul(block, unitsPerBlock), share.firstUnit);
  Value inShare = e.mul(e.sub(inBlock, share.firstPart), unitsPerPart);
  Value first = e.add(base, inShare);
  Value last = e.add(base, e.min(e.add(inShare, unitsPerPart), share.units));
  return {block,
          share.number,
          {e.sub(e.max(first, units.begin), base),
           e.sub(e.min(last, units.end), base)}};
}
