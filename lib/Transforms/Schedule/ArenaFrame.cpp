//===- ArenaFrame.cpp - What a function or a chunk needs of the arena -----===//
//
// First fit by lifetimes: sizes that are constants share slots with others of
// about their size, sizes of run time with those that are the same value.
//
//===----------------------------------------------------------------------===//

#include "ArenaFrame.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::sparsity;

/// A slot that is free when the request begins: one of the same dynamic size,
/// or the best fitting one.
ArenaFrame::Slot *ArenaFrame::findSlot(const ArenaRequest &request) {
  Slot *best = nullptr;
  for (Slot &slot : slots) {
    if (slot.freeFrom >= request.begin)
      continue;
    bool isStatic = slot.sizes.empty();
    if (isStatic != (request.bytes >= 0))
      continue;
    auto distance = [&](const Slot &candidate) {
      return std::abs(candidate.bytes - request.bytes);
    };
    if (!isStatic && llvm::is_contained(slot.sizes, request.size))
      return &slot;
    if (!best || (isStatic && distance(slot) < distance(*best)))
      best = &slot;
  }
  return best;
}

void ArenaFrame::layOut(EntryValues &entry) {
  for (const ArenaRequest &request : requests) {
    Slot *slot = findSlot(request);
    if (!slot)
      slot = &slots.emplace_back();
    slot->freeFrom = request.end;
    slot->bytes = std::max(slot->bytes, request.bytes);
    if (request.size && !llvm::is_contained(slot->sizes, request.size))
      slot->sizes.push_back(request.size);
    places.push_back(slot - slots.data());
  }
  OpBuilder &b = entry.builder();
  Location loc = b.getUnknownLoc();
  size = entry.constant(0);
  for (Slot &slot : slots) {
    slot.offset = size;
    Value bytes = slot.sizes.empty() ? entry.constant(slot.bytes) : Value();
    for (Value candidate : slot.sizes)
      bytes = bytes ? b.createOrFold<arith::MaxUIOp>(loc, bytes, candidate)
                    : candidate;
    size = b.createOrFold<arith::AddIOp>(loc, size, bytes);
  }
}

void ArenaFrame::forEach(
    function_ref<void(const ArenaRequest &, Value)> place) {
  for (auto [request, slot] : llvm::zip_equal(requests, places))
    place(request, slots[slot].offset);
}
