//===- ProductFunction.cpp - The function around a kernel -----------------===//
//
// Cuts a product into work items and gives each kernel row-major operands of
// the compute type: views where the memory is like that, copies elsewhere.
//
//===----------------------------------------------------------------------===//

#include "ProductFunction.h"
#include "ColumnKernel.h"
#include "CopyMatrix.h"
#include "Epilogue.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::sparsity;

namespace {
/// Work items of a product: enough of them to balance the threads, each with
/// as many units as that and the kernel allow, so that x is reused from cache.
struct ItemGrid {
  ItemGrid(Emitter &e, const Partition &partition, Value tokens, Value units);

  Value tokenBlocks, blockTokens, unitsPerItem, itemsPerBlock, count;
};

class FunctionEmitter {
public:
  FunctionEmitter(Emitter &e, func::FuncOp function, const Product &product,
                  FormatLoweringInterface lowering, MatmulOp op);
  void emit(bool isParallel);

private:
  /// Sums over nothing are the bias or 0. Apart, because upstream folds views
  /// of such operands to some that its verifier refuses.
  void emitEmptySums();
  void findUnits();
  /// The bias by output number, contiguous.
  Value stageBias();
  void emitItem(const ItemGrid &grid, Value number);
  /// Makes x what the kernels want.
  void stageInput(bool isParallel);
  /// Transposes x for all items where several of them read the same tokens.
  void stageColumns(const ItemGrid &grid, bool isParallel);
  void emitLoop(bool isParallel, Value count, Emitter::Body body);
  void emitStagedOutput(WorkItem &item, Value firstToken);
  Value viewOutput(const WorkItem &item, Value firstToken);

  Emitter &e;
  const Product &product;
  FormatLoweringInterface lowering;
  Partition partition;
  bool hasStart;
  Epilogue epilogue;
  Value x, y, bias, start, stagedBias, stagedInput;
  SmallVector<Value> buffers;
  Value tokens, firstUnit, endUnit, firstOutput, endOutput;
  /// Columns of all blocks; of how many elements those of one are.
  Value columns, hasColumns, blockColumns;
};
} // namespace

ItemGrid::ItemGrid(Emitter &e, const Partition &partition, Value tokens,
                   Value units) {
  tokenBlocks = e.ceilDiv(tokens, partition.maxTokens);
  Value share = e.ceilDiv(tokens, e.max(tokenBlocks, e.index(1)));
  blockTokens =
      e.mul(e.ceilDiv(share, partition.tileTokens), partition.tileTokens);
  Value even = e.div(e.mul(units, tokenBlocks), partition.items);
  unitsPerItem = e.max(e.min(even, e.index(partition.mostUnits)), e.index(1));
  itemsPerBlock = e.ceilDiv(units, unitsPerItem);
  count = e.mul(itemsPerBlock, tokenBlocks);
}

FunctionEmitter::FunctionEmitter(Emitter &e, func::FuncOp function,
                                 const Product &product,
                                 FormatLoweringInterface lowering, MatmulOp op)
    : e(e), product(product), lowering(lowering),
      partition(lowering.getPartition(product)), hasStart(op.getAt()) {
  SmallVector<Value> arguments(function.getArguments());
  x = arguments.front();
  y = arguments.pop_back_val();
  if (isEpilogueFused(op)) {
    size_t count = op.getEpilogueOperands().size();
    epilogue = Epilogue(op, ArrayRef(arguments).take_back(count));
    arguments.truncate(arguments.size() - count);
  }
  if (hasStart)
    start = arguments.pop_back_val();
  if (op.getBias())
    bias = arguments.pop_back_val();
  buffers.append(arguments.begin() + 1, arguments.end());
}

void FunctionEmitter::findUnits() {
  firstOutput = hasStart ? start : e.index(0);
  endOutput = hasStart ? e.add(start, e.dim(y, 1)) : e.index(product.outputs);
  firstUnit = e.div(firstOutput, partition.unitOutputs);
  endUnit = e.ceilDiv(endOutput, partition.unitOutputs);
}

