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
#include "ItemGrid.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::sparsity;

namespace {
/// What products of the same x have for themselves.
struct Member {
  Product product;
  SmallVector<Value> buffers;
  Value bias, y;
};

class FunctionEmitter {
public:
  FunctionEmitter(Emitter &e, func::FuncOp function,
                  ArrayRef<DescribedProduct> products);
  void emit(bool isParallel);

private:
  /// Takes each member's operands from the arguments.
  void addMembers(ArrayRef<DescribedProduct> products, ValueRange arguments,
                  ValueRange results);
  /// Sums over nothing are the bias or 0. Apart, because upstream folds views
  /// of such operands to some that its verifier refuses.
  void emitEmptySums(const Member &member);
  /// Behind the last output that is asked for.
  Value getEndOutput(const Member &member);
  void findUnits();
  /// The bias by output number, contiguous.
  Value stageBias(const Member &member);
  /// The one of some alike members with this number, which is known at run
  /// time.
  Member selectMember(ArrayRef<size_t> alike, Value number);
  void emitItem(const ItemGrid &grid, Value number);
  void emitPart(const ItemGrid &grid, const ItemGrid::Part &part);
  void emitMember(const ItemGrid &grid, const ItemGrid::Part &part,
                  const Member &member);
  /// Makes x what the kernels want.
  void stageInput(bool isParallel);
  /// Transposes x for all items where several of them read the same tokens.
  void stageColumns(const ItemGrid &grid, bool isParallel);
  void emitLoop(bool isParallel, Value count, Emitter::Body body);
  /// The kernels' results are not where or what the product's are.
  bool isOutputStaged() const;
  void emitStagedOutput(WorkItem &item, const Member &member, Value firstToken);
  Value viewOutput(const WorkItem &item, const Member &member,
                   Value firstToken);

  Emitter &e;
  FormatLoweringInterface lowering;
  /// The first member's; only outputs differ in the others.
  const Product &product;
  Partition partition;
  bool hasStart;
  Epilogue epilogue;
  Value x, start, stagedInput, stagedOutput;
  std::vector<Member> members;
  /// Numbers of members for which the same code serves.
  SmallVector<SmallVector<size_t>> classes;
  Value tokens, firstUnit, firstOutput;
  /// How many units each member has.
  SmallVector<Value> units;
  /// Columns of all blocks; of how many elements those of one are.
  Value columns, hasColumns, blockColumns;
};
} // namespace

/// True when what a kernel makes for `a` computes `b` too.
static bool areAlike(const Member &a, const Member &b) {
  return a.product.outputs == b.product.outputs && !a.bias == !b.bias;
}

FunctionEmitter::FunctionEmitter(Emitter &e, func::FuncOp function,
                                 ArrayRef<DescribedProduct> products)
    : e(e), lowering(cast<FormatLoweringInterface>(
                MatmulOp(products.front().op).getPackedType().getFormat())),
      product(products.front().product),
      partition(lowering.getPartition(product)) {
  ValueRange arguments = function.getArguments();
  ValueRange results = arguments.take_back(products.size());
  x = arguments.front();
  arguments = arguments.drop_front().drop_back(products.size());
  MatmulOp op = products.front().op;
  hasStart = bool(op.getAt());
  if (isEpilogueFused(op)) {
    size_t operands = op.getEpilogueOperands().size();
    epilogue = Epilogue(op, arguments.take_back(operands));
    arguments = arguments.drop_back(operands);
  }
  if (hasStart) {
    start = arguments.back();
    arguments = arguments.drop_back();
  }
  addMembers(products, arguments, results);
}

void FunctionEmitter::addMembers(ArrayRef<DescribedProduct> products,
                                 ValueRange arguments, ValueRange results) {
  for (auto [described, y] : llvm::zip_equal(products, results)) {
    MatmulOp op = described.op;
    Member member{described.product, {}, {}, y};
    size_t buffers = op.getPackedType().getStorageTypes().size();
    llvm::append_range(member.buffers, arguments.take_front(buffers));
    arguments = arguments.drop_front(buffers);
    if (op.getBias()) {
      member.bias = arguments.front();
      arguments = arguments.drop_front();
    }
    auto alike = llvm::find_if(classes, [&](ArrayRef<size_t> numbers) {
      return areAlike(members[numbers.front()], member);
    });
    if (alike == classes.end())
      alike = &classes.emplace_back();
    alike->push_back(members.size());
    members.push_back(std::move(member));
  }
}

Value FunctionEmitter::getEndOutput(const Member &member) {
  return hasStart ? e.add(start, e.dim(member.y, 1))
                  : e.index(member.product.outputs);
}

void FunctionEmitter::findUnits() {
  firstOutput = hasStart ? start : e.index(0);
  firstUnit = e.div(firstOutput, partition.unitOutputs);
  for (const Member &member : members) {
    Value end = e.ceilDiv(getEndOutput(member), partition.unitOutputs);
    units.push_back(e.sub(end, firstUnit));
  }
}

