//===- PackedFile.h - The file of packed weights --------------------------===//
//
// The storage buffers of all parameters of a compiled program, in a file beside
// it that is mapped when the program is loaded. Reader and writer; what the
// buffers mean is the business of their storage format.
//
//   0     +----------------------------------------------------------+
//         | "SPRSOPT1" | u32 version = 1 | u32 flags = 0 | 48 zeros  |
//   64    +----------------------------------------------------------+
//         | zeros                                                    |
//   4096  +----------------------------------------------------------+
//         | buffer | zeros to 64 | buffer | zeros to 64 | ...        |
//   H     +----------------------------------------------------------+
//         | header: JSON, L bytes, zeros to 64                       |
//   N-64  +----------------------------------------------------------+
//         | u64 H | u64 L | u64 xxh64 of the L bytes | u64 N         |
//         | 24 zeros | "1TPOSRPS"                                    |
//   N     +----------------------------------------------------------+
//
// Numbers are little endian. The header comes last, so that a writer needs one
// weight in memory at a time and never seeks, and a file that was cut off is
// known by its missing end. There are no holes: every byte is a buffer, the
// header, or a zero that is checked. The header:
//
//   {"program": "9f3c", "parameters": [
//     {"name": "fc1.weight", "shape": [64, 32], "dtype": "f32",
//      "format": "nm<2:4>", "hash": "xxh64:0123456789abcdef", "buffers": [
//        {"name": "values", "dtype": "f32", "count": 1024, "offset": 4096},
//        {"name": "indices", "dtype": "u8", "count": 256, "offset": 8192}]}]}
//
// A parameter's hash is taken over the bytes of its buffers, in order, without
// the zeros between them.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_CHECKPOINT_PACKEDFILE_H
#define SPARSE_OPT_CHECKPOINT_PACKEDFILE_H

#include "sparse-opt/Checkpoint/AtomicFile.h"
#include "sparse-opt/Checkpoint/MappedFile.h"
#include "sparse-opt/Checkpoint/Shape.h"
#include "sparse-opt/Format/StorageFormat.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mlir::sparsity::checkpoint {

/// The file beside a program that has its name with another ending: `path`
/// without ".so", and with `suffix` (".weights", ".h").
std::string besideProgram(const std::string &path, const char *suffix);

/// One storage buffer by its name; somebody else owns the memory.
struct PackedBuffer {
  std::string name;
  format::BufferView view = {nullptr, ElementKind::F32, 0};
};

/// One parameter. Its type is that of the weight before packing.
struct PackedParameter : TensorType {
  /// Spelling of the storage format, not interpreted here.
  std::string format;
  std::vector<PackedBuffer> buffers;
  /// "xxh64:..."; set by the reader, ignored by the writer.
  std::string hash = {};
};

struct PackedContents {
  /// Hexadecimal hash of the program that the weights belong to.
  std::string program;
  /// In the order of the file.
  std::vector<PackedParameter> parameters;
};

enum class PackedCheck {
  /// Everything, including the hash of each parameter: reads all data.
  Everything,
  /// All ranges and the header, but no data.
  Structure
};

/// Reads a whole file in memory; the buffers point into it.
Result<PackedContents>
parsePackedFile(const void *data, size_t size, std::string_view file,
                PackedCheck check = PackedCheck::Everything);

class PackedFile {
public:
  static Result<PackedFile> open(const std::string &path,
                                 PackedCheck check = PackedCheck::Everything);

  const std::string &program() const { return contents.program; }
  const std::vector<PackedParameter> &parameters() const {
    return contents.parameters;
  }
  /// Null when there is no such parameter.
  const PackedParameter *find(std::string_view name) const;

private:
  PackedFile(MappedFile file, PackedContents contents)
      : file(std::move(file)), contents(std::move(contents)) {}

  MappedFile file;
  PackedContents contents;
};

/// Writes one parameter after another; memory grows with the header only.
class PackedFileWriter {
public:
  /// `program` is the hexadecimal hash of the compiled program.
  static Result<PackedFileWriter> open(const std::string &path,
                                       std::string_view program);
  Status append(const PackedParameter &parameter);
  Status commit();

private:
  PackedFileWriter(AtomicFile file) : file(std::move(file)) {}
  Result<std::string> appendBuffers(const std::vector<PackedBuffer> &buffers,
                                    std::string &hash);

  AtomicFile file;
  /// The header so far.
  std::string header;
  std::set<std::string, std::less<>> names;
};

} // namespace mlir::sparsity::checkpoint

#endif // SPARSE_OPT_CHECKPOINT_PACKEDFILE_H
