//===- Parameters.h - The weights of a loaded program ---------------------===//
//
// The storage buffers of all parameters at one moment, and the memref
// descriptors that generated code reads them through. Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_RUNTIME_PARAMETERS_H
#define SPARSE_OPT_LIB_RUNTIME_PARAMETERS_H

#include "LastError.h"
#include "Metadata.h"

#include "sparse-opt/Format/StorageFormat.h"

#include <memory>

namespace mlir::sparsity::runtime {

/// How one parameter is packed; `format` is null for a plain tensor.
struct ParameterLayout {
  std::unique_ptr<format::StorageFormat> format;
  /// The packed matrix: outputs by inputs of the sum.
  int64_t rows = 0, cols = 0;
  /// Names, kinds and counts (-1 = depends on the values) of the buffers.
  std::vector<format::BufferSpec> buffers;

  static Result<ParameterLayout> get(const ParameterSpec &spec);
};

using ParameterLayouts = std::vector<ParameterLayout>;

/// The buffers of one parameter, and who keeps them alive (null = the caller).
struct StoredParameter {
  format::StorageView buffers;
  std::shared_ptr<const void> owner;
};

/// Never changes once it is made; a call uses one set from begin to end.
class ParameterSet {
public:
  ParameterSet(const ProgramSpec &spec, std::vector<StoredParameter> stored);
  ParameterSet(const ParameterSet &) = delete;

  const std::vector<StoredParameter> &stored() const { return parameters; }
  int64_t bytes(size_t parameter) const;
  /// The arguments of `function` after its inputs.
  const std::vector<void *> &arguments(size_t function) const {
    return functions[function];
  }

private:
  std::vector<StoredParameter> parameters;
  /// Descriptors, [parameter][buffer].
  std::vector<std::vector<std::vector<int64_t>>> descriptors;
  std::vector<std::vector<void *>> functions;
};

/// Buffers in the order of the metadata, in memory of the caller. Those that
/// are not aligned as generated code expects are copied.
Result<std::vector<StoredParameter>>
borrowParameters(const ProgramSpec &spec, const ParameterLayouts &layouts,
                 const SparseOptBuffer *buffers, int64_t count);

/// Packs a dense tensor that checkAgainst has accepted.
Result<StoredParameter> packParameter(const ParameterSpec &spec,
                                      const ParameterLayout &layout,
                                      const SparseOptTensor &value);

} // namespace mlir::sparsity::runtime

#endif // SPARSE_OPT_LIB_RUNTIME_PARAMETERS_H
