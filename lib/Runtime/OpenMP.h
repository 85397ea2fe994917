//===- OpenMP.h - The OpenMP library of compiled programs -----------------===//
//
// Finds libomp and calls the few functions of it that the runtime needs. The
// runtime itself is not built with OpenMP. Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_RUNTIME_OPENMP_H
#define SPARSE_OPT_LIB_RUNTIME_OPENMP_H

#include <string>

namespace mlir::sparsity::runtime {

class OpenMP {
public:
  /// Loads the library at the first call; it stays loaded. Programs name it as
  /// NEEDED, which the dynamic linker finds by its soname once it is loaded,
  /// wherever it lies and without making its symbols visible to others.
  static const OpenMP &get();

  /// False when there is none: programs with parallel loops fail to load then.
  bool isLoaded() const { return setThreads && maxThreads && nesting; }

  /// Number of enclosing parallel regions, also those of one thread.
  int level() const { return nesting ? nesting() : 0; }

  /// Sets the threads of the calling thread's regions; 0 = leaves them.
  class ThreadScope {
  public:
    explicit ThreadScope(int threads);
    ~ThreadScope();
    ThreadScope(const ThreadScope &) = delete;

  private:
    int before = 0;
  };

private:
  OpenMP();
  void (*setThreads)(int) = nullptr;
  int (*maxThreads)() = nullptr;
  int (*nesting)() = nullptr;
};

} // namespace mlir::sparsity::runtime

#endif // SPARSE_OPT_LIB_RUNTIME_OPENMP_H
