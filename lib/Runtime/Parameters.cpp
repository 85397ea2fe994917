//===- Parameters.cpp - The weights of a loaded program -------------------===//
//
// Layouts from metadata, descriptors from buffers, and packing of new values.
// Files are read in WeightsFile.cpp.
//
//===----------------------------------------------------------------------===//

#include "Parameters.h"

#include "Allocation.h"
#include "FormatText.h"
#include "Inputs.h"

#include "sparse-opt/Checkpoint/Names.h"
#include "sparse-opt/Checkpoint/Shape.h"

#include <cstring>

using namespace mlir::sparsity;
using namespace mlir::sparsity::runtime;
using checkpoint::quoteName;
using format::BufferSpec;
using format::elementBytes;
using format::MatrixView;
using format::Storage;

/// A weight as a matrix: the first dimension by all others.
static MatrixView viewOf(const ParameterSpec &spec, const void *data) {
  int64_t rows = spec.shape.empty() ? 1 : spec.shape.front();
  int64_t cols = 1;
  for (size_t i = 1; i < spec.shape.size(); ++i)
    cols *= spec.shape[i];
  MatrixView view{data, spec.kind, rows, cols, cols, 1};
  return spec.isTransposed ? view.transposed() : view;
}

static Error parameterError(const ParameterSpec &spec,
                            const std::string &message) {
  return makeError("parameter ", quoteName(spec.name), ": ", message);
}

Result<ParameterLayout> ParameterLayout::get(const ParameterSpec &spec) {
  ParameterLayout layout;
  Result<uint64_t> bytes = checkpoint::shapeBytes(spec.kind, spec.shape);
  if (!bytes)
    return parameterError(spec, bytes.message());
  if (spec.format.empty()) {
    int64_t count = *bytes / elementBytes(spec.kind);
    layout.buffers = {{"elements", spec.kind, count}};
    return layout;
  }
  Result<std::unique_ptr<format::StorageFormat>> parsed =
      parseFormat(spec.format);
  if (!parsed)
    return parameterError(spec, parsed.message());
  MatrixView view = viewOf(spec, nullptr);
  Result<std::vector<BufferSpec>> buffers =
      (*parsed)->buffers(spec.kind, view.rows, view.cols);
  if (!buffers)
    return parameterError(spec, buffers.message());
  if (buffers->size() != spec.buffers.size())
    return parameterError(spec,
                          makeError("expected ", buffers->size(),
                                    " buffers, found ", spec.buffers.size())
                              .message);
  layout.format = std::move(*parsed);
  layout.rows = view.rows;
  layout.cols = view.cols;
  layout.buffers = std::move(*buffers);
  return layout;
}

/// {allocated, aligned, offset, sizes.., strides..} of one buffer. Packed
/// buffers are flat and as long as they are; a plain tensor has its shape.
static std::vector<int64_t> describe(const format::BufferView &buffer,
                                     std::vector<int64_t> shape) {
  if (shape.size() == 1)
    shape[0] = buffer.count;
  int64_t address = reinterpret_cast<int64_t>(buffer.data);
  std::vector<int64_t> words = {address, address, 0};
  words.insert(words.end(), shape.begin(), shape.end());
  std::vector<int64_t> strides(shape.size());
  int64_t step = 1;
  for (size_t i = shape.size(); i-- > 0; step *= shape[i])
    strides[i] = step;
  words.insert(words.end(), strides.begin(), strides.end());
  return words;
}

ParameterSet::ParameterSet(const ProgramSpec &spec,
                           std::vector<StoredParameter> stored)
    : parameters(std::move(stored)) {
  for (size_t i = 0; i < parameters.size(); ++i) {
    descriptors.emplace_back();
    for (size_t b = 0; b < parameters[i].buffers.size(); ++b)
      descriptors[i].push_back(describe(parameters[i].buffers[b],
                                        spec.parameters[i].buffers[b].shape));
  }
  for (const FunctionSpec &function : spec.functions) {
    std::vector<void *> &arguments = functions.emplace_back();
    for (auto [parameter, buffer] : function.parameters)
      arguments.push_back(descriptors[parameter][buffer].data());
  }
}

int64_t ParameterSet::bytes(size_t parameter) const {
  int64_t total = 0;
  for (const format::BufferView &buffer : parameters[parameter].buffers)
    total += buffer.count * elementBytes(buffer.kind);
  return total;
}