Value FunctionEmitter::stageBias() {
  if (!bias || (!hasStart && hasUnitStride(bias, 0)))
    return bias;
  Type element = cast<MemRefType>(bias.getType()).getElementType();
  Value copy = e.scratch({e.index(product.outputs)}, element);
  e.loop(e.index(0), e.index(product.outputs), 1,
         [&](Value i) { e.storeScalar(e.zero(element), copy, {i}); });
  e.loop(e.index(0), e.dim(bias, 0), 1, [&](Value i) {
    e.storeScalar(e.loadScalar(bias, {i}), copy, {e.add(firstOutput, i)});
  });
  return copy;
}

void FunctionEmitter::stageInput(bool isParallel) {
  Type stored = cast<MemRefType>(x.getType()).getElementType();
  if (stored == product.computeType && hasUnitStride(x, 1) &&
      !partition.padRows)
    return;
  constexpr int64_t kPad = 16, kRows = 32;
  Value inputs = e.index(product.inputs), zero = e.index(0);
  int64_t pitch = product.inputs + (partition.padRows ? kPad : 0);
  stagedInput = e.scratch({tokens, e.index(pitch)}, product.computeType);
  Value copy = e.view(stagedInput, {zero, zero}, {tokens, inputs});
  emitLoop(isParallel, e.ceilDiv(tokens, kRows), [&](Value number) {
    Value first = e.mul(number, kRows);
    Value count = e.min(e.index(kRows), e.sub(tokens, first));
    copyMatrix(e, e.view(x, {first, zero}, {count, inputs}),
               e.view(copy, {first, zero}, {count, inputs}), count, inputs,
               product.lanes());
  });
  x = copy;
}

void FunctionEmitter::stageColumns(const ItemGrid &grid, bool isParallel) {
  if (partition.columnTokens == 0)
    return;
  int64_t lanes = product.lanes();
  Value one = e.index(1);
  hasColumns =
      e.both(e.less(one, grid.itemsPerBlock),
             e.less(e.index(partition.columnTokens - 1), grid.blockTokens));
  blockColumns = e.mul(grid.blockTokens, llvm::alignTo(product.inputs, lanes));
  Value size = e.mul(grid.tokenBlocks, blockColumns);
  columns =
      e.scratch({e.select(hasColumns, size, e.index(0))}, product.computeType);
  Value vectors = e.div(grid.blockTokens, lanes);
  auto transpose = [&](Value number) {
    Value block = e.div(number, vectors);
    Value first = e.mul(block, grid.blockTokens);
    Value token = e.mul(e.rem(number, vectors), lanes);
    Value count = e.min(grid.blockTokens, e.sub(tokens, e.min(first, tokens)));
    Value width = e.mul(e.ceilDiv(count, lanes), lanes);
    e.when(e.less(token, count), [&] {
      Value place = e.add(e.mul(block, blockColumns), token);
      Value rows =
          e.view(x, {first, e.index(0)}, {count, e.index(product.inputs)});
      transposeTokens(e, lanes, rows, token, e.sub(count, one), e.index(0),
                      e.index(product.inputs), /*ahead=*/Value(),
                      [&](Value input, Value row) {
                        e.store(row, columns,
                                {e.add(place, e.mul(input, width))});
                      });
    });
  };
  e.when(hasColumns, [&] {
    emitLoop(isParallel, e.mul(grid.tokenBlocks, vectors), transpose);
  });
}

Value FunctionEmitter::viewOutput(const WorkItem &item, Value firstToken) {
  Value column = e.mul(item.firstUnit, partition.unitOutputs);
  Value end = e.min(e.mul(item.endUnit, partition.unitOutputs),
                    e.index(product.outputs));
  return e.view(y, {firstToken, column}, {item.tokens, e.sub(end, column)});
}

