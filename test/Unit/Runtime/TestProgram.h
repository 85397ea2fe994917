//===- TestProgram.h - Programs written in C for tests --------------------===//
//
// Small programs as the compiler would make them, built by the C compiler while
// the tests run, in a folder that goes away with them.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_TEST_UNIT_RUNTIME_TESTPROGRAM_H
#define SPARSE_OPT_TEST_UNIT_RUNTIME_TESTPROGRAM_H

#include "sparse-opt/Runtime/Runtime.h"

#include <memory>
#include <string>
#include <vector>

/// A folder for files of one test.
class TestFolder {
public:
  TestFolder();
  ~TestFolder();
  std::string file(const std::string &name) const { return path + "/" + name; }
  const std::string path;
};

/// Builds C text that contains `metadata` as the program's. True on success.
bool buildProgram(const std::string &path, const std::string &metadata,
                  const std::string &code);

/// The program that most tests use, with weights `bias` (plain, [3]) and `w`
/// (2:4, [16, 4]); `edit` may change its metadata.
std::string standardMetadata();
std::string standardCode();

struct Unload {
  void operator()(SparseOptProgram *program) const {
    sparse_opt_unload(program);
  }
};
using ProgramHandle = std::unique_ptr<SparseOptProgram, Unload>;

/// The standard program with its buffers in memory.
class StandardProgram {
public:
  StandardProgram();
  SparseOptProgram *get() const { return program.get(); }
  int64_t function(const char *name) const;
  /// Calls with one result.
  SparseOptStatus call(const char *name,
                       const std::vector<SparseOptTensor> &inputs,
                       SparseOptTensor &result, int threads = 0) const;

  TestFolder folder;
  float bias[3] = {1, 2, 3};
  alignas(64) float values[32] = {};
  alignas(64) uint32_t codes[2] = {0, 0x55555555};

private:
  ProgramHandle program;
};

/// A row-major tensor on somebody's memory.
SparseOptTensor makeTensor(void *data, int32_t type,
                           const std::vector<int64_t> &shape);

/// The text of the last error.
inline std::string lastError() { return sparse_opt_last_error(); }

#endif // SPARSE_OPT_TEST_UNIT_RUNTIME_TESTPROGRAM_H
