//===- Linker.cpp - The linker program ------------------------------------===//
//
// A process of its own: Debian's LLVM packages have no linker library in the
// set that this project needs.
//
//===----------------------------------------------------------------------===//

#include "Linker.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

#include <link.h>

using namespace llvm;

static constexpr StringRef kLinkers[] = {"ld.lld-22", "ld.lld", "ld"};
static constexpr StringRef kFolder = "/usr/lib/llvm-22/bin";

static Expected<std::string> findLinker() {
  for (StringRef name : kLinkers) {
    if (ErrorOr<std::string> found = sys::findProgramByName(name))
      return *found;
    if (ErrorOr<std::string> found = sys::findProgramByName(name, {kFolder}))
      return *found;
  }
  return createStringError("expected a linker (ld.lld-22, ld.lld or ld) on "
                           "PATH, found none");
}

Error mlir::sparsity::runLinker(const std::vector<std::string> &arguments,
                                const std::string &messages) {
  Expected<std::string> linker = findLinker();
  if (!linker)
    return linker.takeError();
  std::vector<StringRef> command = {*linker};
  command.insert(command.end(), arguments.begin(), arguments.end());
  std::string failure;
  std::optional<StringRef> redirects[] = {StringRef(), StringRef(messages),
                                          StringRef(messages)};
  int status =
      sys::ExecuteAndWait(*linker, command, std::nullopt, redirects,
                          /*SecondsToWait=*/0, /*MemoryLimit=*/0, &failure);
  if (status == 0)
    return Error::success();
  if (ErrorOr<std::unique_ptr<MemoryBuffer>> text =
          MemoryBuffer::getFile(messages);
      text && failure.empty())
    failure = (*text)->getBuffer().split('\n').first.str();
  return createStringError("cannot link the program: " + *linker + ": " +
                           failure);
}

std::vector<std::string> mlir::sparsity::systemLibraries() {
  std::vector<std::string> libraries;
  ::dl_iterate_phdr(
      [](struct dl_phdr_info *info, size_t, void *data) {
        StringRef name = sys::path::filename(info->dlpi_name);
        if (name == "libm.so.6" || name == "libc.so.6")
          static_cast<std::vector<std::string> *>(data)->push_back(
              info->dlpi_name);
        return 0;
      },
      &libraries);
  return libraries;
}
