//===- SlotKernel.cpp - N:M products with tokens in vectors ---------------===//
//
// Several outputs of a panel at a time: their values of a slot are one load,
// and each is broadcast in registers to the vectors of tokens. Positions are
// decoded once per panel and tile, by vectors, to offsets in x.
//
//===----------------------------------------------------------------------===//
//
// 2:4, two outputs, two vectors of tokens, one slot of the group at column 4:
//
//   values a b, positions 1 3      sums[0] += a * x[5, 0..]   a * x[5, 8..]
//                                  sums[1] += b * x[7, 0..]   b * x[7, 8..]
//
//===----------------------------------------------------------------------===//

#include "SlotKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::sparsity;
using format::kLanes;

/// Outputs whose sums of `vectors` vectors are in registers together, beside
/// their values and one value broadcast.
static int64_t countLanes(const Product &product, int64_t vectors) {
  int64_t sums = product.target.vectorRegisters / 4 * 3, lanes = 1;
  while (2 * lanes * vectors <= sums && lanes < 8)
    lanes *= 2;
  return lanes;
}

int64_t SlotProducts::getBytesPerInput(const Product &product,
                                       const NMGeometry &geometry) {
  constexpr int64_t kOffsetBytes = 2;
  int64_t bits = product.weightType.getIntOrFloatBitWidth();
  int64_t slot = kLanes * (llvm::divideCeil(bits, 8) + kOffsetBytes);
  return llvm::divideCeil(slot * geometry.n, geometry.m);
}

static Value shuffle(Emitter &e, Value vector, int64_t width,
                     function_ref<int64_t(int64_t)> source) {
  SmallVector<int64_t> lanes;
  for (int64_t lane = 0; lane < width; ++lane)
    lanes.push_back(source(lane));
  return vector::ShuffleOp::create(e, vector, vector, lanes);
}

void SlotProducts::reserve() {
  int64_t inputs = getTileInputs(product, format, /*vectors=*/1);
  int64_t slots = llvm::divideCeil(inputs, geometry.m) * geometry.n;
  offsets = e.scratch({e.index(slots * kLanes)}, e.getI16Type());
}

void SlotProducts::emitTile(const ColumnTile &tile) {
  int64_t perUnit = format.unitOutputs / kLanes;
  Value begin = e.mul(item.firstUnit, perUnit);
  Value end = e.min(e.mul(item.endUnit, perUnit), e.index(geometry.panels));
  int64_t lanes = countLanes(product, tile.width / product.lanes());
  Value x = e.flat(tile.columns);
  e.loop(begin, end, 1, [&](Value number) {
    Panel panel = getPanel(number, e.sub(number, begin), x, tile);
    decode(panel, tile.width);
    Value rest = e.sub(e.index(product.outputs), panel.output);
    e.loop(e.index(0), e.min(rest, e.index(kLanes)), lanes,
           [&](Value lane) { emitLanes(panel, tile, lane, lanes); });
  });
}

SlotProducts::Panel SlotProducts::getPanel(Value number, Value place, Value x,
                                           const ColumnTile &tile) {
  Panel panel;
  panel.x = x;
  panel.output = e.mul(number, kLanes);
  panel.row = e.mul(place, kLanes);
  Value firstGroup = e.div(tile.begin, geometry.m);
  panel.groups = e.sub(e.ceilDiv(tile.end, geometry.m), firstGroup);
  panel.slots = e.mul(panel.groups, geometry.n);
  Value first =
      e.mul(e.add(e.mul(number, geometry.groups), firstGroup), geometry.n);
  // Views, so that the loops add no offsets.
  panel.codes = e.view(item.buffers[1], first, panel.slots);
  panel.values =
      e.view(item.buffers[0], e.mul(first, kLanes), e.mul(panel.slots, kLanes));
  return panel;
}

// A byte holds the positions of neighbouring lanes, position p of lane j as
// p << bits * j. Multiplying it by width << bits * (last - j) makes all of them
// p * width << bits * last.
void SlotProducts::decode(const Panel &panel, int64_t width) {
  int64_t bits = geometry.positionBits(), perByte = 8 / bits;
  int64_t last = perByte - 1;
  assert(width << 8 <= 1 << 16 && "expected products that 16 bits hold");
  auto constant = [&](function_ref<int64_t(int64_t)> get) {
    return e.integers(e.getI16Type(), kLanes,
                      [&](int64_t lane) { return get(lane % perByte); });
  };
  Value mask =
      constant([&](int64_t j) { return ((1 << bits) - 1) << bits * j; });
  Value scale = constant([&](int64_t j) { return width << bits * (last - j); });
  Value shift = constant([&](int64_t) { return bits * last; });
  SmallVector<int64_t> byteOfLane;
  for (int64_t lane = 0; lane < kLanes; ++lane)
    byteOfLane.push_back(lane / perByte);
  auto bytes = VectorType::get({kLanes / perByte}, e.getI8Type());
  auto shorts = VectorType::get({kLanes}, e.getI16Type());
  e.loop(e.index(0), panel.groups, 1, [&](Value group) {
    Value first = arith::IndexCastUIOp::create(
        e, e.getI16Type(), e.mul(group, geometry.m * width));
    first = e.splat(first, kLanes);
    for (int64_t slot = 0; slot < geometry.n; ++slot) {
      Value place = e.add(e.mul(group, geometry.n), slot);
      Value code = e.splat(e.loadScalar(panel.codes, place), 1);
      Value split = vector::BitCastOp::create(e, bytes, code);
      Value spread = arith::ExtUIOp::create(
          e, shorts, vector::ShuffleOp::create(e, split, split, byteOfLane));
      Value scaled = arith::MulIOp::create(
          e, arith::AndIOp::create(e, spread, mask), scale);
      Value inGroup = arith::ShRUIOp::create(e, scaled, shift);
      e.store(e.plus(first, inGroup), offsets, e.mul(place, kLanes));
    }
  });
}

