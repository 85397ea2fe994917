//===- ReportAsserts.cpp - Failed assertions become the caller's error ----===//
//
// Replaces cf.assert, which aborts the process, by a call that records the
// message, once for each condition, and clamps indices that depend on data, so
// that the program can go on without leaving a buffer.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_REPORTASSERTSPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;

/// True for the counter of a loop, whose bounds do not depend on data.
static bool isLoopCounter(BlockArgument argument) {
  Operation *parent = argument.getOwner()->getParentOp();
  if (auto loop = dyn_cast<scf::ForOp>(parent))
    return argument == loop.getInductionVar();
  return isa<scf::ParallelOp>(parent);
}

/// True when `index` is computed from loaded data: not from constants, extents
/// and loop counters alone.
static bool dependsOnData(Value index) {
  SmallVector<Value> worklist{index};
  DenseSet<Value> seen;
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    if (!seen.insert(value).second)
      continue;
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      if (!isLoopCounter(argument))
        return true;
      continue;
    }
    Operation *op = value.getDefiningOp();
    if (isa<memref::DimOp>(op))
      continue;
    if (!isMemoryEffectFree(op) || op->getNumRegions() != 0)
      return true;
    worklist.append(op->operand_begin(), op->operand_end());
  }
  return false;
}

/// max(min(index, extent - 1), 0); an empty dimension gives index 0.
static Value clampIndex(OpBuilder &b, Location loc, Value index, Value memref,
                        int64_t dim) {
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  Value extent = memref::DimOp::create(b, loc, memref, dim);
  Value last = arith::SubIOp::create(b, loc, extent, one);
  Value low = arith::MinSIOp::create(b, loc, index, last);
  return arith::MaxSIOp::create(b, loc, low, zero);
}

/// What a condition says, in the same words for `a == b` and `b == a`.
static std::pair<Value, Value> getCondition(cf::AssertOp assertOp) {
  Value condition = assertOp.getArg();
  auto compare = condition.getDefiningOp<arith::CmpIOp>();
  if (!compare || compare.getPredicate() != arith::CmpIPredicate::eq)
    return {condition, Value()};
  Value a = compare.getLhs(), b = compare.getRhs();
  if (b.getAsOpaquePointer() < a.getAsOpaquePointer())
    std::swap(a, b);
  return {a, b};
}

/// Erases assertions of what was asserted on every way to them: its failure is
/// the caller's error already.
static void eraseRepeated(Operation *root) {
  DominanceInfo dominance(root);
  DenseMap<std::pair<Value, Value>, SmallVector<cf::AssertOp>> known;
  SmallVector<cf::AssertOp> repeated;
  root->walk([&](cf::AssertOp assertOp) {
    SmallVector<cf::AssertOp> &earlier = known[getCondition(assertOp)];
    if (llvm::any_of(earlier, [&](cf::AssertOp other) {
          return dominance.properlyDominates(other, assertOp);
        }))
      repeated.push_back(assertOp);
    else
      earlier.push_back(assertOp);
  });
  for (cf::AssertOp assertOp : repeated)
    assertOp.erase();
}

namespace {
struct ReportAssertsPass
    : public sparsity::impl::ReportAssertsPassBase<ReportAssertsPass> {
  void runOnOperation() override {
    eraseRepeated(getOperation());
    SmallVector<cf::AssertOp> asserts;
    SmallVector<Operation *> accesses;
    getOperation().walk([&](Operation *op) {
      if (auto assertOp = dyn_cast<cf::AssertOp>(op))
        asserts.push_back(assertOp);
      else
        accesses.push_back(op);
    });
    for (Operation *op : accesses)
      clampAccess(op);
    if (asserts.empty())
      return;
    declareReport();
    for (cf::AssertOp assertOp : asserts)
      replaceAssert(assertOp);
  }

private:
  static constexpr llvm::StringLiteral kReport = "sparse_opt_report_error";

  void clampAccess(Operation *op) {
    if (auto load = dyn_cast<memref::LoadOp>(op))
      clamp(op, load.getMemRef(), load.getIndicesMutable());
    else if (auto store = dyn_cast<memref::StoreOp>(op))
      clamp(op, store.getMemRef(), store.getIndicesMutable());
    // The last index of a vector access is a loop's.
    else if (auto row = dyn_cast<vector::LoadOp>(op))
      clamp(op, row.getBase(), row.getIndicesMutable());
    else if (auto row = dyn_cast<vector::MaskedLoadOp>(op))
      clamp(op, row.getBase(), row.getIndicesMutable());
  }

  void clamp(Operation *op, Value memref, MutableOperandRange indices) {
    OpBuilder b(op);
    for (auto [dim, index] : llvm::enumerate(indices))
      if (dependsOnData(index.get()))
        index.set(clampIndex(b, op->getLoc(), index.get(), memref, dim));
  }

  void declareReport() {
    OpBuilder b = OpBuilder::atBlockBegin(getOperation().getBody());
    if (getOperation().lookupSymbol(kReport))
      return;
    auto pointer = LLVM::LLVMPointerType::get(&getContext());
    auto type = LLVM::LLVMFunctionType::get(
        LLVM::LLVMVoidType::get(&getContext()), {pointer});
    LLVM::LLVMFuncOp::create(b, getOperation().getLoc(), kReport, type);
  }

  /// The zero-terminated text as a global, one per distinct message.
  LLVM::GlobalOp getMessage(StringRef text) {
    LLVM::GlobalOp &global = messages[text];
    if (global)
      return global;
    OpBuilder b = OpBuilder::atBlockBegin(getOperation().getBody());
    std::string bytes = text.str() + '\0';
    auto type = LLVM::LLVMArrayType::get(b.getI8Type(), bytes.size());
    global = LLVM::GlobalOp::create(
        b, getOperation().getLoc(), type, /*isConstant=*/true,
        LLVM::Linkage::Private,
        ("sparse_opt_message_" + Twine(messages.size())).str(),
        b.getStringAttr(bytes));
    return global;
  }

  void replaceAssert(cf::AssertOp assertOp) {
    OpBuilder b(assertOp);
    Location loc = assertOp.getLoc();
    LLVM::GlobalOp message = getMessage(assertOp.getMsg());
    Value yes = arith::ConstantIntOp::create(b, loc, 1, 1);
    Value failed = arith::XOrIOp::create(b, loc, assertOp.getArg(), yes);
    auto branch = scf::IfOp::create(b, loc, failed, /*withElseRegion=*/false);
    b.setInsertionPointToStart(branch.thenBlock());
    Value address = LLVM::AddressOfOp::create(b, loc, message);
    LLVM::CallOp::create(b, loc, TypeRange(), kReport, ValueRange(address));
    assertOp.erase();
  }

  llvm::StringMap<LLVM::GlobalOp> messages;
};
} // namespace
