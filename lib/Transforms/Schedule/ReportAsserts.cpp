//===- ReportAsserts.cpp - Failed assertions become the caller's error ----===//
//
// Replaces cf.assert, which aborts the process, by a call that records the
// message, and clamps the indices of loads that depend on data, so that the
// program can go on without leaving a buffer.
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
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_REPORTASSERTSPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;

/// True when `index` is computed from loaded data.
static bool dependsOnData(Value index) {
  SmallVector<Value> worklist{index};
  DenseSet<Value> seen;
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    Operation *op = value.getDefiningOp();
    if (!op || !seen.insert(value).second)
      continue;
    if (isa<memref::LoadOp>(op))
      return true;
    if (isMemoryEffectFree(op) && op->getNumRegions() == 0)
      worklist.append(op->operand_begin(), op->operand_end());
  }
  return false;
}

/// min(max(index, 0), extent - 1); an empty dimension keeps index 0, which no
/// program loads from.
static Value clampIndex(OpBuilder &b, Location loc, Value index, Value memref,
                        int64_t dim) {
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  Value extent = memref::DimOp::create(b, loc, memref, dim);
  Value last = arith::SubIOp::create(b, loc, extent, one);
  Value low = arith::MinSIOp::create(b, loc, index, last);
  return arith::MaxSIOp::create(b, loc, low, zero);
}

namespace {
struct ReportAssertsPass
    : public sparsity::impl::ReportAssertsPassBase<ReportAssertsPass> {
  void runOnOperation() override {
    SmallVector<cf::AssertOp> asserts;
    SmallVector<Operation *> loads;
    getOperation().walk([&](Operation *op) {
      if (auto assertOp = dyn_cast<cf::AssertOp>(op))
        asserts.push_back(assertOp);
      if (isa<memref::LoadOp, vector::LoadOp, vector::MaskedLoadOp>(op))
        loads.push_back(op);
    });
    for (Operation *load : loads)
      clampLoad(load);
    if (asserts.empty())
      return;
    declareReport();
    for (cf::AssertOp assertOp : asserts)
      replaceAssert(assertOp);
  }

private:
  static constexpr llvm::StringLiteral kReport = "sparse_opt_report_error";

  /// All three kinds of loads have the memref first and its indices next. The
  /// last index of a vector load is a loop's own.
  void clampLoad(Operation *load) {
    OpBuilder b(load);
    Value memref = load->getOperand(0);
    int64_t rank = cast<MemRefType>(memref.getType()).getRank();
    for (int64_t dim = 0; dim < rank; ++dim) {
      OpOperand &index = load->getOpOperand(dim + 1);
      if (dependsOnData(index.get()))
        index.set(clampIndex(b, load->getLoc(), index.get(), memref, dim));
    }
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
