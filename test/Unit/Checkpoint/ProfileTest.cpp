//===- ProfileTest.cpp - Statistics in a file, and what is refused --------===//
//
// Profiles as the runtime writes them, and changed ones.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Checkpoint/Profile.h"
#include "TestFiles.h"
#include "sparse-opt/Checkpoint/Safetensors.h"

#include <limits>

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;

static const std::string kOf =
    R"({"parameter": "w", "dtype": "f32", "shape": [2, 3], "axis": 1, "hash": "xxh64:1"})";
static const std::string kOther =
    R"({"parameter": "v", "dtype": "bf16", "shape": [3, 7], "axis": 0, "hash": "xxh64:2"})";

static std::string statistic(const std::string &kind, const std::string &of) {
  return R"({"tensor": "w.)" + kind + R"(", "kind": ")" + kind +
         R"(", "of": [)" + of + "]}";
}
static std::string profile(const std::string &statistics) {
  return R"({"version": 1, "statistics": [)" + statistics + "]}";
}

namespace {
class ProfileFile : public testing::Test {
protected:
  /// A file with tensors of 3 inputs and this profile.
  Result<Profile> open(const std::string &text, double first = 4) {
    std::vector<double> squares = {first, 0, 9};
    std::vector<float> gram(9, 2), small(4);
    int64_t rows = 5;
    auto writer =
        SafetensorsWriter::open(folder.path("p"),
                                {{"w.rows", ElementKind::I64, {1}},
                                 {"w.squares", ElementKind::F64, {3}},
                                 {"w.gram", ElementKind::F32, {3, 3}},
                                 {"w.small", ElementKind::F32, {2, 2}}},
                                {{kProfileKey, text}});
    EXPECT_TRUE(writer->append("w.rows", &rows, 8));
    EXPECT_TRUE(writer->append("w.squares", squares.data(), 24));
    EXPECT_TRUE(writer->append("w.gram", gram.data(), 36));
    EXPECT_TRUE(writer->append("w.small", small.data(), 16));
    EXPECT_TRUE(writer->commit());
    return Profile::open(folder.path("p"));
  }

  TemporaryFolder folder;
};
} // namespace

TEST_F(ProfileFile, StatisticsOfSeveralParameters) {
  std::string both = kOf + "," + kOther;
  Result<Profile> opened =
      open(profile(statistic("rows", both) + "," + statistic("gram", both) +
                   "," + statistic("squares", kOther)));
  ASSERT_TRUE(opened) << opened.message();
  ASSERT_EQ(opened->statistics().size(), 3u);
  const ProfileStatistic *gram = opened->find("v", "gram");
  ASSERT_TRUE(gram);
  EXPECT_EQ(gram, opened->find("w", "gram"));
  EXPECT_EQ(gram->tensor.shape, (std::vector<int64_t>{3, 3}));
  EXPECT_FALSE(opened->find("w", "squares"));
  EXPECT_FALSE(opened->find("u", "gram"));
  const ObservedParameter *v = opened->findParameter("v");
  ASSERT_TRUE(v);
  EXPECT_EQ(v->kind, ElementKind::BF16);
  EXPECT_EQ(v->shape, (std::vector<int64_t>{3, 7}));
  EXPECT_EQ(v->axis, 0);
  EXPECT_EQ(v->hash, "xxh64:2");
  EXPECT_FALSE(opened->findParameter("u"));
}

TEST_F(ProfileFile, NoStatistics) { EXPECT_TRUE(open(profile(""))); }

TEST_F(ProfileFile, NumbersOnly) {
  std::string text = profile(statistic("squares", kOf));
  EXPECT_TRUE(open(text));
  EXPECT_TRUE(failsWith(
      open(text, std::numeric_limits<double>::quiet_NaN()),
      "expected finite numbers in tensor 'w.squares', found another at index "
      "0"));
  EXPECT_TRUE(failsWith(open(text, std::numeric_limits<double>::infinity()),
                        "found another at index 0"));
}

TEST_F(ProfileFile, NoProfile) {
  folder.write("plain",
               safetensors("{" + entry("w", "U8", "[1]", "[0,1]") + "}", 1));
  EXPECT_TRUE(failsWith(Profile::open(folder.path("plain")),
                        "expected a profile (metadata 'sparse_opt_profile')"));
  EXPECT_TRUE(failsWith(Profile::open(folder.path("none")), "cannot open"));
}

static std::string replaced(std::string text, const std::string &from,
                            const std::string &to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST_F(ProfileFile, WhatIsRefused) {
  const std::string good = statistic("squares", kOf);
  const std::pair<std::string, std::string> cases[] = {
      {"", "sparse_opt_profile"},
      {"[]", "expected"},
      {R"({"version": 1})", "statistics"},
      {R"({"version": 2, "statistics": []})",
       "expected profile version 1, found 2"},
      {profile(statistic("squares", "")),
       "expected parameters of 'w.squares', found none"},
      {profile(good + "," + good),
       "expected 'squares' of 'w' once, found it twice"},
      {profile(statistic("squares", kOf + "," + kOf)), "found it twice"},
      {profile(statistic("missing", kOf)),
       "expected a tensor 'w.missing', found none"},
      {profile(statistic("small", kOf)),
       "expected tensor 'w.small' to be 'small' of 3 inputs of 'w', found f32"},
      {profile(replaced(good, "\"axis\": 1", "\"axis\": 0")),
       "of 2 inputs of 'w', found f64"},
      {profile(replaced(good, "\"axis\": 1", "\"axis\": 2")),
       "expected axis 0 or 1, found 2"},
      {profile(replaced(good, "[2, 3]", "[2, 3, 1]")), "shape"},
      {profile(replaced(good, "[2, 3]", "[2, -3]")), "expected"},
      {profile(replaced(good, "[2, 3]", "[9223372036854775807, 3]")),
       "expected"},
      {profile(replaced(good, "f32", "i64")),
       "expected the dtype of a weight such as 'f32', found 'i64'"},
      {profile(replaced(good, "w.squares", "w.gram")),
       "expected tensor 'w.gram' to be 'squares' of 3 inputs of 'w', found "
       "f32"},
      {profile(statistic("rows", kOf) + "," +
               replaced(good, "xxh64:1", "xxh64:2")),
       "expected one type, axis and hash of 'w', found others in 'squares'"},
      {profile(statistic("rows", kOf) + "," +
               replaced(good, "[2, 3]", "[9, 3]")),
       "expected one type, axis and hash of 'w', found others in 'squares'"},
      {profile(replaced(good, "\"hash\"", "\"hush\"")), "hush"},
      {profile(replaced(good, "\"xxh64:1\"", "1")), "hash"},
  };
  for (const auto &[text, message] : cases)
    EXPECT_TRUE(failsWith(open(text), message)) << text;
}
