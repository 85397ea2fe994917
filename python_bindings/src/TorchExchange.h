//===- TorchExchange.h - torch tensors through DLPack's C functions -------===//
//
// torch exports a table of C functions (DLPack 1.2) that describe a tensor and
// make one without a Python call: half a microsecond in place of nine. The part
// of DLPack's header that is needed is declared here.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_PYTHON_TORCHEXCHANGE_H
#define SPARSE_OPT_PYTHON_TORCHEXCHANGE_H

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

namespace mlir::sparsity::python {

namespace nb = nanobind;

/// A tensor that owns its memory.
struct ManagedTensor {
  uint32_t major, minor;
  void *context;
  void (*deleter)(ManagedTensor *self);
  uint64_t flags;
  nb::dlpack::dltensor tensor;
};

/// DLPackExchangeAPI of major version 1.
struct ExchangeTable {
  uint32_t major, minor;
  ExchangeTable *previous;
  void *allocate;
  int (*fromObject)(void *object, ManagedTensor **out);
  int (*toObject)(ManagedTensor *tensor, void **object);
  /// Borrows: `out` is valid as long as the object is.
  int (*describe)(void *object, nb::dlpack::dltensor *out);
};

/// The table of a Python type, or null. Found once per type.
const ExchangeTable *exchangeTableOf(PyTypeObject *type);

/// The table of torch.Tensor; null for a torch without it.
const ExchangeTable *torchExchangeTable();

} // namespace mlir::sparsity::python

#endif // SPARSE_OPT_PYTHON_TORCHEXCHANGE_H
