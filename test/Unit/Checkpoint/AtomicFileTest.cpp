//===- AtomicFileTest.cpp - Output is whole or absent ---------------------===//
//
// Commit and abandonment. Failures are in AtomicFileFaultTest.cpp.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Checkpoint/AtomicFile.h"

#include "TestFiles.h"

#include <sys/stat.h>

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;

static void writeAndCommit(const std::string &path, std::string_view text) {
  Result<AtomicFile> file = AtomicFile::open(path);
  ASSERT_TRUE(file) << file.message();
  ASSERT_TRUE(file->write(text));
  Status status = file->commit();
  ASSERT_TRUE(status) << status.message();
}

static unsigned modeOf(const std::string &path) {
  struct stat info;
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
}

TEST(AtomicFile, NewFileAppearsWithTheCommit) {
  TemporaryFolder folder;
  Result<AtomicFile> file = AtomicFile::open(folder.path("out"));
  ASSERT_TRUE(file) << file.message();
  ASSERT_TRUE(file->write("one "));
  ASSERT_TRUE(file->write("two"));
  EXPECT_EQ(file->position(), 7u);
  EXPECT_FALSE(std::filesystem::exists(folder.path("out")));
  ASSERT_TRUE(file->commit());
  EXPECT_EQ(folder.read("out"), "one two");
  EXPECT_EQ(folder.count(), 1u);
}

TEST(AtomicFile, NewFileObeysTheUmask) {
  TemporaryFolder folder;
  mode_t old = ::umask(027);
  writeAndCommit(folder.path("out"), "x");
  ::umask(old);
  EXPECT_EQ(modeOf(folder.path("out")), 0640u);
}

TEST(AtomicFile, ReplacedFileKeepsItsPermissions) {
  TemporaryFolder folder;
  ::chmod(folder.write("out", "old").c_str(), 0600);
  writeAndCommit(folder.path("out"), "new");
  EXPECT_EQ(folder.read("out"), "new");
  EXPECT_EQ(modeOf(folder.path("out")), 0600u);
}

TEST(AtomicFile, RelativePath) {
  TemporaryFolder folder;
  std::filesystem::path old = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  writeAndCommit("out", "x");
  std::filesystem::current_path(old);
  EXPECT_EQ(folder.read("out"), "x");
}

TEST(AtomicFile, PadAppendsZeros) {
  TemporaryFolder folder;
  Result<AtomicFile> file = AtomicFile::open(folder.path("out"));
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->pad(64));
  EXPECT_EQ(file->position(), 0u);
  ASSERT_TRUE(file->write("abc"));
  ASSERT_TRUE(file->pad(4));
  ASSERT_TRUE(file->commit());
  EXPECT_EQ(folder.read("out"), std::string("abc\0", 4));
}

TEST(AtomicFile, WithoutCommitNothingIsLeft) {
  TemporaryFolder folder;
  folder.write("out", "old");
  {
    Result<AtomicFile> file = AtomicFile::open(folder.path("out"));
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write("new"));
    EXPECT_EQ(folder.count(), 2u);
  }
  EXPECT_EQ(folder.read("out"), "old");
  EXPECT_EQ(folder.count(), 1u);
}

TEST(AtomicFile, TwoWritersDoNotMeet) {
  TemporaryFolder folder;
  Result<AtomicFile> first = AtomicFile::open(folder.path("out"));
  Result<AtomicFile> second = AtomicFile::open(folder.path("out"));
  ASSERT_TRUE(first && second);
  ASSERT_TRUE(first->write("first"));
  ASSERT_TRUE(second->write("second"));
  ASSERT_TRUE(second->commit());
  ASSERT_TRUE(first->commit());
  EXPECT_EQ(folder.read("out"), "first");
  EXPECT_EQ(folder.count(), 1u);
}

TEST(AtomicFile, NothingIsWrittenAfterTheCommit) {
  TemporaryFolder folder;
  Result<AtomicFile> file = AtomicFile::open(folder.path("out"));
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->commit());
  EXPECT_TRUE(
      failsWith(file->write("x"), "expected a file that is still open"));
  EXPECT_TRUE(failsWith(file->commit(), "expected a file that is still open"));
}

TEST(AtomicFile, OneFileByTwoNamesClashes) {
  TemporaryFolder folder;
  Result<AtomicFile> file = AtomicFile::open(folder.path("a"));
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->commit());
  EXPECT_EQ(findClash({folder.path("a")}, {folder.path("b")}), "");
  EXPECT_EQ(findClash({folder.path("a"), ""}, {folder.path("./a")}),
            folder.path("./a"));
  EXPECT_EQ(findClash({}, {folder.path("b"), folder.path("b")}),
            folder.path("b"));
  EXPECT_EQ(findClash({"", ""}, {"", ""}), "");
}
