//===- PlanArena.cpp - One arena for all temporary buffers ----------------===//
//
// Collects what functions and the chunks of their parallel loops need, callees
// first, and turns each buffer into a view of one allocation. Sizes may be
// dynamic; they are computed at entry.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "ArenaFrame.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/Support/MathExtras.h"

#include <map>

namespace mlir::sparsity {
#define GEN_PASS_DEF_PLANARENAPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;

namespace {
/// Functions that take their memory from callers, with the bytes they need, a
/// value of theirs.
using LentSizes = DenseMap<func::FuncOp, Value>;

/// What a callee computes of its arguments, computed where it is called.
class CallSize {
public:
  CallSize(func::CallOp call, func::FuncOp callee) : b(call) {
    for (auto [argument, operand] :
         llvm::zip(callee.getArguments(), call.getOperands()))
      known.map(argument, operand);
  }

  Value get(Value value);

  /// What `get` has made.
  SmallVector<Operation *> made;

private:
  OpBuilder b;
  IRMapping known;
};

/// Plans one function.
class ArenaPlanner {
public:
  ArenaPlanner(func::FuncOp func, const LentSizes &lent)
      : func(func), lent(lent), views(func), entry(func), b(func.getContext()) {
  }

  /// The bytes of the arena at entry, or null where none is needed. With
  /// `isLent` it becomes the function's last argument.
  Value run(bool isLent);
  int64_t numPlaced = 0, numSlots = 0;

private:
  using Frame = ArenaFrame;
  void number();
  void collect(Block &block, Frame &frame, Operation *owner);
  void collectAlloc(memref::AllocOp alloc, Frame &frame, Operation *owner);
  void collectCall(func::CallOp call, Frame &frame, Operation *owner);
  void collectLoop(scf::ParallelOp loop, Frame &frame, Operation *owner);
  void layOut(Frame &frame);
  bool computeLifetime(ArenaRequest &request, memref::AllocOp alloc);
  bool computeSize(ArenaRequest &request, memref::AllocOp alloc,
                   Operation *owner);
  bool setSize(ArenaRequest &request, Value size);
  Value isEntered(Operation *parent, Operation *op);
  /// `size`, or 0 at entry where `op` is not reached; null when that is not
  /// known there.
  Value whereReached(Value size, Operation *op, Operation *owner);
  void materialize(Frame &frame, Value arena, Value base);
  void place(const ArenaRequest &request, Value arena, Value first);

