//===- BSRFormat.cpp - Blocks that have a nonzero, by rows of blocks ------===//
//
// Encode, decode and validation of the format "bsr"; its header draws it.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Format/BSRFormat.h"

#include "BlockScan.h"
#include "StorageSupport.h"
#include "sparse-opt/Format/PatternCount.h"

namespace mlir::sparsity::format {

static Status checkParameters(int64_t blockRows, int64_t blockCols) {
  if (Result<BlockPattern> pattern = BlockPattern::get(blockRows, blockCols);
      !pattern)
    return pattern.error();
  CheckedSize elements = checkedMul(blockRows, blockCols);
  if (!elements || *elements > kMaxElements)
    return makeError("expected a block of at most ", kMaxElements,
                     " elements, got ", blockRows, "x", blockCols);
  return {};
}

BSRFormat::BSRFormat(int64_t blockRows, int64_t blockCols)
    : height(blockRows), width(blockCols) {
  assert(checkParameters(blockRows, blockCols) &&
         "expected checked parameters");
}

Result<BSRFormat> BSRFormat::get(int64_t blockRows, int64_t blockCols) {
  if (Status status = checkParameters(blockRows, blockCols); !status)
    return status.error();
  return BSRFormat(blockRows, blockCols);
}

/// The buffers when `blocks` are stored; -1 = not known.
static BufferSpecs specsFor(const BSRFormat &format, ElementKind kind,
                            int64_t rows, int64_t cols, int64_t blocks) {
  if (Status status = checkShape(kind, rows, cols); !status)
    return status.error();
  int64_t blockColumns = *checkedCeilDiv(cols, format.blockCols());
  if (blockColumns > kMaxEntries)
    return makeError("expected at most ", kMaxEntries,
                     " columns of blocks, got ", blockColumns);
  if (blocks > kMaxEntries)
    return makeError("expected at most ", kMaxEntries, " blocks, found ",
                     blocks);
  CheckedSize positions =
      checkedAdd(checkedCeilDiv(rows, format.blockRows()), 1);
  int64_t blockElements = format.blockRows() * format.blockCols();
  CheckedSize values = blocks < 0 ? -1 : checkedMul(blocks, blockElements);
  return checkedSpecs({{"positions", ElementKind::U32, positions},
                       {"columns", ElementKind::U32, blocks},
                       {"values", kind, values}});
}

BufferSpecs BSRFormat::buffers(ElementKind kind, int64_t rows,
                               int64_t cols) const {
  return specsFor(*this, kind, rows, cols, -1);
}

int64_t BSRFormat::countStored(const MatrixView &matrix) const {
  PartCount zero =
      countZeroBlocks(matrix, *BlockPattern::get(height, width, std::nullopt));
  return (zero.total - zero.count) * height * width;
}

Result<int64_t> BSRFormat::bytes(ElementKind kind, int64_t rows, int64_t cols,
                                 int64_t stored) const {
  if (stored < 0)
    return makeError("expected stored elements >= 0, got ", stored);
  int64_t blocks = *checkedCeilDiv(stored, height * width);
  return totalBytes(specsFor(*this, kind, rows, cols, blocks));
}

//===----------------------------------------------------------------------===//
// Encode
//===----------------------------------------------------------------------===//

namespace {
template <typename T>
class Packer {
public:
  Packer(const BSRFormat &format, const MatrixView &matrix)
      : height(format.blockRows()), width(format.blockCols()), matrix(matrix),
        magnitude(magnitudeBits<T>(matrix.kind)),
        flags((matrix.cols + width - 1) / width), strips(matrix, height) {}

  void pack(Storage &storage) {
    uint32_t *positions = storage[0].as<uint32_t>();
    uint32_t *columns = storage[1].as<uint32_t>();
    Writer<T> values(storage[2].data());
    int64_t next = 0;
    strips.forEach([&](const Strip<T> &strip) {
      markNonzeroBlocks(strip, matrix.cols, width, magnitude, flags);
      for (int64_t block = 0; block < int64_t(flags.size()); ++block) {
        if (!flags[block])
          continue;
        copyBlock(strip, block * width, next * height * width, values);
        columns[next++] = static_cast<uint32_t>(block);
      }
      positions[strip.first / height + 1] = static_cast<uint32_t>(next);
    });
  }

private:
  /// The block's padding stays as it was allocated: zero.
  void copyBlock(const Strip<T> &strip, int64_t firstCol, int64_t start,
                 const Writer<T> &values) const {
    int64_t cols = std::min(width, matrix.cols - firstCol);
    for (int64_t row = 0; row < strip.rows; ++row) {
      Reader<T> source = strip.row(row);
      for (int64_t col = 0; col < cols; ++col)
        values.set(start + col * height + row, source[firstCol + col]);
    }
  }

