//===- CheckpointTest.cpp - One file, several files -----------------------===//
//
// Tensors by name across shards, and indices that lie or lead elsewhere.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Checkpoint/Checkpoint.h"

#include "TestFiles.h"

#include <cstring>

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;

/// A file of one-byte tensors.
static std::string shard(const std::vector<std::string> &names) {
  std::string json = "{";
  for (size_t i = 0; i < names.size(); ++i)
    json += (i ? "," : "") +
            entry(names[i], "U8", "[1]",
                  "[" + std::to_string(i) + "," + std::to_string(i + 1) + "]");
  return safetensors(json + "}", names.size());
}

static std::string index(const std::string &weightMap) {
  return "{\"metadata\":{\"total_size\":4.0,\"x\":[null,{\"y\":-1}]},"
         "\"weight_map\":{" +
         weightMap + "}}";
}

namespace {
class ShardedCheckpoint : public testing::Test {
protected:
  void SetUp() override {
    folder.write("one.safetensors", shard({"b", "a"}));
    folder.write("two.safetensors", shard({"c"}));
  }
  Result<Checkpoint> open(const std::string &weightMap) {
    return Checkpoint::open(folder.write("index.json", index(weightMap)));
  }
  TemporaryFolder folder;
};
} // namespace

static const char kGood[] = "\"a\":\"one.safetensors\","
                            "\"c\":\"two.safetensors\","
                            "\"b\":\"one.safetensors\"";

TEST(Checkpoint, SingleFile) {
  TemporaryFolder folder;
  std::string path = folder.write("model.safetensors", shard({"z", "a"}));
  Result<Checkpoint> checkpoint = Checkpoint::open(path);
  ASSERT_TRUE(checkpoint) << checkpoint.message();
  ASSERT_EQ(checkpoint->tensors().size(), 2u);
  EXPECT_EQ(checkpoint->tensors()[0].name, "a");
  EXPECT_EQ(checkpoint->find("z")->bytes, 1u);
  EXPECT_EQ(checkpoint->find("y"), nullptr);
  EXPECT_EQ(checkpoint->find("zz"), nullptr);
}

TEST(Checkpoint, ErrorsNameTheFile) {
  TemporaryFolder folder;
  std::string path = folder.write("model.safetensors", "short");
  EXPECT_TRUE(failsWith(Checkpoint::open(path), path + ": expected a header"));
  EXPECT_TRUE(failsWith(Checkpoint::open(folder.path("none")), "cannot open"));
  EXPECT_TRUE(
      failsWith(Checkpoint::open(folder.path("x.json")), "cannot open"));
}

TEST(Checkpoint, UnalignedDataIsReadable) {
  TemporaryFolder folder;
  std::string path = folder.write(
      "model", safetensors("{" + entry("a", "U8", "[1]", "[0,1]") + "," +
                               entry("b", "F64", "[1]", "[1,9]") + "," +
                               entry("c", "F64", "[1]", "[9,17]") + "}",
                           17));
  Result<Checkpoint> checkpoint = Checkpoint::open(path);
  ASSERT_TRUE(checkpoint) << checkpoint.message();
  const TensorView *view = checkpoint->find("b");
  double value;
  std::memcpy(&value, view->data, sizeof(value));
  EXPECT_GT(value, 0);
}

TEST(Checkpoint, BooleansOfMasks) {
  const std::byte bytes[] = {std::byte(0), std::byte(1), std::byte(2)};
  TensorView mask;
  mask.name = "m";
  mask.data = bytes;
  mask.bytes = 2;
  EXPECT_TRUE(checkBooleans(mask));
  mask.bytes = 3;
  EXPECT_TRUE(failsWith(checkBooleans(mask), "tensor 'm': expected booleans 0 "
                                             "or 1, found 2 at element 2"));
}

TEST_F(ShardedCheckpoint, TensorsByName) {
  Result<Checkpoint> checkpoint = open(kGood);
  ASSERT_TRUE(checkpoint) << checkpoint.message();
  EXPECT_EQ(checkpoint->tensors().size(), 3u);
  EXPECT_EQ(checkpoint->shards().size(), 2u);
  for (const char *name : {"a", "b", "c"})
    ASSERT_TRUE(checkpoint->find(name)) << name;
  EXPECT_EQ(checkpoint->find("c")->shard, 1u);
}