  func::FuncOp func;
  const LentSizes &lent;
  BufferViewFlowAnalysis views;
  EntryValues entry;
  IRRewriter b;
  /// Where operations and the last ones inside of them come in the text.
  DenseMap<Operation *, int64_t> positions, ends;
  std::map<Operation *, Frame> chunks;
  SmallVector<Operation *> unused;
};
} // namespace

/// All values that may lie in the buffer. Upstream's analysis does not know
/// every view (transpositions, for one): what an operation makes of an alias is
/// an alias.
static SmallVector<Value> getAliases(BufferViewFlowAnalysis &views,
                                     Value buffer) {
  SetVector<Value> aliases;
  auto add = [&](Value value) {
    for (Value alias : views.resolve(value))
      aliases.insert(alias);
  };
  add(buffer);
  for (size_t i = 0; i < aliases.size(); ++i)
    for (Operation *user : aliases[i].getUsers())
      for (Value result : user->getResults())
        if (isa<BaseMemRefType>(result.getType()) && !aliases.contains(result))
          add(result);
  return aliases.takeVector();
}

static MemRefType getArenaType(OpBuilder &b) {
  return MemRefType::get({ShapedType::kDynamic}, b.getI8Type());
}

static Value createArena(OpBuilder &b, Location loc, Value size) {
  return memref::AllocOp::create(b, loc, getArenaType(b), ValueRange(size),
                                 b.getI64IntegerAttr(kArenaAlignment));
}

Value CallSize::get(Value value) {
  if (Value found = known.lookupOrNull(value))
    return found;
  Operation *op = value.getDefiningOp();
  for (Value operand : op->getOperands())
    get(operand);
  made.push_back(b.clone(*op, known));
  return known.lookup(value);
}

void ArenaPlanner::number() {
  int64_t next = 0;
  func.walk<WalkOrder::PreOrder>([&](Operation *op) {
    positions[op] = ends[op] = next++;
    for (Operation *parent = op->getParentOp(); parent && parent != func;
         parent = parent->getParentOp())
      ends[parent] = positions[op];
  });
}

void ArenaPlanner::layOut(Frame &frame) {
  frame.layOut(entry);
  numPlaced += frame.numRequests();
  numSlots += frame.numSlots();
}

Value ArenaPlanner::run(bool isLent) {
  number();
  Frame frame;
  collect(func.front(), frame, func);
  for (Operation *op : llvm::reverse(unused))
    b.eraseOp(op);
  if (frame.empty())
    return {};
  layOut(frame);
  Location loc = func.getLoc();
  Value arena;
  if (isLent) {
    unsigned last = func.getNumArguments();
    (void)func.insertArgument(last, getArenaType(b), {}, loc);
    arena = func.getArgument(last);
  } else {
    arena = createArena(entry.builder(), loc, frame.getSize());
    b.setInsertionPoint(func.front().getTerminator());
    memref::DeallocOp::create(b, loc, arena);
  }
  materialize(frame, arena, entry.constant(0));
  return frame.getSize();
}

/// Requests of a block and of what is nested in it; chunks of parallel loops
/// have frames of their own. `owner` is whose frame it is.
void ArenaPlanner::collect(Block &block, Frame &frame, Operation *owner) {
  for (Operation &op : block) {
    if (auto alloc = dyn_cast<memref::AllocOp>(op))
      collectAlloc(alloc, frame, owner);
    else if (auto call = dyn_cast<func::CallOp>(op))
      collectCall(call, frame, owner);
    else if (auto loop = dyn_cast<scf::ParallelOp>(op))
      collectLoop(loop, frame, owner);
    else
      for (Region &region : op.getRegions())
        for (Block &inner : region)
          collect(inner, frame, owner);
  }
}

void ArenaPlanner::collectAlloc(memref::AllocOp alloc, Frame &frame,
                                Operation *owner) {
  MemRefType type = alloc.getType();
  if (!type.getLayout().isIdentity() || type.getMemorySpace() ||
      !type.getElementType().isIntOrIndexOrFloat() ||
      alloc.getAlignment().value_or(0) > kArenaAlignment)
    return;
  ArenaRequest request{alloc, positions[alloc], positions[alloc]};
  if (computeLifetime(request, alloc) && computeSize(request, alloc, owner))
    frame.add(std::move(request));
}

/// The callee's computation of what it needs, on this call's operands. What is
/// known too late for the frame, or has none (`owner` is null), is allocated
/// for the call alone.
void ArenaPlanner::collectCall(func::CallOp call, Frame &frame,
                               Operation *owner) {
  auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
      call, call.getCalleeAttr());
  Value needed = callee ? lent.lookup(callee) : Value();
  if (!needed)
    return;
  CallSize own(call, callee);
  Value size = own.get(needed);
  ArenaRequest request{call, positions[call], positions[call]};
  if (owner && setSize(request, whereReached(entry.get(size), call, owner))) {
    // Known values must stay until all is planned.
    llvm::append_range(unused, own.made);
    frame.add(std::move(request));
    return;
  }
  b.setInsertionPoint(call);
  Value memory = createArena(b, call.getLoc(), size);
  call.getOperandsMutable().append(memory);
  b.setInsertionPointAfter(call);
  memref::DeallocOp::create(b, call.getLoc(), memory);
}

/// Every chunk has its own frame, one after the other.
void ArenaPlanner::collectLoop(scf::ParallelOp loop, Frame &frame,
                               Operation *owner) {
  bool areChunks = loop.getNumLoops() == 1 &&
                   matchPattern(loop.getLowerBound()[0], m_Zero()) &&
                   matchPattern(loop.getStep()[0], m_One()) &&
                   !isa<scf::ParallelOp>(owner);
  Value number =
      areChunks ? whereReached(entry.get(loop.getUpperBound()[0]), loop, owner)
                : Value();
  if (!number) {
    loop.walk([&](func::CallOp call) { collectCall(call, frame, nullptr); });
    return;
  }
  Frame own;
  collect(*loop.getBody(), own, loop);
  if (own.empty())
    return;
  layOut(own);
  ArenaRequest request{loop, positions[loop], ends[loop]};
  setSize(request, entry.builder().createOrFold<arith::MulIOp>(
                       loop.getLoc(), own.getSize(), number));
  frame.add(std::move(request));
  chunks.emplace(loop, std::move(own));
}

