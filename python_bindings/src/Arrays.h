//===- Arrays.h - numpy and torch arrays as tensors -----------------------===//
//
// Conversion in both directions without copies.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_PYTHON_ARRAYS_H
#define SPARSE_OPT_PYTHON_ARRAYS_H

#include "sparse-opt/Runtime/Runtime.h"

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
// Everywhere or nowhere: a cast to a string must mean the same in all files.
#include <nanobind/stl/string.h>

#include <string>

namespace mlir::sparsity::python {

namespace nb = nanobind;

/// An array that somebody passed, alive as long as this: as itself or as what
/// it exported.
struct BorrowedArray {
  nb::object object;
  nb::ndarray<nb::ro> array;
  SparseOptTensor tensor = {};
};

/// A weight's name as a program's user gives it; TypeError if it is no text.
std::string nameOf(nb::handle key);

/// Any array on the CPU; `what` names it in messages ("input 'x'"). TypeError
/// or ValueError for everything else.
BorrowedArray borrowArray(nb::handle object, const std::string &what);

/// ValueError if `object` may not be written to, as a program is going to do.
void checkWritable(nb::handle object, const std::string &what);

/// Hands a result over to numpy, or to torch; its memory goes with the array.
nb::object giveArray(SparseOptTensor tensor, bool toTorch);

/// A numpy array of a tensor's memory, which lives as long as `owner`.
nb::object viewArray(const SparseOptTensor &tensor, nb::handle owner);

/// The number of threads; whether it is one that programs take, they say.
int32_t threadsOf(nb::handle value);

/// "f32", ...
const char *typeName(int32_t type);

/// Raises what stands for `status`, with the runtime's last message.
[[noreturn]] void raiseLastError(SparseOptStatus status);

} // namespace mlir::sparsity::python

#endif // SPARSE_OPT_PYTHON_ARRAYS_H
