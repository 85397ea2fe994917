//===- NMFormat.cpp - n stored elements in each group of m columns --------===//
//
// Encode, decode and validation of the format "nm"; its header draws it.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Format/NMFormat.h"

#include "Elements.h"
#include "StorageSupport.h"
#include "sparse-opt/Format/NMPattern.h"

namespace mlir::sparsity::format {

static Status checkParameters(int64_t n, int64_t m) {
  if (m > NMFormat::kMaxGroup)
    return makeError("expected m <= ", NMFormat::kMaxGroup, ", got ", n, ":",
                     m);
  Result<NMPattern> pattern = NMPattern::get(n, m);
  return pattern ? Status() : pattern.error();
}

NMFormat::NMFormat(int64_t n, int64_t m) : slots(n), groupCols(m) {
  assert(checkParameters(n, m) && "expected checked parameters");
}

Result<NMFormat> NMFormat::get(int64_t n, int64_t m) {
  if (Status status = checkParameters(n, m); !status)
    return status.error();
  return NMFormat(n, m);
}

ElementKind NMFormat::codeKind() const {
  return groupCols <= 4 ? ElementKind::U32 : ElementKind::U64;
}

BufferSpecs NMFormat::buffers(ElementKind kind, int64_t rows,
                              int64_t cols) const {
  if (Status status = checkShape(kind, rows, cols); !status)
    return status.error();
  CheckedSize words =
      checkedMul(checkedCeilDiv(rows, kLanes),
                 checkedMul(checkedCeilDiv(cols, groupCols), slots));
  return checkedSpecs({{"values", kind, checkedMul(words, kLanes)},
                       {"codes", codeKind(), words}});
}

//===----------------------------------------------------------------------===//
// The form of one group in one lane
//===----------------------------------------------------------------------===//

namespace {
/// Calls a function with the type of a word of codes.
template <typename Fn>
auto withCodeWord(ElementKind codeKind, Fn &&fn) {
  return codeKind == ElementKind::U32 ? fn(uint32_t()) : fn(uint64_t());
}

/// Bits of one position in a word of codes.
template <typename Code>
constexpr int64_t kCodeBits = int64_t(sizeof(Code)) * 8 / kLanes;

template <typename Code>
uint32_t positionOf(Code word, int64_t lane) {
  constexpr int64_t bits = kCodeBits<Code>;
  return static_cast<uint32_t>(word >> (lane * bits)) & ((1u << bits) - 1);
}

/// One group of columns in one panel.
struct Group {
  /// Index of the group's slot 0 in `codes`.
  int64_t word;
  int64_t firstCol, cols;
  /// Slots that are not surplus.
  int64_t used;
};
} // namespace

/// Calls `fn` with each group of the panel that starts at `row`.
template <typename Fn>
static void forEachGroup(const NMFormat &format, int64_t row, int64_t cols,
                         Fn &&fn) {
  int64_t groups = (cols + format.m() - 1) / format.m();
  int64_t word = row / kLanes * groups * format.n();
  for (int64_t col = 0; col < cols; col += format.m(), word += format.n()) {
    int64_t width = std::min(format.m(), cols - col);
    fn(Group{word, col, width, std::min(format.n(), width)});
  }
}

/// The positions that a lane stores: its nonzeros, then the lowest free ones
/// until `count` more are taken.
static uint32_t withLowestFree(uint32_t nonzeros, int64_t count) {
  for (; count > 0; --count)
    nonzeros |= nonzeros + 1;
  return nonzeros;
}

//===----------------------------------------------------------------------===//
// Encode
//===----------------------------------------------------------------------===//

namespace {
template <typename T, typename Code>
class Packer {
public:
  Packer(const NMFormat &format, const MatrixView &matrix, Storage &storage)
      : format(format), matrix(matrix),
        magnitude(magnitudeBits<T>(matrix.kind)), values(storage[0].data()),
        codes(storage[1].as<Code>()) {}