/// Computes whole units into scratch and copies the outputs that were asked
/// for.
void FunctionEmitter::emitStagedOutput(WorkItem &item, Value firstToken) {
  Value base = e.mul(item.firstUnit, partition.unitOutputs);
  Value unitsEnd = e.mul(item.endUnit, partition.unitOutputs);
  Value copy =
      e.scratch({item.tokens, e.sub(unitsEnd, base)}, product.computeType);
  item.y = copy;
  lowering.emitItem(e, product, item);
  Value begin = e.max(base, firstOutput), end = e.min(unitsEnd, endOutput);
  Value count = e.sub(end, begin), output = e.sub(begin, firstOutput);
  Value from =
      e.view(copy, {e.index(0), e.sub(begin, base)}, {item.tokens, count});
  Value to = e.view(y, {firstToken, output}, {item.tokens, count});
  if (epilogue)
    epilogue.emit(e, from, to, firstToken, output);
  else
    copyMatrix(e, from, to, item.tokens, count, product.lanes());
  e.release(copy);
}

void FunctionEmitter::emitItem(const ItemGrid &grid, Value number) {
  // Items of a token block follow each other: its x stays in cache, and a
  // thread goes on with the rows that it computed before.
  Value block = e.div(number, grid.itemsPerBlock);
  Value firstToken = e.mul(block, grid.blockTokens);
  WorkItem item;
  if (columns) {
    item.columns = columns;
    item.hasColumns = hasColumns;
    item.firstColumn = e.mul(block, blockColumns);
  }
  item.buffers = buffers;
  item.bias = stagedBias;
  item.firstUnit = e.add(
      firstUnit, e.mul(e.rem(number, grid.itemsPerBlock), grid.unitsPerItem));
  item.endUnit = e.min(e.add(item.firstUnit, grid.unitsPerItem), endUnit);
  // Rounding blocks up to tiles may leave none for the last one.
  firstToken = e.min(firstToken, tokens);
  item.tokens = e.min(grid.blockTokens, e.sub(tokens, firstToken));
  item.x = e.view(x, {firstToken, e.index(0)},
                  {item.tokens, e.index(product.inputs)});
  Type stored = cast<MemRefType>(y.getType()).getElementType();
  if (stored != product.computeType || !hasUnitStride(y, 1) || hasStart)
    return emitStagedOutput(item, firstToken);
  item.y = viewOutput(item, firstToken);
  lowering.emitItem(e, product, item);
  if (epilogue)
    epilogue.emit(e, item.y, item.y, firstToken,
                  e.mul(item.firstUnit, partition.unitOutputs));
}

void FunctionEmitter::emitLoop(bool isParallel, Value count,
                               Emitter::Body body) {
  if (isParallel)
    e.parallelLoop(count, body);
  else
    e.loop(e.index(0), count, 1, body);
}

void FunctionEmitter::emitEmptySums() {
  Type stored = cast<MemRefType>(y.getType()).getElementType();
  e.loop(e.index(0), e.dim(y, 0), 1, [&](Value token) {
    e.loop(e.index(0), e.dim(y, 1), 1, [&](Value output) {
      Value sum =
          bias ? e.extend(e.loadScalar(bias, {output}), product.computeType)
               : e.zero(product.computeType);
      e.storeScalar(e.narrow(sum, stored), y, {token, output});
    });
  });
}

void FunctionEmitter::emit(bool isParallel) {
  if (product.inputs == 0)
    return emitEmptySums();
  findUnits();
  tokens = e.dim(y, 0);
  stagedBias = stageBias();
  stageInput(isParallel);
  ItemGrid grid(e, partition, tokens, e.sub(endUnit, firstUnit));
  stageColumns(grid, isParallel);
  emitLoop(isParallel, grid.count,
           [&](Value number) { emitItem(grid, number); });
  if (columns)
    e.release(columns);
  if (stagedInput)
    e.release(stagedInput);
  if (stagedBias != bias)
    e.release(stagedBias);
}

void mlir::sparsity::emitProductFunction(func::FuncOp function,
                                         const Product &product,
                                         FormatLoweringInterface lowering,
                                         MatmulOp op, bool isParallel) {
  OpBuilder builder(function.getContext());
  builder.setInsertionPointToStart(function.addEntryBlock());
  Emitter e(function.getLoc(), builder, product.target.fma);
  FunctionEmitter(e, function, product, lowering, op).emit(isParallel);
  func::ReturnOp::create(e);
}
