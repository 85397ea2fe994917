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
/// What products of the same x have for themselves.
struct Member {
  SmallVector<Value> buffers;
  Value bias, y;
};

/// The units of all members for all blocks of tokens in one row, of which items
/// are even shares:
///
///   block 0                      block 1
///   member 0      member 1       member 0      member 1
///   |- - - - - - -|- - - - - - - |- - - - - - -|- - - - - - -|
///   [ item 0             ][ item 1              ][ item 2    ]
///
/// An item goes through it part by part: units of one member and block, no more
/// of them than the kernel takes at once.
struct ItemGrid {
  ItemGrid(Emitter &e, const Partition &partition, Value tokens, Value units,
           int64_t members);

  /// Units of one member, of a part, of all.
  Value units, unitsPerPart, allUnits;
  Value tokenBlocks, blockTokens, partsPerMember, partsPerBlock, count;
};

class FunctionEmitter {
public:
  FunctionEmitter(Emitter &e, func::FuncOp function, const Product &product,
                  FormatLoweringInterface lowering, MatmulOp op, size_t count);
  void emit(bool isParallel);

private:
  /// Sums over nothing are the bias or 0. Apart, because upstream folds views
  /// of such operands to some that its verifier refuses.
  void emitEmptySums(const Member &member);
  void findUnits();
  /// The bias by output number, contiguous.
  Value stageBias(Value bias);
  /// The member with this number, which is known at run time.
  Member selectMember(Value number);
  void emitItem(const ItemGrid &grid, Value number);
  /// The units of part `number` that are among units `begin` to `end` - 1 of
  /// all.
  void emitPart(const ItemGrid &grid, Value number, Value begin, Value end);
  /// Makes x what the kernels want.
  void stageInput(bool isParallel);
  /// Transposes x for all items where several of them read the same tokens.
  void stageColumns(const ItemGrid &grid, bool isParallel);
  void emitLoop(bool isParallel, Value count, Emitter::Body body);
  /// The kernels' results are not where or what the product's are.
  bool isOutputStaged() const;
  void emitStagedOutput(WorkItem &item, Value y, Value firstToken);
  Value viewOutput(const WorkItem &item, Value y, Value firstToken);

  Emitter &e;
  const Product &product;
  FormatLoweringInterface lowering;
  Partition partition;
  bool hasStart;
  Epilogue epilogue;
  Value x, start, stagedInput, stagedOutput;
  SmallVector<Member> members;
  Value tokens, firstUnit, endUnit, firstOutput, endOutput;
  /// Columns of all blocks; of how many elements those of one are.
  Value columns, hasColumns, blockColumns;
};
} // namespace

ItemGrid::ItemGrid(Emitter &e, const Partition &partition, Value tokens,
                   Value units, int64_t members)
    : units(units) {
  tokenBlocks = e.ceilDiv(tokens, partition.maxTokens);
  Value share = e.ceilDiv(tokens, e.max(tokenBlocks, e.index(1)));
  blockTokens =
      e.mul(e.ceilDiv(share, partition.tileTokens), partition.tileTokens);
  unitsPerPart = e.max(e.min(units, e.index(partition.mostUnits)), e.index(1));
  partsPerMember = e.ceilDiv(units, unitsPerPart);
  partsPerBlock = e.mul(partsPerMember, members);
  allUnits = e.mul(e.mul(units, members), tokenBlocks);
  count = e.min(allUnits, e.index(partition.items));
}

FunctionEmitter::FunctionEmitter(Emitter &e, func::FuncOp function,
                                 const Product &product,
                                 FormatLoweringInterface lowering, MatmulOp op,
                                 size_t count)
    : e(e), product(product), lowering(lowering),
      partition(lowering.getPartition(product)), hasStart(op.getAt()),
      members(count) {
  ValueRange arguments = function.getArguments();
  x = arguments.front();
  for (auto [member, y] : llvm::zip_equal(members, arguments.take_back(count)))
    member.y = y;
  arguments = arguments.drop_front().drop_back(count);
  if (isEpilogueFused(op)) {
    size_t operands = op.getEpilogueOperands().size();
    epilogue = Epilogue(op, arguments.take_back(operands));
    arguments = arguments.drop_back(operands);
  }
  if (hasStart) {
    start = arguments.back();
    arguments = arguments.drop_back();
  }
  for (Member &member : members) {
    size_t own = arguments.size() / (members.end() - &member);
    llvm::append_range(member.buffers, arguments.take_front(own));
    arguments = arguments.drop_front(own);
    if (op.getBias())
      member.bias = member.buffers.pop_back_val();
  }
}

void FunctionEmitter::findUnits() {
  firstOutput = hasStart ? start : e.index(0);
  endOutput = hasStart ? e.add(start, e.dim(members[0].y, 1))
                       : e.index(product.outputs);
  firstUnit = e.div(firstOutput, partition.unitOutputs);
  endUnit = e.ceilDiv(endOutput, partition.unitOutputs);
}

