//===- HostProbe.h - What only the running machine can tell ---------------===//
//
// Caches, cores and measured rates of the host. Instruction sets are LLVM's to
// ask.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_TARGET_HOSTPROBE_H
#define SPARSE_OPT_LIB_TARGET_HOSTPROBE_H

#include "sparse-opt/Target/TargetDescription.h"

namespace mlir::sparsity {

/// Fills cache sizes and threads of the machine this runs on; what the system
/// does not tell keeps its value.
void probeCaches(TargetDescription &target);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_TARGET_HOSTPROBE_H
