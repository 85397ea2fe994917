//===- LoadTest.cpp - Programs and weights from files ---------------------===//
//
// Saving and loading, files that do not belong together, broken programs.
//
//===----------------------------------------------------------------------===//

#include "TestProgram.h"

#include "sparse-opt/Checkpoint/PackedFile.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <sys/stat.h>

using namespace mlir::sparsity;
using format::Result;

static ProgramHandle load(const std::string &path) {
  SparseOptProgram *program = nullptr;
  if (sparse_opt_load(path.c_str(), &program) != SPARSE_OPT_OK) {
    EXPECT_EQ(program, nullptr);
  }
  return ProgramHandle(program);
}

static float firstOfAdd(SparseOptProgram *program) {
  float x[] = {0, 0, 0};
  SparseOptTensor input = makeTensor(x, SPARSE_OPT_F32, {1, 3}), y;
  if (sparse_opt_call(program, 0, &input, 1, &y, 1, 0) != SPARSE_OPT_OK)
    return -1;
  float first = static_cast<float *>(y.data)[0];
  sparse_opt_release(&y);
  return first;
}

static std::string contents(const std::string &path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

static std::string replaced(std::string text, const std::string &from,
                            const std::string &to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST(Load, SavedProgramsAreThemselves) {
  StandardProgram program;
  // The file that was loaded may go.
  std::filesystem::remove(program.folder.file("p.so"));
  std::string path = program.folder.file("saved.so");
  ASSERT_EQ(sparse_opt_save(program.get(), path.c_str()), 0) << lastError();
  ProgramHandle loaded = load(path);
  ASSERT_NE(loaded, nullptr) << lastError();
  EXPECT_EQ(firstOfAdd(loaded.get()), 1);
  EXPECT_STREQ(sparse_opt_report(loaded.get()), "{\"a\":[1]}");
  EXPECT_EQ(sparse_opt_find_function(loaded.get(), "flags"), 4);
  EXPECT_NE(contents(program.folder.file("saved.h")).find("SAVED_ADD_INPUTS 1"),
            std::string::npos);
}

TEST(Load, SavingKeepsNewWeights) {
  StandardProgram program;
  const char *name = "bias";
  float bias[] = {9, 9, 9};
  SparseOptTensor value = makeTensor(bias, SPARSE_OPT_F32, {3});
  ASSERT_EQ(sparse_opt_set_parameters(program.get(), &name, &value, 1), 0);
  std::string path = program.folder.file("saved.so");
  ASSERT_EQ(sparse_opt_save(program.get(), path.c_str()), 0) << lastError();
  ProgramHandle loaded = load(path);
  ASSERT_NE(loaded, nullptr) << lastError();
  EXPECT_EQ(firstOfAdd(loaded.get()), 9);
}

TEST(Load, AReplacedFileIsANewProgram) {
  TestFolder folder;
  std::string path = folder.file("p.so");
  std::string metadata = R"({"version": 3, "program": "1",
    "variants": [{"target": "x86-64", "suffix": "", "instruction_sets": []}],
    "parameters": [],
    "functions": [], "report": "old"})";
  ASSERT_TRUE(buildProgram(path, metadata, ""));
  ProgramHandle old = load(path);
  ASSERT_NE(old, nullptr) << lastError();
  std::filesystem::remove(path);
  ASSERT_TRUE(buildProgram(path, replaced(metadata, "old", "new"), ""));
  ProgramHandle next = load(path);
  ASSERT_NE(next, nullptr) << lastError();
  EXPECT_STREQ(sparse_opt_report(old.get()), "\"old\"");
  EXPECT_STREQ(sparse_opt_report(next.get()), "\"new\"");
}

TEST(Load, UnwritableOutputsChangeNothing) {
  StandardProgram program;
  std::filesystem::create_directory(program.folder.file("q.weights"));
  std::ofstream(program.folder.file("q.so")) << "old";
  EXPECT_EQ(sparse_opt_save(program.get(), program.folder.file("q.so").c_str()),
            SPARSE_OPT_FILE_ERROR);
  EXPECT_EQ(contents(program.folder.file("q.so")), "old");
  EXPECT_FALSE(std::filesystem::exists(program.folder.file("q.h")));
  EXPECT_EQ(
      sparse_opt_save(program.get(), program.folder.file("none/q.so").c_str()),
      SPARSE_OPT_FILE_ERROR);
}

TEST(Load, WeightsOfAnotherProgramAreRefused) {
  StandardProgram program;
  std::string path = program.folder.file("a.so");
  ASSERT_EQ(sparse_opt_save(program.get(), path.c_str()), 0);
  std::filesystem::remove(path);
  ASSERT_TRUE(
      buildProgram(path, replaced(standardMetadata(), "0123456789abcdef", "ff"),
                   standardCode()));
  EXPECT_EQ(load(path), nullptr);
  EXPECT_NE(lastError().find("expected weights of program ff, found those of "
                             "'0123456789abcdef'"),
            std::string::npos)
      << lastError();
  std::filesystem::remove(program.folder.file("a.weights"));
  EXPECT_EQ(load(path), nullptr);
  EXPECT_NE(lastError().find("a.weights"), std::string::npos);
}

