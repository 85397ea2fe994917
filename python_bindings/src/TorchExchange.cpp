//===- TorchExchange.cpp - torch tensors through DLPack's C functions -----===//
//
// See TorchExchange.h.
//
//===----------------------------------------------------------------------===//

#include "TorchExchange.h"

using namespace mlir::sparsity::python;

static const ExchangeTable *findTable(PyTypeObject *type) {
  nb::object capsule =
      nb::getattr(nb::handle(reinterpret_cast<PyObject *>(type)),
                  "__dlpack_c_exchange_api__", nb::none());
  if (!PyCapsule_IsValid(capsule.ptr(), "dlpack_exchange_api"))
    return nullptr;
  auto *table = static_cast<const ExchangeTable *>(
      PyCapsule_GetPointer(capsule.ptr(), "dlpack_exchange_api"));
  while (table && table->major != 1)
    table = table->previous;
  return table && table->describe && table->toObject ? table : nullptr;
}

const ExchangeTable *
mlir::sparsity::python::exchangeTableOf(PyTypeObject *type) {
  // Guarded by the interpreter's lock. The type is kept, so that its address
  // stays its own.
  static nb::object *lastType = new nb::object();
  static const ExchangeTable *lastTable = nullptr;
  nb::handle handle(reinterpret_cast<PyObject *>(type));
  if (!handle.is(*lastType)) {
    lastTable = findTable(type);
    *lastType = nb::borrow(handle);
  }
  return lastTable;
}

const ExchangeTable *mlir::sparsity::python::torchExchangeTable() {
  static const ExchangeTable *table =
      findTable(reinterpret_cast<PyTypeObject *>(
          nb::module_::import_("torch").attr("Tensor").ptr()));
  return table;
}
