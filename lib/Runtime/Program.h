//===- Program.h - A loaded program ---------------------------------------===//
//
// What a SparseOptProgram of the C interface is. Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_RUNTIME_PROGRAM_H
#define SPARSE_OPT_LIB_RUNTIME_PROGRAM_H

#include "Parameters.h"
#include "SharedObject.h"

namespace mlir::sparsity::runtime {

class RunningCall;

/// One call as the C interface gives it.
struct CallRequest {
  const SparseOptTensor *inputs;
  int64_t inputCount;
  SparseOptTensor *results;
  int64_t resultCount;
  int32_t threads;
  /// Room for what operations do, or null.
  SparseOptOperation *operations = nullptr;
  int64_t operationCount = 0;
};

class Program {
public:
  static Outcome load(const std::string &path, const SparseOptBuffer *buffers,
                      int64_t count, std::unique_ptr<Program> &program);
  /// With the weights file beside it.
  static Outcome load(const std::string &path,
                      std::unique_ptr<Program> &program);

  const ProgramSpec &spec() const { return info; }
  bool hasFunction(int64_t index) const {
    return index >= 0 && index < int64_t(info.functions.size());
  }
  /// What the code that runs is compiled for.
  const std::string &target() const { return variant->target; }
  /// The weights of calls that begin now.
  std::shared_ptr<const ParameterSet> parameters() const;

  Outcome call(int64_t function, const CallRequest &request);
  Outcome setParameters(const char *const *names, const SparseOptTensor *values,
                        int64_t count);
  Outcome save(const std::string &path) const;

private:
  using Entry = void (*)(void **args);

  Program() = default;
  Outcome open(const std::string &path);
  Outcome findEntries(const std::string &path);
  /// A parameter's number and what it is to be.
  using NewParameter = std::pair<size_t, StoredParameter>;
  /// Packs `value` for every parameter of this name.
  Outcome packParameters(std::string_view name, const SparseOptTensor &value,
                         std::vector<NewParameter> &packed) const;
  static void run(Entry entry, void **args, RunningCall &call);

  std::unique_ptr<SharedObject> object;
  ProgramSpec info;
  /// Of `info`: the one whose code runs.
  const VariantSpec *variant = nullptr;
  /// An instruction set that it may use and this machine lacks, or empty.
  std::string missingSet;
  std::vector<Entry> entries;
  ParameterLayouts layouts;
  /// Under the StateLock.
  std::shared_ptr<const ParameterSet> current;
};

} // namespace mlir::sparsity::runtime

#endif // SPARSE_OPT_LIB_RUNTIME_PROGRAM_H
