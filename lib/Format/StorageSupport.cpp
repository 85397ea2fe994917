//===- StorageSupport.cpp - Checks that all storage formats share ---------===//
//
// Shapes, buffer lists and allocation; the only place that words their errors.
//
//===----------------------------------------------------------------------===//

#include "StorageSupport.h"

#include "Elements.h"

namespace mlir::sparsity::format {

Status checkExtents(int64_t rows, int64_t cols) {
  if (rows < 0 || cols < 0)
    return makeError("expected rows and columns >= 0, got ", rows, "x", cols);
  CheckedSize elements =
      checkedMul(std::max<int64_t>(rows, 1), std::max<int64_t>(cols, 1));
  if (!elements || *elements > kMaxElements)
    return makeError("expected at most ", kMaxElements, " elements, got ", rows,
                     "x", cols);
  return {};
}

Status checkShape(ElementKind kind, int64_t rows, int64_t cols) {
  if (!isWeightKind(kind))
    return makeError("expected a weight of f64, f32, f16, bf16, i8 or u8, got ",
                     elementName(kind));
  return checkExtents(rows, cols);
}

BufferSpecs checkedSpecs(std::vector<CheckedSpec> specs) {
  std::vector<BufferSpec> result;
  for (CheckedSpec &spec : specs) {
    bool open = spec.count == -1;
    if (!open && !checkedMul(spec.count, elementBytes(spec.kind)))
      return makeError("expected a size of buffer '", spec.name,
                       "' that fits 63 bits, got more");
    result.push_back({std::move(spec.name), spec.kind, *spec.count});
  }
  return result;
}

Result<int64_t> totalBytes(const BufferSpecs &specs) {
  if (!specs)
    return specs.error();
  CheckedSize total = 0;
  for (const BufferSpec &spec : *specs)
    total = checkedAdd(total, checkedMul(spec.count, elementBytes(spec.kind)));
  if (!total)
    return makeError("expected a size of all buffers that fits 63 bits, "
                     "got more");
  return *total;
}

Result<Storage> allocate(const BufferSpecs &specs) {
  if (!specs)
    return specs.error();
  Storage storage;
  for (const BufferSpec &spec : *specs) {
    storage.emplace_back(spec.kind, spec.count);
    if (!storage.back().data())
      return makeError("expected memory for buffer '", spec.name, "' (",
                       spec.count, " x ", elementName(spec.kind),
                       "), found too little");
  }
  return storage;
}

static Status checkBuffer(const BufferSpec &spec, const BufferView &buffer) {
  if (buffer.kind != spec.kind)
    return makeError("buffer '", spec.name, "': expected ",
                     elementName(spec.kind), ", found ",
                     elementName(buffer.kind));
  if (spec.count >= 0 && buffer.count != spec.count)
    return makeError("buffer '", spec.name, "': expected ", spec.count,
                     " elements, found ", buffer.count);
  if (!checkedMul(buffer.count, elementBytes(buffer.kind)))
    return makeError("buffer '", spec.name,
                     "': expected a count >= 0 that fits memory, found ",
                     buffer.count);
  if (!buffer.data && buffer.count > 0)
    return makeError("buffer '", spec.name, "': expected memory for ",
                     buffer.count, " elements, found none");
  return {};
}

Status checkBuffers(const BufferSpecs &specs, const StorageView &storage) {
  if (!specs)
    return specs.error();
  if (storage.size() != specs->size())
    return makeError("expected ", specs->size(), " buffers, found ",
                     storage.size());
  for (size_t i = 0; i < storage.size(); ++i)
    if (Status status = checkBuffer((*specs)[i], storage[i]); !status)
      return status;
  return {};
}

Status checkPositions(const BufferView &positions, int64_t entries) {
  Reader<uint32_t> read(positions.data);
  if (read[0] != 0)
    return makeError("buffer 'positions', index 0: expected 0, found ",
                     read[0]);
  for (int64_t i = 1; i < positions.count; ++i)
    if (read[i] < read[i - 1])
      return makeError("buffer 'positions', index ", i, ": expected at least ",
                       read[i - 1], ", found ", read[i]);
  if (int64_t last = read[positions.count - 1]; last != entries)
    return makeError("buffer 'positions', index ", positions.count - 1,
                     ": expected ", entries, ", found ", last);
  return {};
}

template <typename T>
static Status checkColumnsOf(const BufferView &positions, Reader<T> columns,
                             int64_t limit) {
  Reader<uint32_t> begin(positions.data);
  for (int64_t row = 0; row + 1 < positions.count; ++row) {
    int64_t previous = -1;
    for (int64_t i = begin[row]; i < begin[row + 1]; ++i) {
      int64_t column = columns[i];
      if (column >= limit)
        return makeError("buffer 'columns', index ", i,
                         ": expected a column below ", limit, ", found ",
                         column);
      if (column <= previous)
        return makeError("buffer 'columns', index ", i,
                         ": expected an ascending column, above ", previous,
                         ", found ", column);
      previous = column;
    }
  }
  return {};
}

Status checkColumns(const BufferView &positions, const BufferView &columns,
                    int64_t limit) {
  if (columns.kind == ElementKind::U16)
    return checkColumnsOf(positions, Reader<uint16_t>(columns.data), limit);
  return checkColumnsOf(positions, Reader<uint32_t>(columns.data), limit);
}

} // namespace mlir::sparsity::format
