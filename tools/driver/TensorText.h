//===- TensorText.h - Random tensors from their types ---------------------===//
//
// "2x17xi64" as a tensor of random values, for trying programs out.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_TOOLS_DRIVER_TENSORTEXT_H
#define SPARSE_OPT_TOOLS_DRIVER_TENSORTEXT_H

#include "sparse-opt/Runtime/Runtime.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <memory>

namespace mlir::sparsity {

struct ReleaseTensor {
  void operator()(SparseOptTensor *tensor) const {
    sparse_opt_release(tensor);
    delete tensor;
  }
};
/// A tensor that is released with its handle.
using TensorHandle = std::unique_ptr<SparseOptTensor, ReleaseTensor>;

/// The name of an element type as `randomTensor` takes it; signs are left out.
llvm::StringRef elementName(int32_t type);

/// A tensor of the type `text`: floats are uniform in [-1, 1), integers in
/// [0, 8), booleans either. The same seed gives the same values everywhere.
llvm::Expected<TensorHandle> randomTensor(llvm::StringRef text, uint64_t seed);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_TOOLS_DRIVER_TENSORTEXT_H