  /// False when a group has more than n nonzeros.
  bool run() {
    bool fits = true;
    RowStrips<T>(matrix, kLanes).forEach([&](const Strip<T> &strip) {
      forEachGroup(format, strip.first, matrix.cols, [&](const Group &group) {
        for (int64_t lane = 0; lane < kLanes; ++lane)
          fits &= packLane(strip, group, lane);
      });
    });
    return fits;
  }

private:
  bool packLane(const Strip<T> &strip, const Group &group, int64_t lane) {
    // A lane past the last row reads row 0 through a mask that hides it.
    bool exists = lane < strip.rows;
    T mask = exists ? magnitude : T(0);
    Reader<T> row = strip.row(exists ? lane : 0);
    uint32_t nonzeros = 0;
    int64_t missing = group.used;
    for (int64_t i = 0; i < group.cols; ++i) {
      uint32_t nonzero = (row[group.firstCol + i] & mask) != 0;
      nonzeros |= nonzero << i;
      missing -= nonzero;
    }
    uint32_t stored = withLowestFree(nonzeros, missing);
    for (int64_t slot = 0; slot < group.used; ++slot, stored &= stored - 1) {
      int64_t position = __builtin_ctz(stored);
      T value = row[group.firstCol + position];
      put(group.word + slot, lane, position, value & mask ? value : T(0));
    }
    for (int64_t slot = group.used; slot < format.n(); ++slot)
      put(group.word + slot, lane, group.cols - 1, 0);
    return missing >= 0;
  }

  void put(int64_t word, int64_t lane, int64_t position, T value) {
    values.set(word * kLanes + lane, value);
    codes[word] |= Code(position) << (lane * kCodeBits<Code>);
  }

  const NMFormat format;
  const MatrixView matrix;
  const T magnitude;
  const Writer<T> values;
  Code *const codes;
};
} // namespace

/// Words the first violation; only called when there is one.
static Error overfullGroup(const NMFormat &format, const MatrixView &matrix) {
  NMPattern pattern(format.n(), format.m());
  std::optional<Violation> violation = pattern.firstViolation(matrix);
  assert(violation && "expected a group with too many nonzeros");
  int64_t first = violation->col / format.m() * format.m();
  int64_t last = std::min(first + format.m(), matrix.cols) - 1;
  int64_t nonzeros = 0;
  for (int64_t col = first; col <= last; ++col)
    nonzeros += !isZero(matrix.at(violation->row, col), matrix.kind);
  return makeError("row ", violation->row, ", columns ", first, "..", last,
                   ": ", nonzeros, " nonzeros, expected at most ", format.n());
}

Result<Storage> NMFormat::encode(const MatrixView &matrix) const {
  Result<Storage> storage =
      allocate(buffers(matrix.kind, matrix.rows, matrix.cols));
  if (!storage)
    return storage;
  bool fits = withWidth(matrix.kind, [&](auto word) {
    return withCodeWord(codeKind(), [&](auto code) {
      return Packer<decltype(word), decltype(code)>(*this, matrix, *storage)
          .run();
    });
  });
  if (!fits)
    return overfullGroup(*this, matrix);
  return storage;
}

//===----------------------------------------------------------------------===//
// Decode
//===----------------------------------------------------------------------===//

template <typename T, typename Code>
static void unpack(const NMFormat &format, const StorageView &storage,
                   const MatrixWriter<T> &matrix) {
  Reader<T> values(storage[0].data);
  Reader<Code> codes(storage[1].data);
  matrix.fillZero();
  for (int64_t row = 0; row < matrix.rows; row += kLanes) {
    int64_t lanes = std::min(kLanes, matrix.rows - row);
    forEachGroup(format, row, matrix.cols, [&](const Group &group) {
      for (int64_t slot = 0; slot < group.used; ++slot)
        for (int64_t lane = 0; lane < lanes; ++lane) {
          int64_t word = group.word + slot;
          matrix.set(row + lane, group.firstCol + positionOf(codes[word], lane),
                     values[word * kLanes + lane]);
        }
    });
  }
}

void NMFormat::decode(const StorageView &storage,
                      const MutableMatrixView &matrix) const {
  withWidth(matrix.kind, [&](auto word) {
    withCodeWord(codeKind(), [&](auto code) {
      using T = decltype(word);
      unpack<T, decltype(code)>(*this, storage, MatrixWriter<T>(matrix));
    });
  });
}

//===----------------------------------------------------------------------===//
// Validate
//===----------------------------------------------------------------------===//

namespace {
/// Checks one group in one lane after another.
template <typename T, typename Code>
class Checker {
public:
  Checker(const NMFormat &format, const StorageView &storage, ElementKind kind)
      : format(format), magnitude(magnitudeBits<T>(kind)),
        values(storage[0].data), codes(storage[1].data) {}