/// From the allocation to the last use of any alias, in one run of its block;
/// false when the buffer leaves the block or is freed under a condition.
bool ArenaPlanner::computeLifetime(ArenaRequest &request,
                                   memref::AllocOp alloc) {
  Block *block = alloc->getBlock();
  for (Value alias : getAliases(views, alloc))
    for (Operation *user : alias.getUsers()) {
      Operation *ancestor = block->findAncestorOpInBlock(*user);
      if (!ancestor || user == block->getTerminator())
        return false;
      if (isa<memref::DeallocOp>(user)) {
        if (alias != alloc.getResult() || user->getBlock() != block)
          return false;
        request.deallocs.push_back(user);
      }
      request.end = std::max(request.end, ends[ancestor]);
    }
  return true;
}

/// False when the size depends on more than arguments, their extents and
/// arithmetic.
bool ArenaPlanner::computeSize(ArenaRequest &request, memref::AllocOp alloc,
                               Operation *owner) {
  MemRefType type = alloc.getType();
  Type element = type.getElementType();
  // Elements of odd widths lie at multiples of the next power of two.
  int64_t bytes = element.isIndex() ? 8
                                    : llvm::PowerOf2Ceil(llvm::divideCeil(
                                          element.getIntOrFloatBitWidth(), 8));
  for (int64_t extent : type.getShape())
    if (!ShapedType::isDynamic(extent))
      bytes *= extent;
  if (type.hasStaticShape()) {
    request.bytes = llvm::alignTo(std::max<int64_t>(bytes, 1), kArenaAlignment);
    return true;
  }
  Location loc = alloc.getLoc();
  OpBuilder &atEntry = entry.builder();
  Value size = entry.constant(bytes);
  for (Value extent : alloc.getDynamicSizes()) {
    extent = entry.get(extent);
    if (!extent)
      return false;
    size = arith::MulIOp::create(atEntry, loc, size, extent);
  }
  Value padded = arith::AddIOp::create(atEntry, loc, size,
                                       entry.constant(kArenaAlignment - 1));
  Value units = arith::DivUIOp::create(atEntry, loc, padded,
                                       entry.constant(kArenaAlignment));
  size = arith::MulIOp::create(atEntry, loc, units,
                               entry.constant(kArenaAlignment));
  return setSize(request, whereReached(size, alloc, owner));
}

bool ArenaPlanner::setSize(ArenaRequest &request, Value size) {
  if (!size)
    return false;
  APInt bytes;
  if (matchPattern(size, m_ConstantInt(&bytes)))
    request.bytes = bytes.getSExtValue();
  else
    request.size = size;
  return true;
}

/// True at entry when the region of `parent` that `op` is in will run; null
/// when that is known later.
Value ArenaPlanner::isEntered(Operation *parent, Operation *op) {
  OpBuilder &atEntry = entry.builder();
  Location loc = op->getLoc();
  if (auto loop = dyn_cast<scf::ForOp>(parent)) {
    Value lower = entry.get(loop.getLowerBound());
    Value upper = entry.get(loop.getUpperBound());
    if (!lower || !upper)
      return {};
    return atEntry.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::slt,
                                               lower, upper);
  }
  auto branch = dyn_cast<scf::IfOp>(parent);
  Value condition = branch ? entry.get(branch.getCondition()) : Value();
  if (!condition || branch.getThenRegion().isAncestor(op->getParentRegion()))
    return condition;
  Value yes = arith::ConstantOp::create(atEntry, loc, b.getBoolAttr(true));
  return atEntry.createOrFold<arith::XOrIOp>(loc, condition, yes);
}

