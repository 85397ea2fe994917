//===- ReportedErrorsTest.cpp - Errors from inside programs ---------------===//
//
// Messages of the calling thread and of workers, and memory that ran out.
//
//===----------------------------------------------------------------------===//

#include "TestProgram.h"

#include <gtest/gtest.h>

namespace {
class Reported : public testing::Test {
protected:
  SparseOptStatus call(int32_t mode) {
    SparseOptStatus status =
        program.call("report", {makeTensor(&mode, SPARSE_OPT_I32, {})}, result);
    if (status != SPARSE_OPT_OK) {
      EXPECT_EQ(result.data, nullptr);
    }
    sparse_opt_release(&result);
    return status;
  }

  StandardProgram program;
  SparseOptTensor result;
};
} // namespace

TEST_F(Reported, FirstMessageCounts) {
  EXPECT_EQ(call(1), SPARSE_OPT_PROGRAM_ERROR);
  EXPECT_EQ(lastError(), "first");
}

TEST_F(Reported, WorkersFailTheCall) {
  EXPECT_EQ(call(2), SPARSE_OPT_PROGRAM_ERROR);
  EXPECT_EQ(lastError(), "from a worker");
}

TEST_F(Reported, EmptyMessagesStillFail) {
  EXPECT_EQ(call(4), SPARSE_OPT_PROGRAM_ERROR);
  EXPECT_EQ(lastError(), "the program reported an error");
}

TEST_F(Reported, MemoryThatRunsOutFailsTheCall) {
  EXPECT_EQ(call(3), SPARSE_OPT_MEMORY_ERROR);
  EXPECT_EQ(lastError(),
            "out of memory: the program asked for 4503599627370496 bytes");
}

TEST_F(Reported, TheNextCallIsClean) {
  for (int32_t mode : {1, 2, 3, 4}) {
    EXPECT_NE(call(mode), SPARSE_OPT_OK);
    EXPECT_EQ(call(0), SPARSE_OPT_OK) << lastError();
  }
}

TEST_F(Reported, OutsideOfCallsNothingHappens) {
  sparse_opt_report_error("nobody listens");
  EXPECT_EQ(call(0), SPARSE_OPT_OK);
}