  Status run(int64_t rows, int64_t cols) const {
    Status status;
    for (int64_t row = 0; row < rows && status; row += kLanes)
      forEachGroup(format, row, cols, [&](const Group &group) {
        for (int64_t lane = 0; lane < kLanes && status; ++lane)
          status = checkLane(group, lane, row + lane < rows);
      });
    return status;
  }

private:
  Status checkLane(const Group &group, int64_t lane, bool exists) const {
    uint32_t stored = 0, nonzeros = 0;
    int64_t free = group.used;
    for (int64_t slot = 0; slot < group.used; ++slot) {
      int64_t word = group.word + slot;
      uint32_t position = positionOf(codes[word], lane);
      if (position >= group.cols)
        return codeError(word, lane, "a position below ", group.cols);
      if (stored >> position != 0)
        return codeError(word, lane, "an ascending position, above ",
                         31 - __builtin_clz(stored));
      stored |= 1u << position;
      bool nonzero = (values[word * kLanes + lane] & magnitude) != 0;
      nonzeros |= uint32_t(nonzero) << position;
      free -= nonzero;
      if (!nonzero || !exists)
        if (Status status = checkZero(word, lane, exists); !status)
          return status;
    }
    if (stored != withLowestFree(nonzeros, free))
      return makeError("buffer 'codes', index ", group.word, ", lane ", lane,
                       ": expected zeros at the lowest free positions, found "
                       "others");
    return checkSurplus(group, lane);
  }

  Status checkSurplus(const Group &group, int64_t lane) const {
    for (int64_t slot = group.used; slot < format.n(); ++slot) {
      int64_t word = group.word + slot;
      if (positionOf(codes[word], lane) != group.cols - 1)
        return codeError(word, lane, "the position of a surplus slot, ",
                         group.cols - 1);
      if (Status status = checkZero(word, lane, true); !status)
        return status;
    }
    return {};
  }

  Status checkZero(int64_t word, int64_t lane, bool exists) const {
    int64_t index = word * kLanes + lane;
    if (values[index] == 0)
      return {};
    return makeError("buffer 'values', index ", index, ": expected +0 in ",
                     exists ? "a slot without a nonzero"
                            : "a lane past the last row",
                     ", found other bits");
  }

  Error codeError(int64_t word, int64_t lane, std::string_view expected,
                  int64_t bound) const {
    return makeError("buffer 'codes', index ", word, ", lane ", lane,
                     ": expected ", expected, bound, ", found ",
                     positionOf(codes[word], lane));
  }

  const NMFormat format;
  const T magnitude;
  const Reader<T> values;
  const Reader<Code> codes;
};
} // namespace

Status NMFormat::validate(const StorageView &storage, ElementKind kind,
                          int64_t rows, int64_t cols) const {
  Status status = checkBuffers(buffers(kind, rows, cols), storage);
  if (!status)
    return status;
  return withWidth(kind, [&](auto word) {
    return withCodeWord(codeKind(), [&](auto code) {
      return Checker<decltype(word), decltype(code)>(*this, storage, kind)
          .run(rows, cols);
    });
  });
}

int64_t NMFormat::countStored(const MatrixView &matrix) const {
  return estimateStored(matrix.rows, matrix.cols, 1.0);
}

int64_t NMFormat::estimateStored(int64_t rows, int64_t cols, double) const {
  int64_t whole = cols / groupCols;
  return rows * (whole * slots + std::min(slots, cols - whole * groupCols));
}

Result<int64_t> NMFormat::bytes(ElementKind kind, int64_t rows, int64_t cols,
                                int64_t stored) const {
  return totalBytes(buffers(kind, rows, cols));
}

} // namespace mlir::sparsity::format
