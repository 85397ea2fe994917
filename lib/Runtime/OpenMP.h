//===- OpenMP.h - The OpenMP library of compiled programs -----------------===//
//
// Finds an OpenMP library, calls the few functions of it that the runtime needs
// and has the addresses of those that programs call. The runtime itself is not
// built with OpenMP. Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_RUNTIME_OPENMP_H
#define SPARSE_OPT_LIB_RUNTIME_OPENMP_H

#include <vector>

namespace mlir::sparsity::runtime {

class OpenMP {
public:
  /// Finds the library at the first call: libomp or libiomp5 where one is
  /// loaded, else libomp, which stays loaded without making its symbols visible
  /// to others.
  static const OpenMP &get();
  /// The same for a thread in which the dynamic linker loads a program.
  static const OpenMP &getWhileLoading();

  /// A forked child starts the library anew, at its first call, or does without
  /// it. Nothing else runs.
  static void noticeFork();

  /// False when there is none with all that programs call.
  bool isLoaded() const { return complete; }

  /// Number of enclosing parallel regions, also those of one thread.
  int level() const;

  /// Sets the threads of the calling thread's regions; 0 = leaves them. There
  /// must be a library.
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
  static const OpenMP &find();
  /// Takes a library that is there already, or loads one.
  bool takeLoaded();
  bool load();
  /// False when `library` lacks one of them.
  bool takeFunctions(void *library);
  /// Starts the library if it has not started in this process.
  void start() const;
  /// Gives programs its functions.
  void publish() const;
  /// From now on regions have one thread, and no library is called.
  static void doWithout();

  void (*setThreads)(int) = nullptr;
  int (*maxThreads)() = nullptr;
  int (*nesting)() = nullptr;
  /// What programs call, in the order of OpenMPFunctions.def.
  std::vector<void *> addresses;
  bool complete = false;
  /// A parent has started it, and this process must not use it.
  bool isForbidden = false;
  /// What its environment said when it was found.
  bool hasThreadsInChildren;
};

} // namespace mlir::sparsity::runtime

#endif // SPARSE_OPT_LIB_RUNTIME_OPENMP_H
