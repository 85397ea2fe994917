//===- InitAll.h - Everything sparse-opt adds to MLIR ---------------------===//
//
// The one call that registers dialect, external models, passes and pipelines,
// for drivers, the plugin and the Python module.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_INITALL_H
#define SPARSE_OPT_INITALL_H

namespace mlir {
class DialectRegistry;
namespace sparsity {
/// The dialect and its external models.
void registerAllDialects(DialectRegistry &registry);
/// All passes and pipelines of this project.
void registerAllPasses();
} // namespace sparsity
} // namespace mlir

#endif // SPARSE_OPT_INITALL_H