  const int64_t height, width;
  const MatrixView matrix;
  const T magnitude;
  std::vector<uint8_t> flags;
  RowStrips<T> strips;
};
} // namespace

Result<Storage> BSRFormat::encode(const MatrixView &matrix) const {
  if (Status status = checkShape(matrix.kind, matrix.rows, matrix.cols);
      !status)
    return status.error();
  PartCount zeroBlocks = countZeroBlocks(matrix, BlockPattern(height, width));
  Result<Storage> storage =
      allocate(specsFor(*this, matrix.kind, matrix.rows, matrix.cols,
                        zeroBlocks.total - zeroBlocks.count));
  if (storage)
    withWidth(matrix.kind, [&](auto word) {
      Packer<decltype(word)>(*this, matrix).pack(*storage);
    });
  return storage;
}

//===----------------------------------------------------------------------===//
// Decode and validate
//===----------------------------------------------------------------------===//

namespace {
/// Calls a function with each stored block: its index, its first row and
/// column, and the parts of it that are inside the matrix.
struct BlockWalk {
  const BSRFormat &format;
  int64_t rows, cols;
  Reader<uint32_t> positions, columns;

  BlockWalk(const BSRFormat &format, const StorageView &storage, int64_t rows,
            int64_t cols)
      : format(format), rows(rows), cols(cols), positions(storage[0].data),
        columns(storage[1].data) {}

  template <typename Fn>
  void forEach(Fn &&fn) const {
    for (int64_t row = 0, i = 0; row < rows; row += format.blockRows(), ++i)
      for (int64_t block = positions[i]; block < positions[i + 1]; ++block) {
        int64_t col = columns[block] * format.blockCols();
        fn(block, row, col, std::min(format.blockRows(), rows - row),
           std::min(format.blockCols(), cols - col));
      }
  }
};
} // namespace

template <typename T>
static void unpack(const BSRFormat &format, const StorageView &storage,
                   const MatrixWriter<T> &matrix) {
  Reader<T> values(storage[2].data);
  matrix.fillZero();
  BlockWalk(format, storage, matrix.rows, matrix.cols)
      .forEach([&](int64_t block, int64_t firstRow, int64_t firstCol,
                   int64_t rows, int64_t cols) {
        int64_t start = block * format.blockRows() * format.blockCols();
        for (int64_t col = 0; col < cols; ++col)
          for (int64_t row = 0; row < rows; ++row)
            matrix.set(firstRow + row, firstCol + col,
                       values[start + col * format.blockRows() + row]);
      });
}

void BSRFormat::decode(const StorageView &storage,
                       const MutableMatrixView &matrix) const {
  withWidth(matrix.kind, [&](auto word) {
    using T = decltype(word);
    unpack<T>(*this, storage, MatrixWriter<T>(matrix));
  });
}

/// Only blocks at the right and bottom edges have any.
template <typename T>
static Status checkPadding(const BSRFormat &format, const StorageView &storage,
                           int64_t rows, int64_t cols) {
  Reader<T> values(storage[2].data);
  int64_t height = format.blockRows(), width = format.blockCols();
  Status status;
  auto check = [&](int64_t index) {
    if (status && values[index] != 0)
      status = makeError("buffer 'values', index ", index,
                         ": expected +0 past the edge, found other bits");
  };
  BlockWalk(format, storage, rows, cols)
      .forEach(
          [&](int64_t block, int64_t, int64_t, int64_t inRows, int64_t inCols) {
            int64_t start = block * height * width;
            for (int64_t col = 0; col < inCols; ++col)
              for (int64_t row = inRows; row < height; ++row)
                check(start + col * height + row);
            for (int64_t i = inCols * height; i < width * height; ++i)
              check(start + i);
          });
  return status;
}

Status BSRFormat::validate(const StorageView &storage, ElementKind kind,
                           int64_t rows, int64_t cols) const {
  Status status = checkBuffers(buffers(kind, rows, cols), storage);
  if (!status)
    return status;
  int64_t blocks = storage[1].count;
  if (status = checkBuffers(specsFor(*this, kind, rows, cols, blocks), storage);
      !status)
    return status;
  if (status = checkPositions(storage[0], blocks); !status)
    return status;
  if (status =
          checkColumns(storage[0], storage[1], *checkedCeilDiv(cols, width));
      !status)
    return status;
  return withWidth(kind, [&](auto word) {
    return checkPadding<decltype(word)>(*this, storage, rows, cols);
  });
}

} // namespace mlir::sparsity::format
