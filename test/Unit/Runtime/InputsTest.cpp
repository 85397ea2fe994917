//===- InputsTest.cpp - Calls that must fail ------------------------------===//
//
// Every message of the checks in front of a call.
//
//===----------------------------------------------------------------------===//

#include "TestProgram.h"

#include <gtest/gtest.h>
#include <limits>

namespace {
class BadInput : public testing::Test {
protected:
  void expect(const char *function, const SparseOptTensor &input,
              SparseOptStatus status, const std::string &message) {
    SparseOptTensor result;
    EXPECT_EQ(program.call(function, {input}, result), status);
    EXPECT_EQ(lastError(), message);
    EXPECT_EQ(result.data, nullptr);
  }

  StandardProgram program;
  float x[6] = {};
};
} // namespace

TEST_F(BadInput, Counts) {
  SparseOptTensor result;
  EXPECT_EQ(program.call("add", {}, result), SPARSE_OPT_VALUE_ERROR);
  EXPECT_EQ(lastError(), "expected 1 inputs for 'add', got 0");
  SparseOptTensor input = makeTensor(x, SPARSE_OPT_F32, {2, 3});
  EXPECT_EQ(sparse_opt_call(program.get(), 0, &input, 1, nullptr, 0, 0),
            SPARSE_OPT_VALUE_ERROR);
  EXPECT_EQ(lastError(), "expected room for 1 results of 'add', got 0");
  EXPECT_EQ(sparse_opt_call(program.get(), 99, &input, 1, &result, 1, 0),
            SPARSE_OPT_NAME_ERROR);
  EXPECT_EQ(lastError(), "the program has no function 99");
  EXPECT_EQ(sparse_opt_call(program.get(), 0, &input, 1, &result, 1, -1),
            SPARSE_OPT_VALUE_ERROR);
  EXPECT_EQ(lastError(), "expected 0 to 1024 threads, got -1");
  EXPECT_EQ(sparse_opt_call(nullptr, 0, &input, 1, &result, 1, 0),
            SPARSE_OPT_VALUE_ERROR);
  EXPECT_EQ(sparse_opt_call(program.get(), 0, nullptr, 1, &result, 1, 0),
            SPARSE_OPT_VALUE_ERROR);
}

TEST_F(BadInput, Types) {
  expect("add", makeTensor(x, SPARSE_OPT_F64, {1, 3}), SPARSE_OPT_TYPE_ERROR,
         "expected element type f32 for input 'x', got f64");
  expect("add", makeTensor(x, 77, {1, 3}), SPARSE_OPT_TYPE_ERROR,
         "expected element type f32 for input 'x', got code 77");
  expect("report", makeTensor(x, SPARSE_OPT_I64, {}), SPARSE_OPT_TYPE_ERROR,
         "expected element type i32 for input 'mode', got i64");
}

TEST_F(BadInput, Shapes) {
  expect("add", makeTensor(x, SPARSE_OPT_F32, {3}), SPARSE_OPT_VALUE_ERROR,
         "expected rank 2 for input 'x', got 1");
  expect("add", makeTensor(x, SPARSE_OPT_F32, {3, 2}), SPARSE_OPT_VALUE_ERROR,
         "expected shape [?, 3] for input 'x', got [3, 2]");
  expect("add", makeTensor(x, SPARSE_OPT_F32, {-1, 3}), SPARSE_OPT_VALUE_ERROR,
         "expected extents >= 0 for input 'x', got -1 in dimension 0");
  SparseOptTensor huge = makeTensor(x, SPARSE_OPT_F32, {1, 3});
  huge.shape[0] = std::numeric_limits<int64_t>::max() / 2;
  expect("add", huge, SPARSE_OPT_VALUE_ERROR,
         "expected a size that fits into 63 bits for input 'x', got extents "
         "[4611686018427387903, 3]");
}

TEST_F(BadInput, Memory) {
  expect("add", makeTensor(nullptr, SPARSE_OPT_F32, {1, 3}),
         SPARSE_OPT_VALUE_ERROR, "expected memory for input 'x', got null");
  SparseOptTensor far = makeTensor(x, SPARSE_OPT_F32, {2, 3});
  far.strides[0] = std::numeric_limits<int64_t>::max() / 2;
  expect("add", far, SPARSE_OPT_VALUE_ERROR,
         "expected strides that fit into 63 bits for input 'x'");
  far.strides[0] = std::numeric_limits<int64_t>::min();
  expect("add", far, SPARSE_OPT_VALUE_ERROR,
         "expected strides that fit into 63 bits for input 'x'");
}

TEST_F(BadInput, Booleans) {
  uint8_t flags[] = {0, 1, 2, 1};
  expect("flags", makeTensor(flags, SPARSE_OPT_BOOL, {2, 2}),
         SPARSE_OPT_VALUE_ERROR,
         "expected bytes 0 and 1 in the booleans of input 'flags'");
  SparseOptTensor strided = makeTensor(flags, SPARSE_OPT_BOOL, {2, 2});
  strided.strides[0] = 1, strided.strides[1] = 2;
  expect("flags", strided, SPARSE_OPT_VALUE_ERROR,
         "expected bytes 0 and 1 in the booleans of input 'flags'");
}
