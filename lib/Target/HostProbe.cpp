//===- HostProbe.cpp - What only the running machine can tell -------------===//
//
// Reads cache sizes from the system configuration and the number of cores that
// this process may use.
//
//===----------------------------------------------------------------------===//

#include "HostProbe.h"

#include "llvm/Support/Threading.h"

#include <unistd.h>

using namespace mlir::sparsity;

static void readCache(int name, int64_t &bytes) {
  long value = sysconf(name);
  if (value > 0)
    bytes = value;
}

void mlir::sparsity::probeCaches(TargetDescription &target) {
  readCache(_SC_LEVEL1_DCACHE_SIZE, target.l1Bytes);
  readCache(_SC_LEVEL2_CACHE_SIZE, target.l2Bytes);
  readCache(_SC_LEVEL3_CACHE_SIZE, target.l3Bytes);
  int cores = llvm::get_physical_cores();
  int usable = llvm::hardware_concurrency().compute_thread_count();
  target.threads = cores > 0 ? std::min(cores, usable) : usable;
}
