//===- CallTest.cpp - Good calls ------------------------------------------===//
//
// Results, strided inputs, shared memory, empty tensors, threads, overhead.
// Calls that must fail are in InputsTest.cpp.
//
//===----------------------------------------------------------------------===//

#include "TestProgram.h"

#include <gtest/gtest.h>
#include <thread>

static std::vector<float> floats(const SparseOptTensor &tensor, size_t count) {
  const float *data = static_cast<const float *>(tensor.data);
  return {data, data + count};
}

TEST(Call, ComputesAndOwnsItsResult) {
  StandardProgram program;
  float x[] = {0, 0, 0, 10, 20, 30};
  SparseOptTensor y;
  ASSERT_EQ(program.call("add", {makeTensor(x, SPARSE_OPT_F32, {2, 3})}, y), 0)
      << lastError();
  EXPECT_EQ(y.type, SPARSE_OPT_F32);
  ASSERT_EQ(y.rank, 2);
  EXPECT_EQ(y.shape[0], 2);
  EXPECT_EQ(y.shape[1], 3);
  EXPECT_EQ(y.strides[0], 3);
  EXPECT_EQ(floats(y, 6), (std::vector<float>{1, 2, 3, 11, 22, 33}));
  sparse_opt_release(&y);
  EXPECT_EQ(y.data, nullptr);
  sparse_opt_release(&y);
}

TEST(Call, CopiesWhatIsNotRowMajor) {
  StandardProgram program;
  float x[] = {0, 10, 0, 20, 0, 30};
  SparseOptTensor transposed = makeTensor(x, SPARSE_OPT_F32, {2, 3});
  transposed.strides[0] = 1, transposed.strides[1] = 2;
  SparseOptTensor y;
  ASSERT_EQ(program.call("add", {transposed}, y), 0) << lastError();
  EXPECT_EQ(floats(y, 6), (std::vector<float>{1, 2, 3, 11, 22, 33}));
  sparse_opt_release(&y);

  SparseOptTensor backwards = makeTensor(x + 3, SPARSE_OPT_F32, {2, 3});
  backwards.strides[0] = -3;
  ASSERT_EQ(program.call("add", {backwards}, y), 0) << lastError();
  EXPECT_EQ(floats(y, 6), (std::vector<float>{21, 2, 33, 1, 12, 3}));
  sparse_opt_release(&y);

  SparseOptTensor repeated = makeTensor(x, SPARSE_OPT_F32, {2, 3});
  repeated.strides[0] = 0;
  ASSERT_EQ(program.call("add", {repeated}, y), 0) << lastError();
  EXPECT_EQ(floats(y, 6), (std::vector<float>{1, 12, 3, 1, 12, 3}));
  sparse_opt_release(&y);
}

TEST(Call, CopiesMisalignedMemory) {
  StandardProgram program;
  char memory[32] = {};
  SparseOptTensor y;
  ASSERT_EQ(
      program.call("add", {makeTensor(memory + 1, SPARSE_OPT_F32, {2, 3})}, y),
      0);
  EXPECT_EQ(floats(y, 3), (std::vector<float>{1, 2, 3}));
  sparse_opt_release(&y);
}

TEST(Call, TakesEmptyTensors) {
  StandardProgram program;
  SparseOptTensor y;
  ASSERT_EQ(
      program.call("add", {makeTensor(nullptr, SPARSE_OPT_F32, {0, 3})}, y), 0);
  EXPECT_EQ(y.shape[0], 0);
  sparse_opt_release(&y);
}

TEST(Call, NeverHandsOutSharedMemory) {
  StandardProgram program;
  float x[] = {1, 2, 3};
  SparseOptTensor y;
  ASSERT_EQ(
      program.call("identity", {makeTensor(x, SPARSE_OPT_F32, {1, 3})}, y), 0);
  EXPECT_NE(y.data, x);
  EXPECT_EQ(floats(y, 3), (std::vector<float>{1, 2, 3}));
  sparse_opt_release(&y);

  SparseOptTensor both[2];
  ASSERT_EQ(sparse_opt_call(program.get(), program.function("twice"), nullptr,
                            0, both, 2, 0),
            0);
  EXPECT_NE(both[0].data, both[1].data);
  EXPECT_EQ(floats(both[1], 2), (std::vector<float>{5, 6}));
  sparse_opt_release(&both[0]);
  sparse_opt_release(&both[1]);
}

TEST(Call, TakesEitherSignOfSignlessIntegers) {
  StandardProgram program;
  uint32_t mode = 0;
  SparseOptTensor y;
  ASSERT_EQ(program.call("report", {makeTensor(&mode, SPARSE_OPT_U32, {})}, y),
            0);
  EXPECT_EQ(y.shape[0], 100000);
  sparse_opt_release(&y);
}

TEST(Call, CountsFlagsOfStridedBooleans) {
  StandardProgram program;
  uint8_t flags[] = {1, 7, 0, 7, 1, 7};
  SparseOptTensor strided = makeTensor(flags, SPARSE_OPT_BOOL, {1, 3});
  strided.strides[1] = 2;
  SparseOptTensor count;
  ASSERT_EQ(program.call("flags", {strided}, count), 0) << lastError();
  EXPECT_EQ(*static_cast<int64_t *>(count.data), 2);
  sparse_opt_release(&count);
}

TEST(Call, RunsInManyThreadsAtOnce) {
  StandardProgram program;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&program, t] {
      float x[] = {float(t), 0, 0};
      for (int i = 0; i < 500; ++i) {
        SparseOptTensor y;
        ASSERT_EQ(program.call("add", {makeTensor(x, SPARSE_OPT_F32, {1, 3})},
                               y, 1 + t % 2),
                  0);
        EXPECT_EQ(static_cast<float *>(y.data)[0], t + 1);
        sparse_opt_release(&y);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
}

TEST(Call, TimesOperations) {
  StandardProgram program;
  ASSERT_EQ(sparse_opt_operation_count(program.get()), 2);
  float x[] = {0, 0, 0};
  SparseOptTensor input = makeTensor(x, SPARSE_OPT_F32, {1, 3}), y;
  SparseOptOperation done[3] = {{-1, -1, -1}, {-1, -1, -1}, {-1, -1, -1}};
  // The last place is more than the program has.
  ASSERT_EQ(sparse_opt_call_timed(program.get(), program.function("add"),
                                  &input, 1, &y, 1, 0, done, 3),
            0)
      << lastError();
  sparse_opt_release(&y);
  EXPECT_GE(done[0].microseconds, 0);
  EXPECT_GE(done[1].microseconds, 0);
  EXPECT_EQ(done[1].flops, 3);
  EXPECT_EQ(done[1].bytes, 36);
  EXPECT_EQ(done[2].microseconds, 0);
  EXPECT_EQ(done[2].flops, 0);
  // No room, no times; and outside of calls nothing happens.
  ASSERT_EQ(sparse_opt_call_timed(program.get(), program.function("add"),
                                  &input, 1, &y, 1, 0, nullptr, 0),
            0);
  sparse_opt_release(&y);
  sparse_opt_operation_done(0, 0, 0);
  EXPECT_EQ(sparse_opt_call_timed(program.get(), program.function("add"),
                                  &input, 1, &y, 1, 0, nullptr, 1),
            SPARSE_OPT_VALUE_ERROR);
}