TEST(Load, PackedBuffersAreValidated) {
  StandardProgram program;
  std::string path = program.folder.file("a.so");
  ASSERT_EQ(sparse_opt_save(program.get(), path.c_str()), 0);
  Result<checkpoint::PackedFileWriter> writer =
      checkpoint::PackedFileWriter::open(program.folder.file("a.weights"),
                                         "0123456789abcdef");
  ASSERT_TRUE(writer);
  // Both slots of every lane at position 3: not ascending.
  uint32_t codes[] = {~0u, ~0u};
  checkpoint::PackedParameter bias, w;
  bias.name = "bias", bias.shape = {3};
  bias.buffers = {{"elements", {program.bias, format::ElementKind::F32, 3}}};
  w.name = "w", w.shape = {16, 4}, w.format = "#sparsity.nm_format<2:4>";
  w.buffers = {{"values", {program.values, format::ElementKind::F32, 32}},
               {"codes", {codes, format::ElementKind::U32, 2}}};
  ASSERT_TRUE(writer->append(bias));
  ASSERT_TRUE(writer->append(w));
  ASSERT_TRUE(writer->commit());
  EXPECT_EQ(load(path), nullptr);
  EXPECT_NE(lastError().find("a.weights': parameter 'w': "), std::string::npos)
      << lastError();
}

TEST(Load, BuffersInMemoryAreCounted) {
  StandardProgram program;
  std::string path = program.folder.file("p.so");
  SparseOptBuffer buffers[] = {
      {program.bias, 12}, {program.values, 124}, {program.codes, 8}};
  SparseOptProgram *other = nullptr;
  EXPECT_EQ(sparse_opt_load_with_buffers(path.c_str(), buffers, 2, &other),
            SPARSE_OPT_VALUE_ERROR);
  EXPECT_EQ(lastError(), "parameter 'w': expected 32 elements in 'values', "
                         "found 124 bytes");
  buffers[1].bytes = 128;
  EXPECT_EQ(sparse_opt_load_with_buffers(path.c_str(), buffers, 2, &other),
            SPARSE_OPT_VALUE_ERROR);
  EXPECT_EQ(lastError(), "expected more than 2 parameter buffers");
  EXPECT_EQ(other, nullptr);
}

TEST(Load, BrokenProgramsAreRefused) {
  TestFolder folder;
  std::string path = folder.file("p.so");
  const std::string good = R"({"version": 3, "program": "1",
    "variants": [{"target": "x86-64", "suffix": "", "instruction_sets": []}],
    "parameters": [
    {"name": "w", "dtype": "f32", "shape": [2], "format": "",
     "transposed": false, "buffers": [{"dtype": "f32", "shape": [2]}]}],
    "functions": [{"name": "f", "symbol": "g", "inputs": [], "results": [],
                   "parameters": [[0, 0]]}]})";
  const struct {
    std::string from, to, message;
  } edits[] = {
      {"{\"version\": 3", "[{\"version\": 3", "its metadata is no JSON object"},
      {"\"version\": 3", "\"version\": 1",
       "expected a program of format version 3, found 1"},
      {"\"version\": 3", "\"edition\": 1",
       "expected a program of format version 3, found none"},
      {"\"program\": \"1\"", "\"program\": 1", ""},
      {"\"variants\"", "\"targets\"", ""},
      {"[{\"target\": \"x86-64\", \"suffix\": \"\", "
       "\"instruction_sets\": []}]",
       "[]", ""},
      {"\"instruction_sets\": []", "\"instruction_sets\": [1]", ""},
      {"\"suffix\": \"\"", "\"suffix\": \"_1\"", ""},
      {"\"version\": 3", "\"version\": 3, \"operations\": -1", ""},
      {"\"inputs\": []",
       "\"inputs\": [{\"name\": \"x\", \"dtype\": \"f32\", \"shape\": [2], "
       "\"updated\": 1}]",
       "expected boolean as 'updated'"},
      {"[[0, 0]]", "[[0, 1]]", ""},
      {"[[0, 0]]", "[[-1, 0]]", ""},
      {"\"dtype\": \"f32\"", "\"dtype\": \"complex<f32>\"", ""},
      {"\"shape\": [2]", "\"shape\": [-5]", ""},
      {"\"format\": \"\"", "\"format\": \"#sparsity.zip_format<3>\"",
       "expected a storage format, found '#sparsity.zip_format<3>'"},
      {"\"symbol\": \"g\"", "\"symbol\": \"malloc\"", ""}};
  for (const auto &edit : edits) {
    ASSERT_TRUE(buildProgram(path, replaced(good, edit.from, edit.to),
                             "void g(void **args) {}\n"));
    EXPECT_EQ(load(path), nullptr) << edit.to;
    EXPECT_NE(lastError().find("p.so': "), std::string::npos) << lastError();
    EXPECT_NE(lastError().find(edit.message), std::string::npos) << lastError();
    std::filesystem::remove(path);
  }
}

TEST(Load, OtherFilesAreRefused) {
  TestFolder folder;
  EXPECT_EQ(load(folder.file("none.so")), nullptr);
  EXPECT_NE(lastError().find("cannot open"), std::string::npos);
  EXPECT_EQ(load(folder.path), nullptr);
  std::ofstream(folder.file("text.so")) << "text";
  EXPECT_EQ(load(folder.file("text.so")), nullptr);
  EXPECT_NE(lastError().find("cannot load"), std::string::npos);
  // Nobody writes to it: opening must not wait.
  ASSERT_EQ(::mkfifo(folder.file("pipe.so").c_str(), 0600), 0);
  EXPECT_EQ(load(folder.file("pipe.so")), nullptr);
  EXPECT_NE(lastError().find("expected a regular file"), std::string::npos);
}
