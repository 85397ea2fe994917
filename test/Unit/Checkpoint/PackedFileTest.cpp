//===- PackedFileTest.cpp - The file of packed weights --------------------===//
//
// Round trips, damage anywhere in the file, and what a writer refuses.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Checkpoint/PackedFile.h"

#include "TestFiles.h"

#include <cstring>

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;

static Result<PackedContents>
parse(const std::string &bytes, PackedCheck check = PackedCheck::Everything) {
  return parsePackedFile(bytes.data(), bytes.size(), "w.packed", check);
}

static PackedParameter parameter(const std::string &name,
                                 std::vector<PackedBuffer> buffers) {
  PackedParameter result;
  result.name = name;
  result.kind = ElementKind::F32;
  result.shape = {4, 8};
  result.format = "nm<2:4>";
  result.buffers = std::move(buffers);
  return result;
}

static PackedBuffer buffer(const std::string &name, ElementKind kind,
                           int64_t count) {
  static const std::vector<char> data(4096, 'd');
  return {name, {data.data(), kind, count}};
}

static std::vector<PackedParameter> sample() {
  return {parameter("fc1", {buffer("values", ElementKind::F32, 16),
                            buffer("indices", ElementKind::U8, 10)}),
          parameter("empty", {buffer("values", ElementKind::BF16, 0)}),
          parameter("none", {}),
          parameter("größe\n", {buffer("values", ElementKind::F16, 33)})};
}

static std::string write(const TemporaryFolder &folder,
                         const std::vector<PackedParameter> &parameters) {
  Result<PackedFileWriter> writer =
      PackedFileWriter::open(folder.path("w.packed"), "9f3c");
  EXPECT_TRUE(writer);
  for (const PackedParameter &parameter : parameters) {
    Status status = writer->append(parameter);
    EXPECT_TRUE(status) << status.message();
  }
  EXPECT_TRUE(writer->commit());
  return folder.read("w.packed");
}

TEST(PackedFile, RoundTrip) {
  TemporaryFolder folder;
  std::vector<PackedParameter> written = sample();
  write(folder, written);
  for (PackedCheck check : {PackedCheck::Everything, PackedCheck::Structure}) {
    Result<PackedFile> file = PackedFile::open(folder.path("w.packed"), check);
    ASSERT_TRUE(file) << file.message();
    EXPECT_EQ(file->program(), "9f3c");
    ASSERT_EQ(file->parameters().size(), written.size());
    for (const PackedParameter &from : written) {
      const PackedParameter *to = file->find(from.name);
      ASSERT_TRUE(to);
      EXPECT_EQ(to->shape, from.shape);
      EXPECT_EQ(to->format, from.format);
      ASSERT_EQ(to->buffers.size(), from.buffers.size());
      for (size_t i = 0; i < from.buffers.size(); ++i) {
        format::BufferView a = from.buffers[i].view, b = to->buffers[i].view;
        EXPECT_EQ(a.kind, b.kind);
        ASSERT_EQ(a.count, b.count);
        size_t bytes = static_cast<size_t>(b.count) * 2;
        EXPECT_EQ(std::memcmp(a.data, b.data, bytes / 2), 0);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(b.data) % 64, 0u);
      }
    }
    EXPECT_EQ(file->find("other"), nullptr);
  }
}

TEST(PackedFile, NoParameters) {
  TemporaryFolder folder;
  Result<PackedContents> contents = parse(write(folder, {}));
  ASSERT_TRUE(contents) << contents.message();
  EXPECT_TRUE(contents->parameters.empty());
}

TEST(PackedFile, CutOffAnywhere) {
  TemporaryFolder folder;
  std::string bytes = write(folder, sample());
  for (size_t size = 0; size < bytes.size(); size += size < 4096 ? 64 : 1)
    EXPECT_FALSE(parse(bytes.substr(0, size), PackedCheck::Structure)) << size;
  EXPECT_FALSE(parse(bytes + std::string(64, '\0')));
  EXPECT_FALSE(parse(bytes + bytes));
}

TEST(PackedFile, EveryFlippedBitIsFound) {
  TemporaryFolder folder;
  std::string bytes = write(folder, sample());
  ASSERT_TRUE(parse(bytes));
  // Of the zeros before the data, a few.
  for (size_t i = 0; i < bytes.size(); i += i < 64 || i >= 4096 ? 1 : 63) {
    char flip = static_cast<char>(1 << i % 8);
    bytes[i] ^= flip;
    EXPECT_FALSE(parse(bytes)) << "byte " << i;
    bytes[i] ^= flip;
  }
}