Value FunctionEmitter::stageBias(Value bias) {
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

Member FunctionEmitter::selectMember(Value number) {
  Member chosen = members.front();
  for (size_t i = 1; i < members.size(); ++i) {
    const Member &member = members[i];
    Value isThis = e.equal(number, i);
    for (auto [buffer, own] : llvm::zip_equal(chosen.buffers, member.buffers))
      buffer = e.select(isThis, own, buffer);
    if (member.bias)
      chosen.bias = e.select(isThis, member.bias, chosen.bias);
    chosen.y = e.select(isThis, member.y, chosen.y);
  }
  return chosen;
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
  Value areMany =
      e.less(grid.tokenBlocks,
             e.max(grid.count, e.mul(grid.tokenBlocks, grid.partsPerBlock)));
  hasColumns = e.both(
      areMany, e.less(e.index(partition.columnTokens - 1), grid.blockTokens));
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

Value FunctionEmitter::viewOutput(const WorkItem &item, Value y,
                                  Value firstToken) {
  Value column = e.mul(item.firstUnit, partition.unitOutputs);
  Value end = e.min(e.mul(item.endUnit, partition.unitOutputs),
                    e.index(product.outputs));
  return e.view(y, {firstToken, column}, {item.tokens, e.sub(end, column)});
}

bool FunctionEmitter::isOutputStaged() const {
  Value y = members.front().y;
  Type stored = cast<MemRefType>(y.getType()).getElementType();
  return stored != product.computeType || !hasUnitStride(y, 1) || hasStart;
}

/// Computes whole units into scratch and copies the outputs that were asked
/// for.
void FunctionEmitter::emitStagedOutput(WorkItem &item, Value y,
                                       Value firstToken) {
  Value base = e.mul(item.firstUnit, partition.unitOutputs);
  Value unitsEnd = e.mul(item.endUnit, partition.unitOutputs);
  Value copy = e.view(stagedOutput, {e.index(0), e.index(0)},
                      {item.tokens, e.sub(unitsEnd, base)});
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
}

void FunctionEmitter::emitItem(const ItemGrid &grid, Value number) {
  auto boundary = [&](Value i) {
    return e.div(e.mul(i, grid.allUnits), grid.count);
  };
  auto partOf = [&](Value unit) {
    return e.add(e.mul(e.div(unit, grid.units), grid.partsPerMember),
                 e.div(e.rem(unit, grid.units), grid.unitsPerPart));
  };
  Value begin = boundary(number), end = boundary(e.add(number, 1));
  Value behind = e.add(partOf(e.sub(end, e.index(1))), 1);
  if (isOutputStaged())
    stagedOutput = e.scratch(
        {grid.blockTokens, e.mul(grid.unitsPerPart, partition.unitOutputs)},
        product.computeType);
  e.loop(partOf(begin), behind, 1,
         [&](Value part) { emitPart(grid, part, begin, end); });
  if (stagedOutput)
    e.release(stagedOutput);
}

void FunctionEmitter::emitPart(const ItemGrid &grid, Value number, Value begin,
                               Value end) {
  // Parts of a token block follow each other: its x stays in cache, and a
  // thread goes on with the rows that it computed before.
  Value block = e.div(number, grid.partsPerBlock);
  Value firstToken = e.mul(block, grid.blockTokens);
  WorkItem item;
  if (columns) {
    item.columns = columns;
    item.hasColumns = hasColumns;
    item.firstColumn = e.mul(block, blockColumns);
  }
  Value inBlock = e.rem(number, grid.partsPerBlock);
  Member member = selectMember(e.div(inBlock, grid.partsPerMember));
  item.buffers = member.buffers;
  item.bias = member.bias;
  Value base = e.mul(e.div(number, grid.partsPerMember), grid.units);
  Value inMember =
      e.mul(e.rem(inBlock, grid.partsPerMember), grid.unitsPerPart);
  Value first = e.add(base, inMember);
  Value last =
      e.add(base, e.min(e.add(inMember, grid.unitsPerPart), grid.units));
  item.firstUnit = e.add(firstUnit, e.sub(e.max(first, begin), base));
  item.endUnit = e.add(firstUnit, e.sub(e.min(last, end), base));
  // Rounding blocks up to tiles may leave none for the last one.
  firstToken = e.min(firstToken, tokens);
  item.tokens = e.min(grid.blockTokens, e.sub(tokens, firstToken));
  item.x = e.view(x, {firstToken, e.index(0)},
                  {item.tokens, e.index(product.inputs)});
  if (isOutputStaged())
    return emitStagedOutput(item, member.y, firstToken);
  item.y = viewOutput(item, member.y, firstToken);
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

void FunctionEmitter::emitEmptySums(const Member &member) {
  Value bias = member.bias, y = member.y;
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
  if (product.inputs == 0) {
    for (const Member &member : members)
      emitEmptySums(member);
    return;
  }
  findUnits();
  tokens = e.dim(members[0].y, 0);
  SmallVector<Value> copies;
  for (Member &member : members)
    if (Value staged = stageBias(member.bias); staged != member.bias) {
      copies.push_back(staged);
      member.bias = staged;
    }
  stageInput(isParallel);
  ItemGrid grid(e, partition, tokens, e.sub(endUnit, firstUnit),
                members.size());
  stageColumns(grid, isParallel);
  emitLoop(isParallel, grid.count,
           [&](Value number) { emitItem(grid, number); });
  if (columns)
    copies.push_back(columns);
  if (stagedInput)
    copies.push_back(stagedInput);
  llvm::for_each(copies, [&](Value copy) { e.release(copy); });
}

void mlir::sparsity::emitProductFunction(func::FuncOp function,
                                         const Product &product,
                                         FormatLoweringInterface lowering,
                                         MatmulOp op, size_t count,
                                         bool isParallel) {
  OpBuilder builder(function.getContext());
  builder.setInsertionPointToStart(function.addEntryBlock());
  Emitter e(function.getLoc(), builder, product.target.fma);
  FunctionEmitter(e, function, product, lowering, op, count).emit(isParallel);
  func::ReturnOp::create(e);
}