Value FunctionEmitter::stageBias(const Member &member) {
  Value bias = member.bias;
  if (!bias || (!hasStart && hasUnitStride(bias, 0)))
    return bias;
  Type element = cast<MemRefType>(bias.getType()).getElementType();
  Value outputs = e.index(member.product.outputs);
  Value copy = e.scratch({outputs}, element);
  e.loop(e.index(0), outputs, 1,
         [&](Value i) { e.storeScalar(e.zero(element), copy, {i}); });
  e.loop(e.index(0), e.dim(bias, 0), 1, [&](Value i) {
    e.storeScalar(e.loadScalar(bias, {i}), copy, {e.add(firstOutput, i)});
  });
  return copy;
}

Member FunctionEmitter::selectMember(ArrayRef<size_t> alike, Value number) {
  Member chosen = members[alike.front()];
  for (size_t i : alike.drop_front()) {
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

Value FunctionEmitter::viewOutput(const WorkItem &item, const Member &member,
                                  Value firstToken) {
  Value column = e.mul(item.firstUnit, partition.unitOutputs);
  Value end = e.min(e.mul(item.endUnit, partition.unitOutputs),
                    e.index(member.product.outputs));
  return e.view(member.y, {firstToken, column},
                {item.tokens, e.sub(end, column)});
}

bool FunctionEmitter::isOutputStaged() const {
  Value y = members.front().y;
  Type stored = cast<MemRefType>(y.getType()).getElementType();
  return stored != product.computeType || !hasUnitStride(y, 1) || hasStart;
}

/// Computes whole units into scratch and copies the outputs that were asked
/// for.
void FunctionEmitter::emitStagedOutput(WorkItem &item, const Member &member,
                                       Value firstToken) {
  Value base = e.mul(item.firstUnit, partition.unitOutputs);
  Value unitsEnd = e.mul(item.endUnit, partition.unitOutputs);
  Value copy = e.view(stagedOutput, {e.index(0), e.index(0)},
                      {item.tokens, e.sub(unitsEnd, base)});
  item.y = copy;
  lowering.emitItem(e, member.product, item);
  Value begin = e.max(base, firstOutput);
  Value end = e.min(unitsEnd, getEndOutput(member));
  Value count = e.sub(end, begin), output = e.sub(begin, firstOutput);
  Value from =
      e.view(copy, {e.index(0), e.sub(begin, base)}, {item.tokens, count});
  Value to = e.view(member.y, {firstToken, output}, {item.tokens, count});
  if (epilogue)
    epilogue.emit(e, from, to, firstToken, output);
  else
    copyMatrix(e, from, to, item.tokens, count, product.lanes());
}

void FunctionEmitter::emitItem(const ItemGrid &grid, Value number) {
  ItemGrid::Range own = grid.getUnits(e, number);
  if (isOutputStaged())
    stagedOutput = e.scratch(
        {grid.blockTokens, e.mul(grid.unitsPerPart, partition.unitOutputs)},
        product.computeType);
  // Parts of a token block follow each other: its x stays in cache, and a
  // thread goes on with the rows that it computed before.
  ItemGrid::Range parts = grid.getParts(e, own);
  e.loop(parts.begin, parts.end, 1,
         [&](Value part) { emitPart(grid, grid.getPart(e, part, own)); });
  if (stagedOutput)
    e.release(stagedOutput);
}

void FunctionEmitter::emitPart(const ItemGrid &grid,
                               const ItemGrid::Part &part) {
  auto emitClass = [&](int64_t number) {
    emitMember(grid, part, selectMember(classes[number], part.product));
  };
  if (classes.size() == 1)
    return emitClass(0);
  Value own = e.index(0);
  for (size_t number = 1; number < classes.size(); ++number)
    for (size_t member : classes[number])
      own = e.select(e.equal(part.product, member), e.index(number), own);
  e.switchOn(own, 0, classes.size(), emitClass);
}

void FunctionEmitter::emitMember(const ItemGrid &grid,
                                 const ItemGrid::Part &part,
                                 const Member &member) {
  // Rounding blocks up to tiles may leave none for the last one.
  Value firstToken = e.min(e.mul(part.block, grid.blockTokens), tokens);
  WorkItem item;
  if (columns) {
    item.columns = columns;
    item.hasColumns = hasColumns;
    item.firstColumn = e.mul(part.block, blockColumns);
  }
  item.buffers = member.buffers;
  item.bias = member.bias;
  item.firstUnit = e.add(firstUnit, part.units.begin);
  item.endUnit = e.add(firstUnit, part.units.end);
  item.tokens = e.min(grid.blockTokens, e.sub(tokens, firstToken));
  item.x = e.view(x, {firstToken, e.index(0)},
                  {item.tokens, e.index(product.inputs)});
  if (isOutputStaged())
    return emitStagedOutput(item, member, firstToken);
  item.y = viewOutput(item, member, firstToken);
  lowering.emitItem(e, member.product, item);
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
    if (Value staged = stageBias(member); staged != member.bias) {
      copies.push_back(staged);
      member.bias = staged;
    }
  stageInput(isParallel);
  ItemGrid grid(e, partition, tokens, units);
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
                                         ArrayRef<DescribedProduct> products,
                                         bool isParallel) {
  OpBuilder builder(function.getContext());
  builder.setInsertionPointToStart(function.addEntryBlock());
  Emitter e(function.getLoc(), builder, products.front().product.target.fma);
  FunctionEmitter(e, function, products).emit(isParallel);
  func::ReturnOp::create(e);
}
