//===- TestFiles.h - Files that the checkpoint tests make -----------------===//
//
// A temporary folder, a full disk, hand-made safetensors files and a check of
// messages. For tests only.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_TEST_UNIT_CHECKPOINT_TESTFILES_H
#define SPARSE_OPT_TEST_UNIT_CHECKPOINT_TESTFILES_H

#include "sparse-opt/Format/Result.h"

#include "gtest/gtest.h"

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/resource.h>
#include <vector>

namespace mlir::sparsity::checkpoint {

/// A fresh folder that goes away with its content.
class TemporaryFolder {
public:
  TemporaryFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "sparse-opt-XXXXXX").string();
    root = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(root); }

  std::string path(const std::string &name = "") const {
    return name.empty() ? root : root + "/" + name;
  }
  std::string write(const std::string &name, const std::string &bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }
  std::string read(const std::string &name) const {
    std::ifstream stream(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  size_t count() const {
    return static_cast<size_t>(
        std::distance(std::filesystem::directory_iterator(root),
                      std::filesystem::directory_iterator()));
  }

private:
  std::string root;
};

/// While it lives, no file grows above `bytes`: stands for a full disk.
class FullDisk {
public:
  explicit FullDisk(rlim_t bytes) : handler(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &old);
    struct rlimit limit = old;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &old);
    std::signal(SIGXFSZ, handler);
  }

private:
  struct rlimit old;
  void (*handler)(int);
};

template <typename T>
std::string littleEndian(T value) {
  std::string bytes;
  for (size_t i = 0; i < sizeof(T); ++i)
    bytes += static_cast<char>(value >> (8 * i) & 0xFF);
  return bytes;
}

/// A safetensors file with this header and `dataSize` bytes of data.
inline std::string safetensors(const std::string &json, size_t dataSize = 0) {
  return littleEndian<uint64_t>(json.size()) + json +
         std::string(dataSize, '\1');
}

/// One entry of a header.
inline std::string entry(const std::string &name, const std::string &dtype,
                         const std::string &shape, const std::string &offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape +
         ",\"data_offsets\":" + offsets + "}";
}

/// Fails unless `result` is an error, on one line of printable text, that
/// contains `part`.
template <typename R>
testing::AssertionResult failsWith(const R &result, const std::string &part) {
  if (result)
    return testing::AssertionFailure() << "succeeded instead of: " << part;
  const std::string &message = result.message();
  for (char character : message)
    if (static_cast<unsigned char>(character) < 0x20)
      return testing::AssertionFailure() << "raw control character in message";
  if (message.empty() || message.back() == '.')
    return testing::AssertionFailure() << "final period in: " << message;
  if (message.find(part) == std::string::npos)
    return testing::AssertionFailure()
           << "expected '" << part << "' in: " << message;
  return testing::AssertionSuccess();
}

/// A file that must be refused, and a part of the message.
struct HostileFile {
  const char *name;
  std::string bytes;
  std::string message;
};

inline std::string
hostileName(const testing::TestParamInfo<HostileFile> &info) {
  return info.param.name;
}

inline void PrintTo(const HostileFile &file, std::ostream *out) {
  *out << file.name;
}

} // namespace mlir::sparsity::checkpoint

#endif // SPARSE_OPT_TEST_UNIT_CHECKPOINT_TESTFILES_H
