//===- TensorsTest.cpp - Files and comparison of tensors ------------------===//
//
// .npy round trips through the C interface, and the distance of two tensors.
//
//===----------------------------------------------------------------------===//

#include "TestProgram.h"

#include <cmath>
#include <gtest/gtest.h>

TEST(Tensors, NpyRoundTrip) {
  TestFolder folder;
  int32_t data[] = {1, 2, 3, 4, 5, 6};
  SparseOptTensor transposed = makeTensor(data, SPARSE_OPT_I32, {3, 2});
  transposed.strides[0] = 1, transposed.strides[1] = 3;
  std::string path = folder.file("x.npy");
  ASSERT_EQ(sparse_opt_write_npy(path.c_str(), &transposed), 0) << lastError();
  SparseOptTensor read;
  ASSERT_EQ(sparse_opt_read_npy(path.c_str(), &read), 0) << lastError();
  EXPECT_EQ(read.shape[0], 3);
  EXPECT_EQ(static_cast<int32_t *>(read.data)[1], 4);
  sparse_opt_release(&read);
  EXPECT_EQ(sparse_opt_read_npy(folder.file("none.npy").c_str(), &read),
            SPARSE_OPT_FILE_ERROR);
}

TEST(Tensors, Distance) {
  float a[] = {1, -0.0f, NAN, INFINITY}, b[] = {1.5f, 0, NAN, INFINITY};
  SparseOptTensor first = makeTensor(a, SPARSE_OPT_F32, {4});
  SparseOptTensor second = makeTensor(b, SPARSE_OPT_F32, {4});
  SparseOptDifference difference;
  ASSERT_EQ(sparse_opt_compare(&first, &second, &difference), 0);
  EXPECT_EQ(difference.max_abs, 0.5);
  EXPECT_EQ(difference.max_rel, 0.5 / 1.5);
  a[2] = 0;
  ASSERT_EQ(sparse_opt_compare(&first, &second, &difference), 0);
  EXPECT_TRUE(std::isinf(difference.max_abs));
}

TEST(Tensors, OnlyLikeIsCompared) {
  float a[6] = {};
  SparseOptTensor first = makeTensor(a, SPARSE_OPT_F32, {2, 3});
  SparseOptTensor second = makeTensor(a, SPARSE_OPT_F32, {3, 2});
  SparseOptDifference difference;
  EXPECT_EQ(sparse_opt_compare(&first, &second, &difference),
            SPARSE_OPT_VALUE_ERROR);
  EXPECT_EQ(lastError(), "expected shape [3, 2], got [2, 3]");
  second = makeTensor(a, SPARSE_OPT_I32, {2, 3});
  EXPECT_EQ(sparse_opt_compare(&first, &second, &difference),
            SPARSE_OPT_TYPE_ERROR);
}
