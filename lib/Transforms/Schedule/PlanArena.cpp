//===- PlanArena.cpp - One arena for all temporary buffers ----------------===//
//
// Assigns the buffers of a function to slots by lifetime, lays the slots out in
// one allocation and turns each buffer into a view of it. Sizes may be dynamic;
// they are computed at entry.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_PLANARENAPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;

namespace {
constexpr int64_t kAlignment = 64;

/// A buffer and the positions of the entry block between which it is alive.
struct Buffer {
  memref::AllocOp alloc;
  int64_t begin, end;
  /// Bytes when static, else -1 and `size` is the value at entry.
  int64_t bytes = -1;
  Value size;
};

/// A piece of the arena. Its buffers are alive at different times.
struct Slot {
  int64_t freeFrom;
  int64_t bytes;
  SmallVector<Value> sizes;
  SmallVector<Buffer> buffers;
};

class ArenaPlanner {
public:
  explicit ArenaPlanner(func::FuncOp func)
      : func(func), views(func), b(func.getContext()) {}

  /// Returns (buffers placed, slots).
  std::pair<int64_t, int64_t> run();

private:
  void collect();
  bool computeLifetime(Buffer &buffer);
  bool computeSize(Buffer &buffer);
  Value cloneAtEntry(Value value);
  void assignSlots();
  Slot *findSlot(const Buffer &buffer);
  void materialize();
  void freeOthers();

  func::FuncOp func;
  BufferViewFlowAnalysis views;
  IRRewriter b;
  DenseMap<Operation *, int64_t> positions; // in the entry block
  IRMapping hoisted;
  Operation *entryEnd = nullptr;
  SmallVector<Buffer> buffers;
  SmallVector<Slot> slots;
};
} // namespace

std::pair<int64_t, int64_t> ArenaPlanner::run() {
  if (!func.getBody().hasOneBlock())
    return {0, 0};
  for (auto [position, op] : llvm::enumerate(func.front()))
    positions[&op] = position;
  entryEnd = &func.front().front();
  collect();
  if (!buffers.empty()) {
    assignSlots();
    materialize();
  }
  freeOthers();
  return {buffers.size(), slots.size()};
}

/// All buffers of the entry block with a known lifetime and size.
void ArenaPlanner::collect() {
  for (auto alloc : func.front().getOps<memref::AllocOp>()) {
    if (!alloc.getType().getLayout().isIdentity() ||
        !alloc.getSymbolOperands().empty())
      continue;
    Buffer buffer{alloc, positions[alloc], positions[alloc], -1, Value()};
    if (computeLifetime(buffer) && computeSize(buffer))
      buffers.push_back(buffer);
  }
}

/// From the allocation to the last use of any alias; false when the buffer
/// leaves the function.
bool ArenaPlanner::computeLifetime(Buffer &buffer) {
  for (Value alias : views.resolve(buffer.alloc.getResult()))
    for (Operation *user : alias.getUsers()) {
      if (isa<func::ReturnOp>(user))
        return false;
      Operation *ancestor = func.front().findAncestorOpInBlock(*user);
      buffer.end = std::max(buffer.end, positions[ancestor]);
    }
  return true;
}

/// Bytes of the buffer, at entry when dynamic; false when they depend on more
/// than arguments' extents and arithmetic.
bool ArenaPlanner::computeSize(Buffer &buffer) {
  MemRefType type = buffer.alloc.getType();
  Type element = type.getElementType();
  int64_t bytes = element.isIndex()
                      ? 8
                      : llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
  for (int64_t extent : type.getShape())
    if (!ShapedType::isDynamic(extent))
      bytes *= extent;
  if (type.hasStaticShape()) {
    buffer.bytes = llvm::alignTo(std::max<int64_t>(bytes, 1), kAlignment);
    return true;
  }
  SmallVector<Value> extents;
  for (Value extent : buffer.alloc.getDynamicSizes()) {
    extents.push_back(cloneAtEntry(extent));
    if (!extents.back())
      return false;
  }
  b.setInsertionPoint(entryEnd);
  Location loc = buffer.alloc.getLoc();
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  Value size = constant(bytes);
  for (Value extent : extents)
    size = arith::MulIOp::create(b, loc, size, extent);
  Value padded = arith::AddIOp::create(b, loc, size, constant(kAlignment - 1));
  Value units = arith::DivUIOp::create(b, loc, padded, constant(kAlignment));
  buffer.size = arith::MulIOp::create(b, loc, units, constant(kAlignment));
  return true;
}

