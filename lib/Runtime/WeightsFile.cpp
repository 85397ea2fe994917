//===- WeightsFile.cpp - The weights of a program on disk -----------------===//
//
// The layout of the file is Checkpoint's PackedFile. Here it is compared with
// what the program expects, and packed buffers with what their format allows,
// so that generated code never leaves them.
//
//===----------------------------------------------------------------------===//

#include "WeightsFile.h"

#include "sparse-opt/Checkpoint/Names.h"
#include "sparse-opt/Checkpoint/PackedFile.h"

using namespace mlir::sparsity;
using namespace mlir::sparsity::runtime;
using checkpoint::PackedBuffer;
using checkpoint::PackedFile;
using checkpoint::PackedParameter;
using checkpoint::quoteName;
using format::Status;

static Status checkParameter(const ParameterSpec &spec,
                             const ParameterLayout &layout,
                             const PackedParameter &found) {
  if (found.kind != spec.kind || found.shape != spec.shape)
    return makeError("expected ", format::elementName(spec.kind), " ",
                     shapeText(spec.shape), ", found ",
                     format::elementName(found.kind), " ",
                     shapeText(found.shape));
  if (found.format != spec.format)
    return makeError("expected format '", spec.format, "', found ",
                     quoteName(found.format));
  if (found.buffers.size() != layout.buffers.size())
    return makeError("expected ", layout.buffers.size(), " buffers, found ",
                     found.buffers.size());
  format::StorageView views;
  for (size_t i = 0; i < found.buffers.size(); ++i) {
    const format::BufferSpec &expected = layout.buffers[i];
    const format::BufferView &view = found.buffers[i].view;
    if (view.kind != expected.kind ||
        (expected.count != -1 && view.count != expected.count))
      return makeError("expected ", expected.count, " of ",
                       format::elementName(expected.kind), " in buffer '",
                       expected.name, "', found ", view.count, " of ",
                       format::elementName(view.kind));
    views.push_back(view);
  }
  if (!layout.format)
    return {};
  return layout.format->validate(views, spec.kind, layout.rows, layout.cols);
}

Result<std::vector<StoredParameter>>
mlir::sparsity::runtime::readWeights(const ProgramSpec &spec,
                                     const ParameterLayouts &layouts,
                                     const std::string &path) {
  Result<PackedFile> opened = PackedFile::open(path);
  if (!opened)
    return opened.error();
  auto file = std::make_shared<PackedFile>(std::move(*opened));
  auto error = [&path](const auto &...parts) {
    return makeError(quoteName(path), ": ", parts...);
  };
  if (file->program() != spec.program)
    return error("expected weights of program ", spec.program,
                 ", found those of ", quoteName(file->program()));
  if (file->parameters().size() != spec.parameters.size())
    return error("expected ", spec.parameters.size(), " parameters, found ",
                 file->parameters().size());
  std::vector<StoredParameter> stored;
  for (size_t i = 0; i < layouts.size(); ++i) {
    const ParameterSpec &expected = spec.parameters[i];
    const PackedParameter &found = file->parameters()[i];
    if (found.name != expected.entry)
      return error("expected parameter ", quoteName(expected.entry), ", found ",
                   quoteName(found.name));
    if (Status status = checkParameter(expected, layouts[i], found); !status)
      return error("parameter ", quoteName(found.name), ": ", status.message());
    StoredParameter &parameter = stored.emplace_back();
    parameter.owner = file;
    for (const PackedBuffer &buffer : found.buffers)
      parameter.buffers.push_back(buffer.view);
  }
  return stored;
}

Status mlir::sparsity::runtime::writeWeights(const ProgramSpec &spec,
                                             const ParameterLayouts &layouts,
                                             const ParameterSet &parameters,
                                             const std::string &path) {
  Result<checkpoint::PackedFileWriter> writer =
      checkpoint::PackedFileWriter::open(path, spec.program);
  if (!writer)
    return writer.error();
  for (size_t i = 0; i < layouts.size(); ++i) {
    const ParameterSpec &from = spec.parameters[i];
    PackedParameter parameter;
    parameter.name = from.entry;
    parameter.kind = from.kind;
    parameter.shape = from.shape;
    parameter.format = from.format;
    const format::StorageView &views = parameters.stored()[i].buffers;
    for (size_t b = 0; b < views.size(); ++b)
      parameter.buffers.push_back({layouts[i].buffers[b].name, views[b]});
    if (Status status = writer->append(parameter); !status)
      return status;
  }
  return writer->commit();
}
