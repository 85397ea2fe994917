//===- Save.cpp - A loaded program back to files --------------------------===//
//
// The library is copied from the open file, which may have lost its name.
//
//===----------------------------------------------------------------------===//

#include "CHeader.h"
#include "Program.h"
#include "WeightsFile.h"

#include "sparse-opt/Checkpoint/AtomicFile.h"
#include "sparse-opt/Checkpoint/PackedFile.h"

#include <cerrno>
#include <cstring>
#include <unistd.h>

using namespace mlir::sparsity;
using namespace mlir::sparsity::runtime;
using checkpoint::AtomicFile;
using checkpoint::besideProgram;
using format::Status;

static constexpr size_t kChunk = size_t(1) << 16;

static Status copyFile(int descriptor, AtomicFile &file) {
  if (descriptor < 0)
    return makeError("cannot read the loaded program: this process has closed "
                     "its file; save it before that");
  std::vector<char> chunk(kChunk);
  for (off_t offset = 0;;) {
    ssize_t count = ::pread(descriptor, chunk.data(), kChunk, offset);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return makeError("cannot read the loaded program: ",
                       std::strerror(errno));
    if (count == 0)
      return {};
    if (Status status = file.write(chunk.data(), count); !status)
      return status;
    offset += count;
  }
}

Outcome Program::save(const std::string &path) const {
  auto error = [](const Status &status) {
    return Outcome(SPARSE_OPT_FILE_ERROR, status.error());
  };
  std::string headerPath = besideProgram(path, ".h");
  std::string weightsPath = besideProgram(path, ".weights");
  Result<AtomicFile> library = AtomicFile::open(path);
  if (!library)
    return {SPARSE_OPT_FILE_ERROR, library.error()};
  Result<AtomicFile> header = AtomicFile::open(headerPath);
  if (!header)
    return {SPARSE_OPT_FILE_ERROR, header.error()};
  if (Status status = copyFile(object->descriptor(), *library); !status)
    return error(status);
  if (Status status = header->write(headerText(info, headerPath)); !status)
    return error(status);
  // The library takes its name last: with it the three belong together.
  if (!layouts.empty())
    if (Status status = writeWeights(info, layouts, *parameters(), weightsPath);
        !status)
      return error(status);
  if (Status status = header->commit(); !status)
    return error(status);
  if (Status status = library->commit(); !status)
    return error(status);
  return {};
}
