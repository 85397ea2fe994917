//===- DensePackedFormat.cpp - Dense rows interleaved in panels -----------===//
//
// Encode, decode and validation of the format "dense"; its header draws it.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Format/DensePackedFormat.h"

#include "Elements.h"
#include "StorageSupport.h"

namespace mlir::sparsity::format {

static Status checkParameters(int64_t panel) {
  if (panel <= 0 || panel % kLanes != 0)
    return makeError("expected a panel that is a positive multiple of ", kLanes,
                     ", got ", panel);
  return {};
}

DensePackedFormat::DensePackedFormat(int64_t panel) : panelRows(panel) {
  assert(checkParameters(panel) && "expected checked parameters");
}

Result<DensePackedFormat> DensePackedFormat::get(int64_t panel) {
  if (Status status = checkParameters(panel); !status)
    return status.error();
  return DensePackedFormat(panel);
}

namespace {
/// Where the elements of a group of kLanes rows are: lane l of column k at
/// start + k * width + l.
struct LaneGroup {
  int64_t start, width;
};
} // namespace

/// `row` is the first of the group, a multiple of kLanes.
static LaneGroup laneGroup(int64_t row, int64_t rows, int64_t cols,
                           int64_t panel) {
  int64_t panelStart = row / panel * panel;
  int64_t panelRows = std::min(panel, rows - panelStart);
  int64_t width = (panelRows + kLanes - 1) / kLanes * kLanes;
  return {panelStart * cols + (row - panelStart), width};
}

BufferSpecs DensePackedFormat::buffers(ElementKind kind, int64_t rows,
                                       int64_t cols) const {
  if (Status status = checkShape(kind, rows, cols); !status)
    return status.error();
  return checkedSpecs(
      {{"values", kind, checkedMul(cols, checkedRoundUp(rows, kLanes))}});
}

template <typename T>
static void pack(const MatrixView &matrix, int64_t panel, Buffer &values) {
  RowStrips<T>(matrix, kLanes).forEach([&](const Strip<T> &strip) {
    LaneGroup group = laneGroup(strip.first, matrix.rows, matrix.cols, panel);
    for (int64_t k = 0; k < matrix.cols; ++k) {
      Writer<T> lanes(values.as<T>() + group.start + k * group.width);
      for (int64_t lane = 0; lane < strip.rows; ++lane)
        lanes.set(lane, strip.row(lane)[k]);
    }
  });
}

Result<Storage> DensePackedFormat::encode(const MatrixView &matrix) const {
  Result<Storage> storage =
      allocate(buffers(matrix.kind, matrix.rows, matrix.cols));
  if (storage)
    withWidth(matrix.kind, [&](auto word) {
      pack<decltype(word)>(matrix, panelRows, storage->front());
    });
  return storage;
}

template <typename T>
static void unpack(Reader<T> values, int64_t panel,
                   const MatrixWriter<T> &matrix) {
  for (int64_t first = 0; first < matrix.rows; first += kLanes) {
    LaneGroup group = laneGroup(first, matrix.rows, matrix.cols, panel);
    int64_t lanes = std::min(kLanes, matrix.rows - first);
    for (int64_t k = 0; k < matrix.cols; ++k)
      for (int64_t lane = 0; lane < lanes; ++lane)
        matrix.set(first + lane, k,
                   values[group.start + k * group.width + lane]);
  }
}

void DensePackedFormat::decode(const StorageView &storage,
                               const MutableMatrixView &matrix) const {
  withWidth(matrix.kind, [&](auto word) {
    using T = decltype(word);
    unpack(Reader<T>(storage[0].data), panelRows, MatrixWriter<T>(matrix));
  });
}

/// Only the last group of lanes can reach past the last row.
template <typename T>
static Status checkPadding(Reader<T> values, int64_t panel, int64_t rows,
                           int64_t cols) {
  if (rows % kLanes == 0)
    return {};
  LaneGroup group = laneGroup(rows / kLanes * kLanes, rows, cols, panel);
  for (int64_t k = 0; k < cols; ++k)
    for (int64_t lane = rows % kLanes; lane < kLanes; ++lane) {
      int64_t index = group.start + k * group.width + lane;
      if (values[index] != 0)
        return makeError("buffer 'values', index ", index,
                         ": expected +0 past the last row, found other bits");
    }
  return {};
}

Status DensePackedFormat::validate(const StorageView &storage, ElementKind kind,
                                   int64_t rows, int64_t cols) const {
  Status status = checkBuffers(buffers(kind, rows, cols), storage);
  if (!status)
    return status;
  return withWidth(kind, [&](auto word) {
    return checkPadding(Reader<decltype(word)>(storage[0].data), panelRows,
                        rows, cols);
  });
}

int64_t DensePackedFormat::countStored(const MatrixView &matrix) const {
  return estimateStored(matrix.rows, matrix.cols, 1.0);
}

int64_t DensePackedFormat::estimateStored(int64_t rows, int64_t cols,
                                          double) const {
  return rows * cols;
}

Result<int64_t> DensePackedFormat::bytes(ElementKind kind, int64_t rows,
                                         int64_t cols, int64_t stored) const {
  return totalBytes(buffers(kind, rows, cols));
}

} // namespace mlir::sparsity::format