Value ArenaPlanner::whereReached(Value size, Operation *op, Operation *owner) {
  for (Operation *parent = op->getParentOp(); size && parent != owner;
       parent = parent->getParentOp()) {
    // A chunk has one iteration at least.
    if (parent->getParentOp() == owner && isa<scf::ParallelOp>(owner) &&
        isa<scf::ForOp>(parent))
      continue;
    Value condition = isEntered(parent, op);
    if (!condition)
      return {};
    Value none = entry.constant(0);
    size = entry.builder().createOrFold<arith::SelectOp>(op->getLoc(),
                                                         condition, size, none);
  }
  return size;
}

void ArenaPlanner::materialize(Frame &frame, Value arena, Value base) {
  frame.forEach([&](const ArenaRequest &request, Value offset) {
    Location loc = request.op->getLoc();
    b.setInsertionPoint(request.op);
    Value first = b.createOrFold<arith::AddIOp>(loc, base, offset);
    auto loop = dyn_cast<scf::ParallelOp>(request.op);
    if (!loop)
      return place(request, arena, first);
    Frame &own = chunks.at(loop);
    b.setInsertionPointToStart(loop.getBody());
    Value before = arith::MulIOp::create(b, loc, loop.getInductionVars()[0],
                                         own.getSize());
    materialize(own, arena, arith::AddIOp::create(b, loc, first, before));
  });
}

void ArenaPlanner::place(const ArenaRequest &request, Value arena,
                         Value first) {
  if (auto call = dyn_cast<func::CallOp>(request.op)) {
    Value size = request.size ? request.size
                              : arith::ConstantIndexOp::create(b, call.getLoc(),
                                                               request.bytes);
    call.getOperandsMutable().append(
        memref::ViewOp::create(b, call.getLoc(),
                               cast<MemRefType>(arena.getType()), arena, first,
                               ValueRange(size))
            .getResult());
    return;
  }
  for (Operation *dealloc : request.deallocs)
    b.eraseOp(dealloc);
  auto alloc = cast<memref::AllocOp>(request.op);
  b.replaceOpWithNewOp<memref::ViewOp>(alloc, alloc.getType(), arena, first,
                                       alloc.getDynamicSizes());
}

/// Buffers that are not in the arena are freed at the end of their block unless
/// they leave it.
static void freeOthers(func::FuncOp func) {
  BufferViewFlowAnalysis views(func);
  func.walk([&](memref::AllocOp alloc) {
    Block *block = alloc->getBlock();
    for (Value alias : getAliases(views, alloc))
      for (Operation *user : alias.getUsers()) {
        Operation *ancestor = block->findAncestorOpInBlock(*user);
        if (!ancestor || ancestor->hasTrait<OpTrait::IsTerminator>() ||
            isa<memref::DeallocOp>(user))
          return;
      }
    OpBuilder b(block->getTerminator());
    memref::DeallocOp::create(b, alloc.getLoc(), alloc);
  });
}

namespace {
struct PlanArenaPass : public sparsity::impl::PlanArenaPassBase<PlanArenaPass> {
  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>())
      plan(func);
  }

private:
  enum class State { Planning, Recursive, Planned };

  /// Callees come first.
  void plan(func::FuncOp func) {
    auto [place, isNew] = states.try_emplace(func, State::Planning);
    if (!isNew) {
      if (place->second == State::Planning)
        place->second = State::Recursive;
      return;
    }
    func.walk([&](func::CallOp call) {
      if (auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
              call, call.getCalleeAttr()))
        plan(callee);
    });
    if (func.isDeclaration() || !func.getBody().hasOneBlock())
      return;
    ArenaPlanner planner(func, lent);
    bool isLent = canLend(func);
    Value size = planner.run(isLent);
    if (size && isLent)
      lent[func] = size;
    freeOthers(func);
    numPlaced += planner.numPlaced;
    numSlots += planner.numSlots;
    states[func] = State::Planned;
  }

  /// True when all users of `func` are calls that can hand it memory.
  bool canLend(func::FuncOp func) {
    if (!func.isPrivate() || states[func] == State::Recursive)
      return false;
    auto uses = SymbolTable::getSymbolUses(func, getOperation());
    return uses && llvm::all_of(*uses, [](SymbolTable::SymbolUse use) {
             auto call = dyn_cast<func::CallOp>(use.getUser());
             return call && call->getParentOfType<func::FuncOp>()
                                .getBody()
                                .hasOneBlock();
           });
  }

  DenseMap<Operation *, State> states;
  LentSizes lent;
};
} // namespace
