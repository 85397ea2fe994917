//===- ParametersTest.cpp - Weights that are replaced ---------------------===//
//
// Packing of new values, what does not fit, and calls that run meanwhile.
//
//===----------------------------------------------------------------------===//

#include "TestProgram.h"

#include <atomic>
#include <gtest/gtest.h>
#include <thread>

static SparseOptStatus set(const StandardProgram &program, const char *name,
                           const SparseOptTensor &value) {
  return sparse_opt_set_parameters(program.get(), &name, &value, 1);
}

TEST(Parameters, AreDescribed) {
  StandardProgram program;
  EXPECT_EQ(sparse_opt_parameter_count(program.get()), 2);
  SparseOptTensorInfo info;
  ASSERT_EQ(sparse_opt_parameter_info(program.get(), 1, &info), 0);
  EXPECT_STREQ(info.name, "w");
  EXPECT_STREQ(info.format, "#sparsity.nm_format<2:4>");
  EXPECT_EQ(info.bytes, 32 * 4 + 2 * 4);
  EXPECT_EQ(info.shape[1], 4);
  EXPECT_EQ(sparse_opt_parameter_info(program.get(), 2, &info),
            SPARSE_OPT_NAME_ERROR);
}

TEST(Parameters, PlainValuesAreReplaced) {
  StandardProgram program;
  float bias[] = {7, 0, 8, 0, 9, 0}, x[] = {0, 0, 0};
  SparseOptTensor strided = makeTensor(bias, SPARSE_OPT_F32, {3});
  strided.strides[0] = 2;
  ASSERT_EQ(set(program, "bias", strided), 0) << lastError();
  bias[0] = -1;
  SparseOptTensor y;
  ASSERT_EQ(program.call("add", {makeTensor(x, SPARSE_OPT_F32, {1, 3})}, y), 0);
  EXPECT_EQ(static_cast<float *>(y.data)[0], 7);
  EXPECT_EQ(static_cast<float *>(y.data)[2], 9);
  sparse_opt_release(&y);
}

TEST(Parameters, PackedValuesAreEncodedAgain) {
  StandardProgram program;
  float w[16][4] = {};
  for (int row = 0; row < 16; ++row)
    w[row][1] = 10 + row, w[row][3] = 50 + row;
  ASSERT_EQ(set(program, "w", makeTensor(w, SPARSE_OPT_F32, {16, 4})), 0)
      << lastError();
  SparseOptTensor y;
  ASSERT_EQ(program.call("weight", {}, y), 0);
  ASSERT_EQ(y.shape[0], 32);
  // [slot][lane]: first nonzero of each row, then the second.
  EXPECT_EQ(static_cast<float *>(y.data)[3], 13);
  EXPECT_EQ(static_cast<float *>(y.data)[16], 50);
  sparse_opt_release(&y);
}

TEST(Parameters, WhatDoesNotFitIsRefused) {
  StandardProgram program;
  float w[16][4] = {};
  w[5][0] = w[5][1] = w[5][3] = 1;
  EXPECT_EQ(set(program, "w", makeTensor(w, SPARSE_OPT_F32, {16, 4})),
            SPARSE_OPT_VALUE_ERROR);
  EXPECT_NE(lastError().find("parameter 'w': "), std::string::npos);
  EXPECT_NE(lastError().find("row 5"), std::string::npos) << lastError();
  EXPECT_EQ(set(program, "w", makeTensor(w, SPARSE_OPT_F32, {4, 16})),
            SPARSE_OPT_VALUE_ERROR);
  EXPECT_EQ(lastError(), "expected shape [16, 4] for parameter 'w', got "
                         "[4, 16]");
  EXPECT_EQ(set(program, "nope", makeTensor(w, SPARSE_OPT_F32, {16, 4})),
            SPARSE_OPT_NAME_ERROR);
  EXPECT_EQ(lastError(), "the program has no parameter 'nope'");
}

TEST(Parameters, AllOrNothing) {
  StandardProgram program;
  float bias[] = {100, 100, 100}, w[16][4], x[] = {0, 0, 0};
  std::fill_n(&w[0][0], 64, 1.0f);
  const char *names[] = {"bias", "w"};
  SparseOptTensor values[] = {makeTensor(bias, SPARSE_OPT_F32, {3}),
                              makeTensor(w, SPARSE_OPT_F32, {16, 4})};
  EXPECT_NE(sparse_opt_set_parameters(program.get(), names, values, 2), 0);
  SparseOptTensor y;
  ASSERT_EQ(program.call("add", {makeTensor(x, SPARSE_OPT_F32, {1, 3})}, y), 0);
  EXPECT_EQ(static_cast<float *>(y.data)[0], 1);
  sparse_opt_release(&y);
}

TEST(Parameters, RunningCallsSeeOneSet) {
  StandardProgram program;
  std::atomic<bool> stop{false};
  std::thread setter([&] {
    for (int i = 0; !stop; ++i) {
      float bias[] = {float(i), float(i), float(i)};
      set(program, "bias", makeTensor(bias, SPARSE_OPT_F32, {3}));
    }
  });
  float x[] = {0, 0, 0};
  for (int i = 0; i < 2000; ++i) {
    SparseOptTensor y;
    ASSERT_EQ(program.call("add", {makeTensor(x, SPARSE_OPT_F32, {1, 3})}, y),
              0);
    const float *data = static_cast<float *>(y.data);
    if (data[0] != 1) {
      EXPECT_TRUE(data[0] == data[1] && data[1] == data[2]);
    }
    sparse_opt_release(&y);
  }
  stop = true;
  setter.join();
}
