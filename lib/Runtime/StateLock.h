//===- StateLock.h - What the calls of a process share --------------------===//
//
// One lock for the running calls, the memory that is kept and the weights of a
// program, another for what is loaded. A fork waits for both, so that the child
// finds everything whole, whatever other threads were doing. Private to this
// room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_RUNTIME_STATELOCK_H
#define SPARSE_OPT_LIB_RUNTIME_STATELOCK_H

namespace mlir::sparsity::runtime {

/// Held briefly: not while a call runs, weights are packed or a library is
/// loaded. Nothing may take it twice.
class StateLock {
public:
  StateLock();
  ~StateLock();
  StateLock(const StateLock &) = delete;
};

/// Held while a library is loaded or unloaded, with its descriptor; a fork
/// waits for it as well. Not while OpenMP is called, whose own locks a forking
/// thread may have. Taken before the StateLock and before the dynamic linker's
/// lock, never twice: constructors and destructors of libraries may not load or
/// unload programs or fork.
class LoadLock {
public:
  LoadLock();
  ~LoadLock();
  LoadLock(const LoadLock &) = delete;
};

} // namespace mlir::sparsity::runtime

#endif // SPARSE_OPT_LIB_RUNTIME_STATELOCK_H
