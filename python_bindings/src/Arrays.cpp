//===- Arrays.cpp - numpy and torch arrays as tensors ---------------------===//
//
// See Arrays.h. The runtime checks shapes and element types; here is only what
// an array can be that a tensor cannot.
//
//===----------------------------------------------------------------------===//

#include "Arrays.h"

#include "TorchExchange.h"

#include <algorithm>

using namespace mlir::sparsity;
using namespace mlir::sparsity::python;

namespace {
struct TypeRow {
  const char *name;
  nb::dlpack::dtype_code code;
  uint8_t bits;
};
using Code = nb::dlpack::dtype_code;
} // namespace

/// In the order of SparseOptType.
static constexpr TypeRow kTypes[] = {
    {"f64", Code::Float, 64}, {"f32", Code::Float, 32},
    {"f16", Code::Float, 16}, {"bf16", Code::Bfloat, 16},
    {"i64", Code::Int, 64},   {"i32", Code::Int, 32},
    {"i16", Code::Int, 16},   {"i8", Code::Int, 8},
    {"u64", Code::UInt, 64},  {"u32", Code::UInt, 32},
    {"u16", Code::UInt, 16},  {"u8", Code::UInt, 8},
    {"bool", Code::Bool, 8}};

const char *mlir::sparsity::python::typeName(int32_t type) {
  return kTypes[type].name;
}

void mlir::sparsity::python::raiseLastError(SparseOptStatus status) {
  PyObject *const kExceptions[] = {
      PyExc_RuntimeError, PyExc_OSError,      PyExc_ValueError, PyExc_TypeError,
      PyExc_ValueError,   PyExc_RuntimeError, PyExc_MemoryError};
  PyErr_SetString(kExceptions[status], sparse_opt_last_error());
  throw nb::python_error();
}

[[noreturn]] static void raiseNoArray(nb::handle object,
                                      const std::string &what) {
  PyErr_Clear();
  auto text = [&](const char *attribute) {
    nb::object value = object.attr(attribute);
    return std::string(nb::str(value).c_str());
  };
  std::string type =
      nb::cast<std::string>(nb::handle(object.type()).attr("__name__"));
  if (nb::hasattr(object, "layout") && nb::hasattr(object, "device"))
    type = "one on " + text("device") + " with layout " + text("layout") +
           " (dense ones on the CPU share their memory)";
  else if (nb::hasattr(object, "dtype"))
    type += " of " + text("dtype");
  PyErr_Format(PyExc_TypeError,
               "expected a numpy array or torch tensor for %s, got %s",
               what.c_str(), type.c_str());
  throw nb::python_error();
}

static bool isBFloat(nb::handle object) {
  return nb::hasattr(object, "dtype") &&
         nb::hasattr(object.attr("dtype"), "name") &&
         nb::cast<std::string>(nb::str(object.attr("dtype").attr("name"))) ==
             "bfloat16";
}

/// What needs a word before it is an array: tensors with gradients, and numpy's
/// bfloat16, which no protocol carries. Returns true for the latter.
static bool importSlowly(nb::handle object, const std::string &what,
                         nb::ndarray<nb::ro> &array) {
  PyErr_Clear();
  bool asBFloat = isBFloat(object);
  nb::object other;
  if (asBFloat)
    other = object.attr("view")("uint16");
  else if (nb::hasattr(object, "detach"))
    other = object.attr("detach")();
  if (!other.is_valid() || !nb::try_cast(other, array))
    raiseNoArray(object, what);
  return asBFloat;
}

static int32_t typeOf(nb::dlpack::dtype dtype) {
  for (int32_t i = 0; i <= SPARSE_OPT_BOOL; ++i)
    if (uint8_t(kTypes[i].code) == dtype.code && kTypes[i].bits == dtype.bits &&
        dtype.lanes == 1)
      return i;
  return -1;
}

/// What DLPack says of an array, as a tensor.
static SparseOptTensor describe(const nb::dlpack::dltensor &array,
                                bool asBFloat, const std::string &what) {
  SparseOptTensor tensor = {};
  if (array.device.device_type != nb::device::cpu::value) {
    PyErr_Format(PyExc_ValueError, "expected %s on the CPU, got device type %d",
                 what.c_str(), array.device.device_type);
    throw nb::python_error();
  }
  tensor.type = asBFloat ? int32_t(SPARSE_OPT_BF16) : typeOf(array.dtype);
  if (tensor.type < 0) {
    PyErr_Format(PyExc_TypeError,
                 "expected integers, booleans or floating-point numbers for %s",
                 what.c_str());
    throw nb::python_error();
  }
  if (array.ndim > SPARSE_OPT_MAX_RANK) {
    PyErr_Format(PyExc_ValueError,
                 "expected at most %d dimensions for %s, got %d",
                 SPARSE_OPT_MAX_RANK, what.c_str(), array.ndim);
    throw nb::python_error();
  }
  tensor.data = static_cast<std::byte *>(array.data) + array.byte_offset;
  tensor.rank = array.ndim;
  int64_t step = 1;
  for (int32_t i = tensor.rank; i-- > 0; step *= array.shape[i]) {
    tensor.shape[i] = array.shape[i];
    tensor.strides[i] = array.strides ? array.strides[i] : step;
  }
  return tensor;
}

/// The same for what nanobind has imported.
static nb::dlpack::dltensor tableOf(const nb::ndarray<nb::ro> &array) {
  nb::dlpack::dltensor table = {};
  table.data = const_cast<void *>(array.data());
  table.device = {array.device_type(), array.device_id()};
  table.ndim = static_cast<int32_t>(array.ndim());
  table.dtype = array.dtype();
  table.shape = const_cast<int64_t *>(array.shape_ptr());
  table.strides = const_cast<int64_t *>(array.stride_ptr());
  return table;
}