TEST_F(ShardedCheckpoint, RelativeIndexPath) {
  folder.write("index.json", index(kGood));
  std::filesystem::path old = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  EXPECT_TRUE(Checkpoint::open("index.json"));
  std::filesystem::current_path(old);
}

TEST_F(ShardedCheckpoint, RefusesNamesThatArePaths) {
  for (const char *name : {"../one.safetensors", "/etc/passwd", "a/b", "a\\\\b",
                           "", ".", "..", "x\\u0000y"})
    EXPECT_TRUE(failsWith(open("\"a\":\"" + std::string(name) + "\""),
                          "tensor 'a': expected a plain file name, found '"));
}

TEST_F(ShardedCheckpoint, RefusesLinks) {
  std::filesystem::create_symlink("/etc/passwd", folder.path("out"));
  std::filesystem::create_symlink("loop", folder.path("loop"));
  EXPECT_TRUE(failsWith(open("\"a\":\"out\""), "found a symbolic link"));
  EXPECT_TRUE(failsWith(open("\"a\":\"loop\""), "found a symbolic link"));
}

TEST_F(ShardedCheckpoint, RefusesMissingAndBrokenShards) {
  EXPECT_TRUE(failsWith(open("\"a\":\"none.safetensors\""),
                        "none.safetensors: cannot open: No such file"));
  folder.write("bad", "short");
  EXPECT_TRUE(failsWith(open("\"a\":\"bad\""), "bad: expected a header"));
  std::filesystem::create_directory(folder.path("folder"));
  EXPECT_TRUE(failsWith(open("\"a\":\"folder\""), "found a directory"));
}

TEST_F(ShardedCheckpoint, RefusesAnIndexThatIsWrong) {
  std::string good = kGood;
  EXPECT_TRUE(
      failsWith(open(good + ",\"d\":\"two.safetensors\""),
                "expected tensor 'd' in 'two.safetensors', found none"));
  EXPECT_TRUE(failsWith(open("\"a\":\"two.safetensors\","
                             "\"b\":\"one.safetensors\","
                             "\"c\":\"two.safetensors\""),
                        "in 'two.safetensors', found it in 'one.safetensors'"));
  EXPECT_TRUE(failsWith(open("\"a\":\"one.safetensors\""),
                        "expected every tensor in weight_map, found 'b' only "
                        "in 'one.safetensors'"));
}

TEST_F(ShardedCheckpoint, RefusesATensorInTwoShards) {
  folder.write("three", shard({"a"}));
  EXPECT_TRUE(failsWith(open(std::string(kGood) + ",\"d\":\"three\""),
                        "expected each tensor in one file, found 'a' also in"));
}

TEST_F(ShardedCheckpoint, RefusesOneFileUnderTwoNames) {
  std::filesystem::create_hard_link(folder.path("two.safetensors"),
                                    folder.path("twin"));
  EXPECT_TRUE(failsWith(open(std::string(kGood) + ",\"d\":\"twin\""),
                        "expected each file once"));
}

TEST(ShardIndex, RefusesOtherJson) {
  auto parse = [](const std::string &json) {
    return parseShardIndex(json.data(), json.size(), "index.json");
  };
  EXPECT_TRUE(parse("{\"weight_map\":{}}"));
  EXPECT_TRUE(failsWith(parse(""), "index.json: at byte 0: expected '{'"));
  EXPECT_TRUE(failsWith(parse("{}"), "a field 'weight_map', found none"));
  EXPECT_TRUE(failsWith(parse("{\"weight_map\":{\"a\":1}}"),
                        "in 'weight_map'.'a': expected a string, found 1"));
  EXPECT_TRUE(failsWith(parse("{\"weight_map\":{\"a\":\"x\",\"a\":\"y\"}}"),
                        "expected each name once, found 'a' twice"));
  EXPECT_TRUE(
      failsWith(parse("{\"weight_map\":{},\"shards\":[]}"), "found 'shards'"));
  EXPECT_TRUE(failsWith(parse("{\"metadata\":" + std::string(100000, '[')),
                        "expected at most 8 nested levels"));
  EXPECT_TRUE(failsWith(parse("{" + std::string(100'000'000, ' ')),
                        "expected at most 100000000 bytes of JSON"));
}
