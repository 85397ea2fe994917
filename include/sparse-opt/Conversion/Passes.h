//===- Passes.h - Conversions out of the dialect --------------------------===//
//
// Declarations and registration of the conversion passes.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_CONVERSION_PASSES_H
#define SPARSE_OPT_CONVERSION_PASSES_H

#include "sparse-opt/Conversion/SparsityToSparseTensor/SparseTensorLayout.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir {
namespace LLVM {
class LLVMDialect;
} // namespace LLVM
namespace arith {
class ArithDialect;
} // namespace arith
namespace bufferization {
class BufferizationDialect;
} // namespace bufferization
namespace func {
class FuncDialect;
} // namespace func
namespace linalg {
class LinalgDialect;
} // namespace linalg
namespace memref {
class MemRefDialect;
} // namespace memref
namespace omp {
class OpenMPDialect;
} // namespace omp
namespace scf {
class SCFDialect;
} // namespace scf
namespace sparse_tensor {
class SparseTensorDialect;
} // namespace sparse_tensor
namespace tensor {
class TensorDialect;
} // namespace tensor
namespace vector {
class VectorDialect;
} // namespace vector

namespace sparsity {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "sparse-opt/Conversion/Passes.h.inc"
} // namespace sparsity
} // namespace mlir

#endif // SPARSE_OPT_CONVERSION_PASSES_H