TEST(PackedFile, DamageIsNamed) {
  TemporaryFolder folder;
  std::string bytes = write(folder, sample());
  auto fails = [&](size_t place, char value, const char *message) {
    std::string damaged = bytes;
    damaged[place] = value;
    return failsWith(parse(damaged), message);
  };
  EXPECT_TRUE(fails(0, 'X', "which begins with 'SPRSOPT1', found 'XPRSOPT1'"));
  EXPECT_TRUE(fails(8, 2,
                    "w.packed: packed file version 2 is newer than this "
                    "program understands (1)"));
  EXPECT_TRUE(fails(8, 0, "expected packed file version 1, found 0"));
  EXPECT_TRUE(fails(12, 1, "expected no flags, found 1"));
  EXPECT_TRUE(fails(16, 1, "at byte 16: expected zeros"));
  EXPECT_TRUE(fails(4095, 1, "at byte 4095: expected zeros"));
  EXPECT_TRUE(fails(4096, 1, "parameter 'fc1': expected data with hash"));
  EXPECT_TRUE(fails(4096 + 64 + 10, 1, "at byte 4170: expected zeros"));
  size_t trailer = bytes.size() - 64;
  EXPECT_TRUE(fails(trailer, 1, "expected a header that ends at byte"));
  EXPECT_TRUE(fails(trailer + 7, '\x80', "expected a header that ends"));
  EXPECT_TRUE(fails(trailer + 15, '\x7f', "expected a header that ends"));
  EXPECT_TRUE(fails(trailer + 16, 'x', "a header that matches its hash"));
  EXPECT_TRUE(fails(trailer + 24, 1, "bytes in the packed file, found"));
  EXPECT_TRUE(fails(trailer + 32, 1, "expected zeros"));
  EXPECT_TRUE(fails(trailer + 63, 'x', "found it cut off"));
  EXPECT_TRUE(fails(trailer - 1, 1, "expected zeros"));
  std::string damaged = bytes;
  damaged[4096] = 'x';
  EXPECT_TRUE(parse(damaged, PackedCheck::Structure));
}

TEST(PackedFileWriter, RefusesAndLeavesTheOldFile) {
  TemporaryFolder folder;
  folder.write("w.packed", "old");
  std::string path = folder.path("w.packed");
  EXPECT_TRUE(failsWith(PackedFileWriter::open(path, "no hash"),
                        "expected a hexadecimal hash of the program"));
  EXPECT_TRUE(failsWith(PackedFileWriter::open(folder.path(), "0"),
                        "found a directory"));
  EXPECT_TRUE(failsWith(PackedFileWriter::open("/dev/full", "0"), "a device"));
  {
    Result<PackedFileWriter> writer = PackedFileWriter::open(path, "0");
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->append(parameter("a", {})));
    EXPECT_TRUE(
        failsWith(writer->append(parameter("a", {})), "found it twice"));
    EXPECT_TRUE(failsWith(writer->append(parameter("\xff", {})), "in UTF-8"));
    PackedBuffer twin = buffer("v", ElementKind::F32, 1);
    EXPECT_TRUE(failsWith(writer->append(parameter("b", {twin, twin})),
                          "parameter 'b': expected each buffer once"));
    PackedBuffer negative = buffer("v", ElementKind::F32, -1);
    EXPECT_TRUE(failsWith(writer->append(parameter("b", {negative})),
                          "buffer 'v': expected dimensions >= 0"));
  }
  EXPECT_EQ(folder.read("w.packed"), "old");
  EXPECT_EQ(folder.count(), 1u);
}

TEST(PackedFileWriter, FullDiskLeavesTheOldFile) {
  TemporaryFolder folder;
  folder.write("w.packed", "old");
  std::string path = folder.path("w.packed");
  PackedParameter large = parameter("w", {buffer("v", ElementKind::U8, 1000)});
  // The disk is full at the leader, at the data, and at the header.
  for (rlim_t bytes : {100, 4200, 5200}) {
    FullDisk full(bytes);
    Result<PackedFileWriter> writer = PackedFileWriter::open(path, "0");
    Status status = writer ? writer->append(large) : writer.error();
    if (status)
      status = writer->commit();
    EXPECT_TRUE(failsWith(status, "w.packed: cannot write: File too large"));
  }
  EXPECT_EQ(folder.read("w.packed"), "old");
  EXPECT_EQ(folder.count(), 1u);
}
