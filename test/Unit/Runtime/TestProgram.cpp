//===- TestProgram.cpp - Programs written in C for tests ------------------===//
//
// The C text of the standard program, and the call of the C compiler.
//
//===----------------------------------------------------------------------===//

#include "TestProgram.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

static std::string makeFolder() {
  std::string name =
      (std::filesystem::temp_directory_path() / "sparse-opt-test-XXXXXX")
          .string();
  return mkdtemp(name.data()) ? name : "";
}

TestFolder::TestFolder() : path(makeFolder()) {}
TestFolder::~TestFolder() { std::filesystem::remove_all(path); }

static std::string quoted(const std::string &text) {
  std::string result = "\"";
  for (char c : text)
    result += c == '\n'               ? std::string("\\n")
              : c == '"' || c == '\\' ? std::string("\\") + c
                                      : std::string(1, c);
  return result + "\"";
}

bool buildProgram(const std::string &path, const std::string &metadata,
                  const std::string &code) {
  std::string source = path + ".c";
  std::ofstream(source) << "const char sparse_opt_metadata[] = "
                        << quoted(metadata) << ";\n"
                        << code;
  std::string command = std::string(SPARSE_OPT_TEST_CC) +
                        " -shared -fPIC -O1 -o " + path + " " + source +
                        " -lpthread";
  return std::system(command.c_str()) == 0;
}

std::string standardMetadata() {
  return R"({"version": 3, "program": "0123456789abcdef", "report": {"a": [1]},
 "variants": [{"target": "x86-64", "suffix": "", "instruction_sets": []}],
 "operations": 2, "functions": [
  {"name": "add", "symbol": "f_add", "parameters": [[0, 0]],
   "inputs": [{"name": "x", "dtype": "f32", "shape": [-1, 3]}],
   "results": [{"name": "y", "dtype": "f32", "shape": [-1, 3]}]},
  {"name": "identity", "symbol": "f_identity", "parameters": [],
   "inputs": [{"name": "x", "dtype": "f32", "shape": [-1, 3]}],
   "results": [{"name": "y", "dtype": "f32", "shape": [-1, 3]}]},
  {"name": "weight", "symbol": "f_weight", "parameters": [[1, 0]],
   "inputs": [],
   "results": [{"name": "y", "dtype": "f32", "shape": [-1]}]},
  {"name": "report", "symbol": "f_report", "parameters": [],
   "inputs": [{"name": "mode", "dtype": "i32", "shape": []}],
   "results": [{"name": "y", "dtype": "f32", "shape": [-1]}]},
  {"name": "flags", "symbol": "f_flags", "parameters": [],
   "inputs": [{"name": "flags", "dtype": "i1", "shape": [-1, -1]}],
   "results": [{"name": "count", "dtype": "i64", "shape": []}]},
  {"name": "twice", "symbol": "f_twice", "parameters": [], "inputs": [],
   "results": [{"name": "a", "dtype": "f32", "shape": [2]},
               {"name": "b", "dtype": "f32", "shape": [2]}]}],
 "parameters": [
  {"name": "bias", "dtype": "f32", "shape": [3], "format": "",
   "transposed": false, "buffers": [{"dtype": "f32", "shape": [3]}]},
  {"name": "w", "dtype": "f32", "shape": [16, 4],
   "format": "#sparsity.nm_format<2:4>", "transposed": false,
   "buffers": [{"dtype": "f32", "shape": [32]},
               {"dtype": "i32", "shape": [2]}]}]})";
}