/// `value` recomputed before the entry block's first op, or null when it
/// depends on memory or on an allocation.
Value ArenaPlanner::cloneAtEntry(Value value) {
  if (Value known = hoisted.lookupOrNull(value))
    return known;
  Operation *op = value.getDefiningOp();
  if (!op)
    return value.getParentBlock() == &func.front() ? value : Value();
  if (auto dim = dyn_cast<memref::DimOp>(op))
    if (auto alloc = dim.getSource().getDefiningOp<memref::AllocOp>())
      if (std::optional<int64_t> index = dim.getConstantIndex())
        if (alloc.getType().isDynamicDim(*index))
          return cloneAtEntry(
              alloc.getDynamicSizes()[alloc.getType().getDynamicDimIndex(
                  *index)]);
  if (!isMemoryEffectFree(op) || op->getNumRegions() != 0)
    return {};
  for (Value operand : op->getOperands())
    if (!cloneAtEntry(operand))
      return {};
  IRMapping mapping;
  for (Value operand : op->getOperands())
    mapping.map(operand, cloneAtEntry(operand));
  b.setInsertionPoint(entryEnd);
  Operation *clone = b.clone(*op, mapping);
  hoisted.map(op->getResults(), clone->getResults());
  return hoisted.lookup(value);
}

/// A slot that is free when the buffer begins: one of the same dynamic size, or
/// the best fitting static one.
Slot *ArenaPlanner::findSlot(const Buffer &buffer) {
  Slot *best = nullptr;
  for (Slot &slot : slots) {
    if (slot.freeFrom >= buffer.begin)
      continue;
    bool isStatic = slot.sizes.empty();
    if (isStatic != (buffer.bytes >= 0))
      continue;
    auto distance = [&](const Slot &candidate) {
      return std::abs(candidate.bytes - buffer.bytes);
    };
    if (!isStatic && llvm::is_contained(slot.sizes, buffer.size))
      return &slot;
    if (!best || (isStatic && distance(slot) < distance(*best)))
      best = &slot;
  }
  return best;
}

void ArenaPlanner::assignSlots() {
  for (const Buffer &buffer : buffers) {
    Slot *slot = findSlot(buffer);
    if (!slot) {
      slots.push_back({0, 0, {}, {}});
      slot = &slots.back();
    }
    slot->freeFrom = buffer.end;
    slot->bytes = std::max(slot->bytes, buffer.bytes);
    if (buffer.size && !llvm::is_contained(slot->sizes, buffer.size))
      slot->sizes.push_back(buffer.size);
    slot->buffers.push_back(buffer);
  }
}

/// Offsets are sums of slot sizes; every buffer becomes a view.
void ArenaPlanner::materialize() {
  Location loc = func.getLoc();
  b.setInsertionPoint(entryEnd);
  Value offset = arith::ConstantIndexOp::create(b, loc, 0);
  SmallVector<Value> offsets;
  for (Slot &slot : slots) {
    offsets.push_back(offset);
    Value size;
    if (slot.sizes.empty())
      size = arith::ConstantIndexOp::create(b, loc, slot.bytes);
    for (Value candidate : slot.sizes)
      size = size ? arith::MaxUIOp::create(b, loc, size, candidate).getResult()
                  : candidate;
    offset = arith::AddIOp::create(b, loc, offset, size);
  }
  auto type = MemRefType::get({ShapedType::kDynamic}, b.getI8Type());
  Value arena = memref::AllocOp::create(b, loc, type, ValueRange(offset),
                                        b.getI64IntegerAttr(kAlignment));
  for (auto [slot, start] : llvm::zip(slots, offsets))
    for (Buffer &buffer : slot.buffers) {
      // The arena is freed as a whole.
      for (Value alias : views.resolve(buffer.alloc.getResult()))
        for (Operation *user : llvm::make_early_inc_range(alias.getUsers()))
          if (isa<memref::DeallocOp>(user))
            b.eraseOp(user);
      b.setInsertionPoint(buffer.alloc);
      b.replaceOpWithNewOp<memref::ViewOp>(buffer.alloc, buffer.alloc.getType(),
                                           arena, start,
                                           buffer.alloc.getDynamicSizes());
    }
  b.setInsertionPoint(func.front().getTerminator());
  memref::DeallocOp::create(b, loc, arena);
}

/// Buffers inside loops, and those of sizes that depend on data, are freed at
/// the end of their block unless they leave it.
void ArenaPlanner::freeOthers() {
  func.walk([&](memref::AllocOp alloc) {
    Block *block = alloc->getBlock();
    for (Value alias : views.resolve(alloc.getResult()))
      for (Operation *user : alias.getUsers()) {
        Operation *ancestor = block->findAncestorOpInBlock(*user);
        if (!ancestor || ancestor->hasTrait<OpTrait::IsTerminator>() ||
            isa<memref::DeallocOp>(user))
          return;
      }
    b.setInsertionPoint(block->getTerminator());
    memref::DeallocOp::create(b, alloc.getLoc(), alloc);
  });
}

namespace {
struct PlanArenaPass : public sparsity::impl::PlanArenaPassBase<PlanArenaPass> {
  void runOnOperation() override {
    if (getOperation().isDeclaration())
      return;
    auto [placed, slots] = ArenaPlanner(getOperation()).run();
    numPlaced += placed;
    numSlots += slots;
  }
};
} // namespace
