//===- RowStreamFormat.cpp - The nonzeros of each row in a stream ---------===//
//
// Encode, decode and validation of the format "stream"; its header draws it.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Format/RowStreamFormat.h"

#include "Elements.h"
#include "StorageSupport.h"
#include "sparse-opt/Format/PatternCount.h"

namespace mlir::sparsity::format {

ElementKind RowStreamFormat::columnKind(int64_t cols) {
  return cols <= 65536 ? ElementKind::U16 : ElementKind::U32;
}

/// Calls `fn` with a zero of the type of a column index.
template <typename Fn>
static auto withColumn(int64_t cols, Fn &&fn) {
  return RowStreamFormat::columnKind(cols) == ElementKind::U16 ? fn(uint16_t())
                                                               : fn(uint32_t());
}

/// The buffers when `entries` are stored; -1 = not known.
static BufferSpecs specsFor(ElementKind kind, int64_t rows, int64_t cols,
                            int64_t entries) {
  if (Status status = checkShape(kind, rows, cols); !status)
    return status.error();
  if (cols > kMaxEntries)
    return makeError("expected at most ", kMaxEntries, " columns, got ", cols);
  if (entries > kMaxEntries)
    return makeError("expected at most ", kMaxEntries, " nonzeros, found ",
                     entries);
  return checkedSpecs({{"positions", ElementKind::U32, checkedAdd(rows, 1)},
                       {"columns", RowStreamFormat::columnKind(cols), entries},
                       {"values", kind, entries}});
}

BufferSpecs RowStreamFormat::buffers(ElementKind kind, int64_t rows,
                                     int64_t cols) const {
  return specsFor(kind, rows, cols, -1);
}

int64_t RowStreamFormat::countStored(const MatrixView &matrix) const {
  ZeroCount count = countZeros(matrix);
  return count.elements - count.zeros;
}

Result<int64_t> RowStreamFormat::bytes(ElementKind kind, int64_t rows,
                                       int64_t cols, int64_t stored) const {
  if (stored < 0)
    return makeError("expected stored elements >= 0, got ", stored);
  return totalBytes(specsFor(kind, rows, cols, stored));
}

//===----------------------------------------------------------------------===//
// Encode
//===----------------------------------------------------------------------===//

/// Every element is written and the next one overwrites it unless it was a
/// nonzero: no branch to mispredict. The walk ends at the last nonzero, so
/// nothing is written past the end.
template <typename T, typename Column>
static void pack(const MatrixView &matrix, int64_t entries, Storage &storage) {
  T magnitude = magnitudeBits<T>(matrix.kind);
  uint32_t *positions = storage[0].as<uint32_t>();
  Column *columns = storage[1].as<Column>();
  Writer<T> values(storage[2].data());
  int64_t next = 0;
  RowStrips<T>(matrix, kLanes).forEach([&](const Strip<T> &strip) {
    for (int64_t i = 0; i < strip.rows; ++i) {
      Reader<T> row = strip.row(i);
      for (int64_t col = 0; col < matrix.cols && next < entries; ++col) {
        T value = row[col];
        values.set(next, value);
        columns[next] = static_cast<Column>(col);
        next += (value & magnitude) != 0;
      }
      positions[strip.first + i + 1] = static_cast<uint32_t>(next);
    }
  });
}

Result<Storage> RowStreamFormat::encode(const MatrixView &matrix) const {
  if (Status status = checkShape(matrix.kind, matrix.rows, matrix.cols);
      !status)
    return status.error();
  ZeroCount found = countZeros(matrix);
  int64_t entries = found.elements - found.zeros;
  Result<Storage> storage =
      allocate(specsFor(matrix.kind, matrix.rows, matrix.cols, entries));
  if (storage)
    withWidth(matrix.kind, [&](auto word) {
      withColumn(matrix.cols, [&](auto column) {
        pack<decltype(word), decltype(column)>(matrix, entries, *storage);
      });
    });
  return storage;
}

//===----------------------------------------------------------------------===//
// Decode and validate
//===----------------------------------------------------------------------===//

template <typename T, typename Column>
static void unpack(const StorageView &storage, const MatrixWriter<T> &matrix) {
  Reader<uint32_t> positions(storage[0].data);
  Reader<Column> columns(storage[1].data);
  Reader<T> values(storage[2].data);
  matrix.fillZero();
  for (int64_t row = 0; row < matrix.rows; ++row)
    for (int64_t i = positions[row]; i < positions[row + 1]; ++i)
      matrix.set(row, columns[i], values[i]);
}

void RowStreamFormat::decode(const StorageView &storage,
                             const MutableMatrixView &matrix) const {
  withWidth(matrix.kind, [&](auto word) {
    withColumn(matrix.cols, [&](auto column) {
      using T = decltype(word);
      unpack<T, decltype(column)>(storage, MatrixWriter<T>(matrix));
    });
  });
}

Status RowStreamFormat::validate(const StorageView &storage, ElementKind kind,
                                 int64_t rows, int64_t cols) const {
  Status status = checkBuffers(buffers(kind, rows, cols), storage);
  if (!status)
    return status;
  int64_t entries = storage[1].count;
  if (status = checkBuffers(specsFor(kind, rows, cols, entries), storage);
      !status)
    return status;
  if (status = checkPositions(storage[0], entries); !status)
    return status;
  return checkColumns(storage[0], storage[1], cols);
}

} // namespace mlir::sparsity::format