/// Functions that always work.
static std::string goodCode() {
  return R"(#include <pthread.h>
#include <stdint.h>
#include <string.h>
void *_mlir_memref_to_llvm_alloc(uint64_t);
void sparse_opt_report_error(const char *);
void sparse_opt_operation_done(int64_t, int64_t, int64_t);
typedef struct { float *base, *data; int64_t offset, n[4]; } D;
static float *make(D *d, int64_t count) {
  d->base = d->data = _mlir_memref_to_llvm_alloc(count * 4);
  return d->data;
}
void f_add(void **args) {
  D *y = args[0], *x = args[1], *bias = args[2];
  make(y, x->n[0] * 3);
  sparse_opt_operation_done(0, 0, 0);
  y->n[0] = x->n[0], y->n[1] = 3, y->n[2] = 3, y->n[3] = 1;
  for (int64_t i = 0; i < x->n[0] * 3; ++i)
    y->data[i] = x->data[i] + bias->data[i % 3];
  sparse_opt_operation_done(1, x->n[0] * 3, x->n[0] * 36);
  sparse_opt_operation_done(7, 1, 1);
}
void f_identity(void **args) { memcpy(args[0], args[1], sizeof(D)); }
void f_weight(void **args) {
  D *y = args[0], *w = args[1];
  memcpy(make(y, w->n[0]), w->data, w->n[0] * 4);
  y->n[0] = w->n[0], y->n[1] = 1;
}
)";
}

std::string standardCode() {
  return goodCode() + R"(static void *work(void *arg) {
  sparse_opt_report_error("from a worker");
  return arg;
}
void f_report(void **args) {
  D *y = args[0], *mode = args[1];
  int32_t m = *(int32_t *)mode->data;
  make(y, 100000), y->n[0] = 100000, y->n[1] = 1;
  if (m == 1)
    sparse_opt_report_error("first"), sparse_opt_report_error("second");
  if (m == 2) {
    pthread_t t;
    pthread_create(&t, 0, work, 0), pthread_join(t, 0);
  }
  if (m == 3)
    make(y, INT64_C(1) << 50);
  if (m == 4)
    sparse_opt_report_error("");
}
void f_flags(void **args) {
  D *count = args[0], *flags = args[1];
  int64_t total = 0;
  for (int64_t i = 0; i < flags->n[0] * flags->n[1]; ++i)
    total += ((char *)flags->data)[i];
  *(int64_t *)make(count, 2) = total;
}
void f_twice(void **args) {
  D *a = args[0];
  make(a, 2)[0] = 5, a->data[1] = 6, a->n[0] = 2, a->n[1] = 1;
  memcpy(args[1], a, 5 * 8);
}
)";
}

/// Built once.
static const std::string &standardFile() {
  static const TestFolder folder;
  static const std::string path = folder.file("standard.so");
  static const bool isBuilt =
      buildProgram(path, standardMetadata(), standardCode());
  EXPECT_TRUE(isBuilt);
  return path;
}

StandardProgram::StandardProgram() {
  for (int i = 0; i < 32; ++i)
    values[i] = i;
  SparseOptBuffer buffers[] = {
      {bias, sizeof(bias)}, {values, sizeof(values)}, {codes, sizeof(codes)}};
  SparseOptProgram *loaded = nullptr;
  std::filesystem::copy_file(standardFile(), folder.file("p.so"));
  if (sparse_opt_load_with_buffers(folder.file("p.so").c_str(), buffers, 3,
                                   &loaded) != 0)
    ADD_FAILURE() << lastError();
  program.reset(loaded);
}

int64_t StandardProgram::function(const char *name) const {
  return sparse_opt_find_function(program.get(), name);
}

SparseOptStatus
StandardProgram::call(const char *name,
                      const std::vector<SparseOptTensor> &inputs,
                      SparseOptTensor &result, int threads) const {
  return sparse_opt_call(program.get(), function(name), inputs.data(),
                         inputs.size(), &result, 1, threads);
}

SparseOptTensor makeTensor(void *data, int32_t type,
                           const std::vector<int64_t> &shape) {
  SparseOptTensor tensor = {};
  tensor.data = data;
  tensor.type = type;
  tensor.rank = static_cast<int32_t>(shape.size());
  int64_t step = 1;
  for (size_t i = shape.size(); i-- > 0; step *= shape[i]) {
    tensor.shape[i] = shape[i];
    tensor.strides[i] = step;
  }
  return tensor;
}