std::string mlir::sparsity::python::nameOf(nb::handle key) {
  if (!nb::isinstance<nb::str>(key)) {
    PyErr_Format(PyExc_TypeError,
                 "expected the names of weights to be str, got %R", key.ptr());
    throw nb::python_error();
  }
  return nb::cast<std::string>(key);
}

BorrowedArray mlir::sparsity::python::borrowArray(nb::handle object,
                                                  const std::string &what) {
  BorrowedArray borrowed;
  if (const ExchangeTable *exchange = exchangeTableOf(Py_TYPE(object.ptr()))) {
    nb::dlpack::dltensor table;
    borrowed.object = nb::borrow(object);
    // Torch negates views when they are read; described is the memory below.
    if (nb::cast<bool>(object.attr("is_neg")()))
      borrowed.object = object.attr("resolve_neg")();
    if (exchange->describe(borrowed.object.ptr(), &table) == 0) {
      borrowed.tensor = describe(table, /*asBFloat=*/false, what);
      return borrowed;
    }
    PyErr_Clear();
  }
  bool asBFloat = false;
  if (!nb::try_cast(object, borrowed.array))
    asBFloat = importSlowly(object, what, borrowed.array);
  borrowed.tensor = describe(tableOf(borrowed.array), asBFloat, what);
  return borrowed;
}

void mlir::sparsity::python::checkWritable(nb::handle object,
                                           const std::string &what) {
  const char *found = nullptr;
  auto is = [](nb::handle value) { return nb::cast<bool>(nb::bool_(value)); };
  if (exchangeTableOf(Py_TYPE(object.ptr()))) {
    if (is(object.attr("requires_grad")))
      found = "one with gradients";
    else if (is(object.attr("is_neg")()))
      found = "a negated view";
  } else if (nb::hasattr(object, "flags") &&
             nb::hasattr(object.attr("flags"), "writeable")) {
    if (!is(object.attr("flags").attr("writeable")))
      found = "a read-only one";
  } else if (nb::ndarray<> array; !nb::try_cast(object, array)) {
    PyErr_Clear();
    found = "a read-only one";
  }
  if (!found)
    return;
  PyErr_Format(PyExc_ValueError,
               "expected an array for %s that the program can update, got %s",
               what.c_str(), found);
  throw nb::python_error();
}

template <typename... Framework>
static nb::object wrap(const SparseOptTensor &tensor, nb::dlpack::dtype dtype,
                       nb::handle owner) {
  size_t shape[SPARSE_OPT_MAX_RANK];
  std::copy_n(tensor.shape, tensor.rank, shape);
  return nb::cast(nb::ndarray<Framework...>(tensor.data, tensor.rank, shape,
                                            owner, tensor.strides, dtype),
                  nb::rv_policy::reference);
}

namespace {
/// A result in torch's hands.
struct GivenTensor {
  ManagedTensor managed;
  SparseOptTensor result;
};
} // namespace

/// Takes the result over.
static nb::object giveTorch(const SparseOptTensor &result,
                            nb::dlpack::dtype dtype,
                            const ExchangeTable &exchange) {
  auto *given = new GivenTensor{{}, result};
  ManagedTensor &managed = given->managed;
  managed.major = 1;
  managed.context = given;
  managed.deleter = [](ManagedTensor *self) {
    auto *given = static_cast<GivenTensor *>(self->context);
    sparse_opt_release(&given->result);
    delete given;
  };
  managed.tensor.data = given->result.data;
  managed.tensor.device = {nb::device::cpu::value, 0};
  managed.tensor.ndim = result.rank;
  managed.tensor.dtype = dtype;
  managed.tensor.shape = given->result.shape;
  managed.tensor.strides = given->result.strides;
  void *object = nullptr;
  if (exchange.toObject(&managed, &object) != 0)
    throw nb::python_error();
  return nb::steal(static_cast<PyObject *>(object));
}

nb::object mlir::sparsity::python::giveArray(SparseOptTensor tensor,
                                             bool toTorch) {
  const TypeRow &row = kTypes[tensor.type];
  nb::dlpack::dtype dtype{uint8_t(row.code), row.bits, 1};
  if (toTorch)
    if (const ExchangeTable *exchange = torchExchangeTable())
      return giveTorch(tensor, dtype, *exchange);
  nb::capsule owner(tensor.owner, [](void *block) noexcept {
    _mlir_memref_to_llvm_free(block);
  });
  if (toTorch)
    return wrap<nb::pytorch>(tensor, dtype, owner);
  return viewArray(tensor, owner);
}

nb::object mlir::sparsity::python::viewArray(const SparseOptTensor &tensor,
                                             nb::handle owner) {
  const TypeRow &row = kTypes[tensor.type];
  nb::dlpack::dtype dtype{uint8_t(row.code), row.bits, 1};
  if (tensor.type != SPARSE_OPT_BF16)
    return wrap<nb::numpy>(tensor, dtype, owner);
  dtype.code = uint8_t(Code::UInt);
  return wrap<nb::numpy>(tensor, dtype, owner)
      .attr("view")(nb::module_::import_("ml_dtypes").attr("bfloat16"));
}

int32_t mlir::sparsity::python::threadsOf(nb::handle value) {
  int32_t threads = 0;
  if (!nb::try_cast(value, threads)) {
    PyErr_Format(PyExc_TypeError, "expected threads as an int, got %R",
                 value.ptr());
    throw nb::python_error();
  }
  return threads;
}
