//===- SafetensorsWriterTest.cpp - Writing safetensors files --------------===//
//
// Round trips through the strict reader, and data that does not match what was
// declared.
//
//===----------------------------------------------------------------------===//

#include "TestFiles.h"
#include "sparse-opt/Checkpoint/Checkpoint.h"

#include <cstring>

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;

static const std::vector<TensorType> kTypes = {
    {"wide", ElementKind::F64, {2}},
    {"empty", ElementKind::F32, {3, 0}},
    {"narrow", ElementKind::I16, {3}},
    {"scalar", ElementKind::Bool, {}},
};

static Result<SafetensorsWriter> open(const std::string &path,
                                      std::vector<TensorType> types = kTypes) {
  return SafetensorsWriter::open(path, std::move(types));
}

TEST(SafetensorsWriter, RoundTrip) {
  TemporaryFolder folder;
  std::string path = folder.path("out.safetensors");
  Metadata metadata = {{"quote\"\\", "line\nbreak \x01 größe"}, {"a", ""}};
  Result<SafetensorsWriter> writer =
      SafetensorsWriter::open(path, kTypes, metadata);
  ASSERT_TRUE(writer) << writer.message();
  ASSERT_TRUE(writer->append("wide", "0123456789", 10));
  ASSERT_TRUE(writer->append("wide", "abcdef", 6));
  ASSERT_TRUE(writer->append("narrow", "ghijkl", 6));
  ASSERT_TRUE(writer->append("scalar", "\1", 1));
  Status status = writer->commit();
  ASSERT_TRUE(status) << status.message();

  Result<Checkpoint> checkpoint = Checkpoint::open(path);
  ASSERT_TRUE(checkpoint) << checkpoint.message();
  EXPECT_EQ(checkpoint->shards()[0].metadata, metadata);
  ASSERT_EQ(checkpoint->tensors().size(), kTypes.size());
  for (const TensorType &type : kTypes) {
    const TensorView *view = checkpoint->find(type.name);
    ASSERT_TRUE(view) << type.name;
    EXPECT_EQ(view->kind, type.kind);
    EXPECT_EQ(view->shape, type.shape);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(view->data) %
                  format::elementBytes(view->kind),
              0u);
  }
  const TensorView *wide = checkpoint->find("wide");
  EXPECT_EQ(std::memcmp(wide->data, "0123456789abcdef", 16), 0);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(wide->data) % 64, 0u);
}

TEST(SafetensorsWriter, NothingToWrite) {
  TemporaryFolder folder;
  Result<SafetensorsWriter> writer = open(folder.path("out"), {});
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->commit());
  Result<Checkpoint> checkpoint = Checkpoint::open(folder.path("out"));
  ASSERT_TRUE(checkpoint) << checkpoint.message();
  EXPECT_TRUE(checkpoint->tensors().empty());
}

TEST(SafetensorsWriter, RefusesDeclarations) {
  TemporaryFolder folder;
  std::string path = folder.path("out");
  auto fails = [&](std::vector<TensorType> types, const char *message) {
    return failsWith(open(path, std::move(types)), message);
  };
  ElementKind kind = ElementKind::F32;
  EXPECT_TRUE(fails({{"a", kind, {1}}, {"a", kind, {2}}}, "found 'a' twice"));
  EXPECT_TRUE(fails({{"\xff", kind, {1}}}, "a tensor name in UTF-8, found"));
  EXPECT_TRUE(fails({{"__metadata__", kind, {1}}}, "reserved"));
  EXPECT_TRUE(fails({{"a", kind, {-1}}}, "expected dimensions >= 0"));
  EXPECT_TRUE(fails({{"a", kind, {INT64_MAX}}}, "below 2^63 bytes"));
  EXPECT_TRUE(fails({{"a", ElementKind::U8, {INT64_MAX}}, {"b", kind, {1}}},
                    "below 2^63 bytes in all"));
  EXPECT_TRUE(failsWith(SafetensorsWriter::open(path, {}, {{"\xff", ""}}),
                        "a metadata name in UTF-8"));
  EXPECT_TRUE(failsWith(SafetensorsWriter::open(path, {}, {{"a", "\xff"}}),
                        "a metadata value in UTF-8"));
  EXPECT_EQ(folder.count(), 0u);
}

TEST(SafetensorsWriter, RefusesDataOutOfOrder) {
  TemporaryFolder folder;
  folder.write("out", "old");
  {
    Result<SafetensorsWriter> writer = open(folder.path("out"));
    ASSERT_TRUE(writer);
    EXPECT_TRUE(failsWith(writer->append("narrow", "ab", 2),
                          "expected tensor 'wide', found 'narrow'"));
    EXPECT_TRUE(failsWith(writer->append("wide", "0123456789abcdefg", 17),
                          "expected at most 16 more bytes, found 17"));
    ASSERT_TRUE(writer->append("wide", "0123456789abcdef", 16));
    ASSERT_TRUE(writer->append("narrow", "ab", 2));
    EXPECT_TRUE(failsWith(writer->commit(),
                          "expected 4 more bytes of tensor 'narrow'"));
    ASSERT_TRUE(writer->append("narrow", "cdef", 4));
    ASSERT_TRUE(writer->append("scalar", "\1", 1));
    EXPECT_TRUE(failsWith(writer->append("scalar", "\1", 1),
                          "expected no more tensors, found 'scalar'"));
  }
  EXPECT_EQ(folder.read("out"), "old");
  EXPECT_EQ(folder.count(), 1u);
}

TEST(SafetensorsWriter, MayReplaceItsOwnInput) {
  TemporaryFolder folder;
  std::string path = folder.write(
      "model", safetensors("{" + entry("w", "U8", "[4]", "[0,4]") + "}", 4));
  Result<Checkpoint> input = Checkpoint::open(path);
  ASSERT_TRUE(input);
  Result<SafetensorsWriter> writer = open(path, {{"v", ElementKind::U8, {4}}});
  ASSERT_TRUE(writer);
  const TensorView *view = input->find("w");
  ASSERT_TRUE(writer->append("v", view->data, view->bytes));
  ASSERT_TRUE(writer->commit());
  Result<Checkpoint> output = Checkpoint::open(path);
  ASSERT_TRUE(output);
  EXPECT_EQ(std::memcmp(output->find("v")->data, view->data, 4), 0);
}

TEST(SafetensorsWriter, RefusesBadOutputs) {
  TemporaryFolder folder;
  EXPECT_TRUE(failsWith(open(folder.path()), "found a directory"));
  EXPECT_TRUE(failsWith(open("/dev/full"), "found a device"));
  EXPECT_TRUE(failsWith(open("/proc/self/out"), "cannot create"));
}

TEST(SafetensorsWriter, FullDiskLeavesTheOldFile) {
  TemporaryFolder folder;
  folder.write("out", "old");
  {
    FullDisk full(10);
    EXPECT_TRUE(failsWith(open(folder.path("out")), "File too large"));
  }
  {
    FullDisk full(1000);
    Result<SafetensorsWriter> writer =
        open(folder.path("out"), {{"w", ElementKind::U8, {2000}}});
    ASSERT_TRUE(writer) << writer.message();
    std::string data(2000, 'x');
    EXPECT_TRUE(failsWith(writer->append("w", data.data(), data.size()),
                          "out: cannot write: File too large"));
    EXPECT_TRUE(failsWith(writer->commit(), "expected 2000 more bytes"));
  }
  EXPECT_EQ(folder.read("out"), "old");
  EXPECT_EQ(folder.count(), 1u);
}