SmallVector<Value> SlotProducts::startLanes(const Panel &panel,
                                            const ColumnTile &tile, Value lane,
                                            int64_t count) {
  int64_t lanes = product.lanes(), vectors = tile.width / lanes;
  auto startNew = [&] {
    SmallVector<Value> sums;
    Value last = e.index(product.outputs - 1);
    for (int64_t l = 0; l < count; ++l) {
      Value output = e.min(e.add(e.add(panel.output, lane), l), last);
      sums.append(vectors, e.splat(loadBias(e, product, item, output), lanes));
    }
    return sums;
  };
  auto goOn = [&] {
    SmallVector<Value> sums;
    for (int64_t l = 0; l < count; ++l)
      for (int64_t i = 0; i < vectors; ++i)
        sums.push_back(e.load(
            tile.sums, {e.add(e.add(panel.row, lane), l), e.index(i * lanes)},
            lanes));
    return sums;
  };
  return e.choose(tile.isFirst, startNew, goOn);
}

void SlotProducts::emitLanes(const Panel &panel, const ColumnTile &tile,
                             Value lane, int64_t count) {
  int64_t lanes = product.lanes(), vectors = tile.width / lanes;
  int64_t n = geometry.n;
  // Each step fetches as many values of the next panel as it multiplies.
  int64_t unroll = std::max<int64_t>(kLanes / (n * count), 1);
  Value ahead =
      e.add(e.index(geometry.groups * n * kLanes), e.mul(lane, panel.slots));
  auto step = [&](int64_t groups) {
    return [&, groups](Value group, ValueRange values) {
      SmallVector<Value> sums(values);
      if (groups == unroll)
        e.prefetch(panel.values, e.add(ahead, e.mul(group, n * count)),
                   n * count * groups);
      for (int64_t g = 0; g < groups; ++g)
        stepGroup(sums, panel, tile, e.add(group, g), lane);
      return sums;
    };
  };
  SmallVector<Value> sums = startLanes(panel, tile, lane, count);
  Value whole = e.mul(e.div(panel.groups, unroll), unroll);
  sums = e.loop(e.index(0), whole, unroll, sums, step(unroll));
  if (unroll > 1)
    sums = e.loop(whole, panel.groups, 1, sums, step(1));
  for (int64_t l = 0; l < count; ++l)
    for (int64_t i = 0; i < vectors; ++i)
      e.store(sums[l * vectors + i], tile.sums,
              {e.add(e.add(panel.row, lane), l), e.index(i * lanes)});
}

SmallVector<Value> SlotProducts::loadValues(const Panel &panel, Value place,
                                            int64_t count) {
  // 128 bits of values are repeated by their load; inside them a splat is one
  // cheap shuffle.
  int64_t lanes = product.lanes(), quarter = 16 / product.computeBytes();
  int64_t part = std::min(count, quarter);
  SmallVector<Value> splats;
  for (int64_t first = 0; first < count; first += part) {
    Value values = e.extend(e.load(panel.values, e.add(place, first), part),
                            product.computeType);
    values =
        shuffle(e, values, lanes, [&](int64_t lane) { return lane % part; });
    if (isa<FloatType>(product.computeType) && !product.portable)
      values = e.opaque(values);
    for (int64_t l = 0; l < part; ++l)
      splats.push_back(shuffle(e, values, lanes, [&](int64_t lane) {
        return lane / quarter * quarter + l;
      }));
  }
  return splats;
}

SmallVector<Value> SlotProducts::loadOffsets(Value place, int64_t count) {
  // A word of offsets is one load; loads are what the loop has most of.
  constexpr int64_t kBits = 16, kMost = 4;
  int64_t part = std::min(count, kMost);
  auto word = VectorType::get({1}, e.getIntegerType(part * kBits));
  SmallVector<Value> indices;
  for (int64_t first = 0; first < count; first += part) {
    Value packed = vector::BitCastOp::create(
        e, word, e.load(offsets, e.add(place, first), part));
    packed = vector::ExtractOp::create(e, packed, 0);
    for (int64_t l = 0; l < part; ++l) {
      Value bits = packed;
      if (l > 0)
        bits = arith::ShRUIOp::create(
            e, bits, e.integer(word.getElementType(), l * kBits));
      if (l < part - 1)
        bits = arith::AndIOp::create(
            e, bits, e.integer(word.getElementType(), (1 << kBits) - 1));
      indices.push_back(
          arith::IndexCastUIOp::create(e, e.getIndexType(), bits));
    }
  }
  return indices;
}

void SlotProducts::stepGroup(MutableArrayRef<Value> sums, const Panel &panel,
                             const ColumnTile &tile, Value group, Value lane) {
  int64_t lanes = product.lanes(), vectors = tile.width / lanes;
  int64_t count = sums.size() / vectors;
  for (int64_t slot = 0; slot < geometry.n; ++slot) {
    Value place =
        e.add(e.mul(e.add(e.mul(group, geometry.n), slot), kLanes), lane);
    SmallVector<Value> splats = loadValues(panel, place, count);
    SmallVector<Value> rows = loadOffsets(place, count);
    for (int64_t l = 0; l < count; ++l)
      for (int64_t i = 0; i < vectors; ++i) {
        Value x = e.load(panel.x, e.add(rows[l], i * lanes), lanes);
        Value &sum = sums[l * vectors + i];
        sum = e.multiplyAdd(splats[l], x, sum);
      }
  }
}
