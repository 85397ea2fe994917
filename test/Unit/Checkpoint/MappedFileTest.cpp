//===- MappedFileTest.cpp - Input files in memory -------------------------===//
//
// Reading, mapping, private writes, and what is not opened.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Checkpoint/MappedFile.h"

#include "TestFiles.h"

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;

TEST(MappedFile, ReadsSmallFiles) {
  TemporaryFolder folder;
  Result<MappedFile> file = MappedFile::open(folder.write("in", "hello"));
  ASSERT_TRUE(file) << file.message();
  ASSERT_EQ(file->size(), 5u);
  EXPECT_EQ(std::memcmp(file->data(), "hello", 5), 0);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(file->data()) % 4096, 0u);
}

TEST(MappedFile, SmallFileSurvivesTruncation) {
  TemporaryFolder folder;
  Result<MappedFile> file =
      MappedFile::open(folder.write("in", std::string(20000, 'x')));
  ASSERT_TRUE(file);
  std::filesystem::resize_file(folder.path("in"), 0);
  EXPECT_EQ(std::to_integer<char>(file->data()[19999]), 'x');
}

TEST(MappedFile, MapsLargeFiles) {
  TemporaryFolder folder;
  std::string path = folder.write("in", "head");
  // A hole: the file takes no space.
  std::filesystem::resize_file(path, size_t(65) << 20);
  Result<MappedFile> file = MappedFile::open(path);
  ASSERT_TRUE(file) << file.message();
  ASSERT_EQ(file->size(), size_t(65) << 20);
  EXPECT_EQ(std::memcmp(file->data(), "head", 4), 0);
}

TEST(MappedFile, EmptyFile) {
  TemporaryFolder folder;
  Result<MappedFile> file = MappedFile::open(folder.write("in", ""));
  ASSERT_TRUE(file) << file.message();
  EXPECT_EQ(file->size(), 0u);
  EXPECT_EQ(file->data(), nullptr);
}

TEST(MappedFile, MovesAndKnowsItsIdentity) {
  TemporaryFolder folder;
  std::string path = folder.write("in", "hello");
  std::filesystem::create_hard_link(path, folder.path("twin"));
  Result<MappedFile> first = MappedFile::open(path);
  Result<MappedFile> twin = MappedFile::open(folder.path("twin"));
  Result<MappedFile> other = MappedFile::open(folder.write("other", "hello"));
  ASSERT_TRUE(first && twin && other);
  MappedFile moved = std::move(*first);
  EXPECT_EQ(moved.size(), 5u);
  EXPECT_EQ(moved.path(), path);
  EXPECT_TRUE(moved.isSameFile(*twin));
  EXPECT_FALSE(moved.isSameFile(*other));
}

TEST(MappedFile, RefusesWhatIsNoRegularFile) {
  TemporaryFolder folder;
  ::mkfifo(folder.path("pipe").c_str(), 0600);
  auto open = [](const std::string &path) { return MappedFile::open(path); };
  EXPECT_TRUE(failsWith(open(folder.path()), "found a directory"));
  EXPECT_TRUE(failsWith(open(folder.path("pipe")), "found a pipe"));
  EXPECT_TRUE(failsWith(open("/dev/zero"), "found a device"));
  EXPECT_TRUE(
      failsWith(open(folder.path("none")), "none: cannot open: No such file"));
  EXPECT_TRUE(failsWith(open(folder.path("a\nb")), "/a\\nb: cannot open"));
  EXPECT_TRUE(failsWith(open(std::string("a\0b", 3)), "without zero bytes"));
}

TEST(MappedFile, BeneathTakesPlainNamesOnly) {
  TemporaryFolder folder;
  folder.write("in", "hello");
  EXPECT_TRUE(MappedFile::openBeneath(folder.path(), "in"));
  for (const std::string &name :
       {std::string(), std::string("."), std::string(".."),
        std::string("../in"), std::string("/etc/passwd"), std::string("a/b"),
        std::string("a\\b"), std::string("in\0x", 4), std::string(256, 'x')})
    EXPECT_TRUE(failsWith(MappedFile::openBeneath(folder.path(), name),
                          "expected a plain file name"));
}

TEST(MappedFile, BeneathFollowsNoLinks) {
  TemporaryFolder folder;
  folder.write("in", "hello");
  std::filesystem::create_symlink("/etc/passwd", folder.path("out"));
  std::filesystem::create_symlink("in", folder.path("inside"));
  std::filesystem::create_symlink("cycle", folder.path("cycle"));
  for (const char *name : {"out", "inside", "cycle"})
    EXPECT_TRUE(failsWith(MappedFile::openBeneath(folder.path(), name),
                          "expected a regular file, found a symbolic link"));
  EXPECT_TRUE(failsWith(MappedFile::openBeneath(folder.path("none"), "in"),
                        "none: cannot open"));
}

/// From here on this process has a kernel without openat2.
static bool forbidOpenat2() {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  sock_fprog filter = {4, program};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

TEST(MappedFileDeathTest, BeneathWorksOnOldKernels) {
  static constexpr int kGood = 7, kBad = 8, kNoFilter = 9;
  TemporaryFolder folder;
  folder.write("in", "hello");
  std::filesystem::create_symlink("in", folder.path("link"));
  auto check = [&] {
    if (!forbidOpenat2())
      std::_Exit(kNoFilter);
    bool opens = bool(MappedFile::openBeneath(folder.path(), "in"));
    bool refuses = bool(failsWith(
        MappedFile::openBeneath(folder.path(), "link"), "a symbolic link"));
    std::_Exit(opens && refuses ? kGood : kBad);
  };
  auto passes = [](int status) {
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : kBad;
    return code == kGood || code == kNoFilter;
  };
  EXPECT_EXIT(check(), passes, "");
}
