//===- AtomicFileFaultTest.cpp - Output that cannot be written ------------===//
//
// Paths that are refused and failures on the way: an older file stays as it
// was, and nothing else is left.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Checkpoint/AtomicFile.h"

#include "TestFiles.h"

#include <sys/stat.h>
#include <unistd.h>

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;

TEST(AtomicFile, RefusesWhatIsNoRegularFile) {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("folder"));
  ::mkfifo(folder.path("pipe").c_str(), 0600);
  folder.write("target", "old");
  std::filesystem::create_symlink("target", folder.path("link"));
  std::filesystem::create_symlink("nowhere", folder.path("dangling"));
  auto open = [](const std::string &path) { return AtomicFile::open(path); };
  EXPECT_TRUE(failsWith(open(folder.path("folder")), "found a directory"));
  EXPECT_TRUE(failsWith(open(folder.path("pipe")), "found a pipe"));
  EXPECT_TRUE(failsWith(open(folder.path("link")), "found a symbolic link"));
  EXPECT_TRUE(
      failsWith(open(folder.path("dangling")), "found a symbolic link"));
  EXPECT_TRUE(failsWith(open("/dev/full"), "/dev/full: expected a regular file "
                                           "or a new name, found a device"));
  EXPECT_TRUE(failsWith(open(""), "expected the path of a file"));
  EXPECT_TRUE(failsWith(open("/"), "expected the path of a file"));
  EXPECT_TRUE(failsWith(open(folder.path("new/")), "expected the path"));
  EXPECT_TRUE(failsWith(open(folder.path("no/out")), "No such file"));
  EXPECT_TRUE(failsWith(open(folder.path("target/out")), "Not a directory"));
  EXPECT_EQ(folder.count(), 5u);
  EXPECT_EQ(folder.read("target"), "old");
}

TEST(AtomicFile, RefusesAFolderThatTakesNoFiles) {
  // Nobody, not even root, can create files in /proc.
  Result<AtomicFile> file = AtomicFile::open("/proc/self/sparse-opt-out");
  EXPECT_TRUE(failsWith(file, "/proc/self/sparse-opt-out: cannot create"));
}

namespace {
/// Root may write anywhere, so a test of permissions runs as nobody.
class AsNobody {
public:
  explicit AsNobody(const TemporaryFolder &folder) {
    if (!isRoot)
      return;
    EXPECT_EQ(::chown(folder.path().c_str(), kNobody, kNobody), 0);
    EXPECT_EQ(::seteuid(kNobody), 0);
  }
  ~AsNobody() {
    if (isRoot) {
      EXPECT_EQ(::seteuid(0), 0);
    }
  }

private:
  static constexpr uid_t kNobody = 65534;
  bool isRoot = ::geteuid() == 0;
};
} // namespace

TEST(AtomicFile, RefusesReadOnlyFolderAndFile) {
  TemporaryFolder folder;
  AsNobody nobody(folder);
  ::chmod(folder.write("out", "old").c_str(), 0444);
  EXPECT_TRUE(failsWith(AtomicFile::open(folder.path("out")),
                        "out: cannot replace: Permission denied"));
  ::chmod(folder.path().c_str(), 0555);
  EXPECT_TRUE(failsWith(AtomicFile::open(folder.path("new")),
                        "new: cannot create: Permission denied"));
  ::chmod(folder.path().c_str(), 0755);
  EXPECT_EQ(folder.read("out"), "old");
  EXPECT_EQ(folder.count(), 1u);
}

TEST(AtomicFile, FullDiskLeavesTheOldFile) {
  TemporaryFolder folder;
  folder.write("out", "old");
  Result<AtomicFile> file = AtomicFile::open(folder.path("out"));
  ASSERT_TRUE(file);
  {
    FullDisk full(4096);
    EXPECT_TRUE(failsWith(file->write(std::string(10000, 'x')),
                          "out: cannot write: File too large"));
  }
  EXPECT_EQ(folder.count(), 1u);
  EXPECT_TRUE(failsWith(file->write("x"), "still open"));
  EXPECT_TRUE(failsWith(file->commit(), "still open"));
  EXPECT_EQ(folder.read("out"), "old");
}

TEST(AtomicFile, FailedRenameLeavesNothing) {
  TemporaryFolder folder;
  Result<AtomicFile> file = AtomicFile::open(folder.path("out"));
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write("x"));
  std::filesystem::create_directory(folder.path("out"));
  EXPECT_TRUE(failsWith(file->commit(), "cannot replace: Is a directory"));
  EXPECT_EQ(folder.count(), 1u);
}