/// Elements of a buffer of `bytes`, or an error.
static Result<int64_t> countOf(const ParameterSpec &spec,
                               const BufferSpec &buffer,
                               const SparseOptBuffer &memory) {
  int64_t size = elementBytes(buffer.kind);
  bool fits = memory.bytes >= 0 && memory.bytes % size == 0;
  if (fits && buffer.count != -1)
    fits = memory.bytes / size == buffer.count;
  if (!fits)
    return parameterError(
        spec, makeError("expected ", buffer.count == -1 ? 0 : buffer.count,
                        buffer.count == -1 ? " or more" : "", " elements in '",
                        buffer.name, "', found ", memory.bytes, " bytes")
                  .message);
  if (!memory.data && memory.bytes)
    return parameterError(spec, "expected memory for '" + buffer.name +
                                    "', found null");
  return memory.bytes / size;
}

Result<std::vector<StoredParameter>> mlir::sparsity::runtime::borrowParameters(
    const ProgramSpec &spec, const ParameterLayouts &layouts,
    const SparseOptBuffer *buffers, int64_t count) {
  std::vector<StoredParameter> stored(layouts.size());
  int64_t next = 0;
  for (size_t i = 0; i < layouts.size(); ++i) {
    auto copies = std::make_shared<Storage>();
    for (const BufferSpec &buffer : layouts[i].buffers) {
      if (next == count)
        return makeError("expected more than ", count, " parameter buffers");
      const SparseOptBuffer &memory = buffers[next++];
      Result<int64_t> elements = countOf(spec.parameters[i], buffer, memory);
      if (!elements)
        return elements.error();
      uint64_t alignment =
          layouts[i].format ? kAlignment : uint64_t(elementBytes(buffer.kind));
      const void *data = memory.data;
      if (!data || reinterpret_cast<uint64_t>(data) % alignment != 0) {
        format::Buffer &copy = copies->emplace_back(buffer.kind, *elements);
        if (!copy.data())
          return makeError("out of memory for ", memory.bytes, " bytes");
        if (data)
          std::memcpy(copy.data(), data, memory.bytes);
        data = copy.data();
      }
      stored[i].buffers.push_back({data, buffer.kind, *elements});
    }
    if (!copies->empty())
      stored[i].owner = std::move(copies);
  }
  if (next != count)
    return makeError("expected ", next, " parameter buffers, found ", count);
  return stored;
}

/// A plain tensor: its elements, or those of its transpose.
static Result<Storage> copyElements(const MatrixView &view) {
  Storage storage;
  storage.emplace_back(view.kind, view.rows * view.cols);
  std::byte *out = static_cast<std::byte *>(storage[0].data());
  if (!out)
    return makeError("out of memory for ", storage[0].bytes(), " bytes");
  int64_t size = elementBytes(view.kind);
  if (view.colStride == 1) {
    std::memcpy(out, view.data, storage[0].bytes());
    return storage;
  }
  for (int64_t row = 0; row < view.rows; ++row)
    for (int64_t col = 0; col < view.cols; ++col, out += size)
      std::memcpy(out, view.at(row, col), size);
  return storage;
}

Result<StoredParameter>
mlir::sparsity::runtime::packParameter(const ParameterSpec &spec,
                                       const ParameterLayout &layout,
                                       const SparseOptTensor &value) {
  const void *data = value.data;
  format::Buffer rowMajor(spec.kind,
                          isRowMajor(value) ? 0 : elementCount(value));
  if (!isRowMajor(value)) {
    if (!rowMajor.data())
      return makeError("out of memory for ", rowMajor.bytes(), " bytes");
    copyRowMajor(value, rowMajor.data());
    data = rowMajor.data();
  }
  MatrixView view = viewOf(spec, data);
  Result<Storage> storage =
      layout.format ? layout.format->encode(view) : copyElements(view);
  if (!storage)
    return parameterError(
        spec, storage.message() +
                  (spec.isTransposed ? " (stored as its transpose)" : ""));
  auto owner = std::make_shared<Storage>(std::move(*storage));
  StoredParameter stored;
  stored.buffers.assign(owner->begin(), owner->end());
  stored.owner = std::move(owner);
  return stored;
}
