//===- Link.cpp - From a compiled program to a shared library -------------===//
//
// The inputs of the linker, made in a temporary folder, and its command line:
//
//   program.o     the compiled program
//   metadata.o    the string sparse_opt_metadata
//   exports.map   version script: everything but the entries is local
//   stub          an empty library with the soname of the runtime, so that a
//                 program can be linked where it is not installed
//
// libm and libc are those of this process: their symbol versions count.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Pipelines/Link.h"

#include "Linker.h"

#include "llvm/BinaryFormat/ELF.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/InterfaceStub/ELFObjHandler.h"
#include "llvm/InterfaceStub/IFSStub.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace mlir;
using namespace mlir::sparsity;

static constexpr StringRef kTriple = "x86_64-unknown-linux-gnu";
/// Needed by every program, and in the process when it loads one.
static constexpr StringRef kRuntime = "libsparse_opt_runtime.so";

static llvm::Error fileError(StringRef action, StringRef path,
                             std::error_code code) {
  return llvm::createStringError(code, "cannot " + action + " '" + path +
                                           "': " + code.message());
}

static llvm::Error writeFile(const Twine &path, StringRef bytes) {
  std::error_code code;
  std::string name = path.str();
  llvm::raw_fd_ostream stream(name, code);
  if (!code) {
    stream << bytes;
    stream.close();
    code = stream.error();
    stream.clear_error();
  }
  return code ? fileError("write", name, code) : llvm::Error::success();
}

/// An object file with the exported string `sparse_opt_metadata`, and a call
/// that makes the runtime find OpenMP when the program is loaded.
static llvm::Error writeMetadataObject(const std::string &path,
                                       StringRef metadata) {
  llvm::LLVMContext context;
  llvm::Module module("metadata", context);
  llvm::Triple triple(kTriple);
  module.setTargetTriple(triple);
  llvm::Constant *text =
      llvm::ConstantDataArray::getString(context, metadata, /*AddNull=*/true);
  new llvm::GlobalVariable(module, text->getType(), /*isConstant=*/true,
                           llvm::GlobalValue::ExternalLinkage, text,
                           "sparse_opt_metadata");
  auto *find = llvm::Function::Create(
      llvm::FunctionType::get(llvm::Type::getVoidTy(context), false),
      llvm::GlobalValue::ExternalLinkage, "sparse_opt_find_openmp", module);
  llvm::appendToGlobalCtors(module, find, /*Priority=*/0);
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  std::string message;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return llvm::createStringError(message);
  llvm::TargetOptions options;
  options.UseInitArray = true;
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      triple, "x86-64", "", options, llvm::Reloc::PIC_));
  module.setDataLayout(machine->createDataLayout());
  std::error_code code;
  llvm::raw_fd_ostream stream(path, code);
  llvm::legacy::PassManager passes;
  if (code || machine->addPassesToEmitFile(passes, stream, nullptr,
                                           llvm::CodeGenFileType::ObjectFile))
    return fileError("write", path, code);
  passes.run(module);
  return llvm::Error::success();
}

/// An empty shared library that is called `soname`.
static llvm::Error writeStub(const std::string &path, StringRef soname) {
  llvm::ifs::IFSStub stub;
  stub.IfsVersion = llvm::VersionTuple(3, 0);
  stub.SoName = soname.str();
  stub.Target.Arch = llvm::ELF::EM_X86_64;
  stub.Target.BitWidth = llvm::ifs::IFSBitWidthType::IFS64;
  stub.Target.Endianness = llvm::ifs::IFSEndiannessType::Little;
  return llvm::ifs::writeBinaryStub(path, stub);
}

static std::string exportMap(const CompiledProgram &program) {
  std::string text = "{ global: sparse_opt_metadata;";
  for (const FunctionInfo &function : program.functions)
    for (const ProgramVariant &variant : program.variants)
      text += " \"" + function.symbol + variant.suffix + "\";";
  return text + " local: *; };\n";
}

/// Fills `folder` and links in it.
static llvm::Error linkIn(StringRef folder, const CompiledProgram &program,
                          const std::string &output) {
  auto in = [folder](const Twine &name) { return (folder + "/" + name).str(); };
  std::vector<std::string> arguments = {"-shared",
                                        "-o",
                                        output,
                                        "-soname",
                                        "sparse_opt_program.so",
                                        "--version-script",
                                        in("exports.map"),
                                        "-Bsymbolic",
                                        "--gc-sections",
                                        "--hash-style=gnu",
                                        "-znow",
                                        "-znoexecstack",
                                        in("metadata.o"),
                                        "--no-as-needed"};
  for (const ProgramVariant &variant : program.variants) {
    arguments.push_back(in("program" + variant.suffix + ".o"));
    if (llvm::Error error = writeFile(arguments.back(), variant.object))
      return error;
  }
  if (llvm::Error error = writeFile(in("exports.map"), exportMap(program)))
    return error;
  if (llvm::Error error =
          writeMetadataObject(in("metadata.o"), writeMetadata(program)))
    return error;
  arguments.push_back(in(kRuntime));
  if (llvm::Error error = writeStub(in(kRuntime), kRuntime))
    return error;
  for (const std::string &library : systemLibraries())
    arguments.push_back(library);
  return runLinker(arguments, in("messages"));
}

llvm::Error mlir::sparsity::linkSharedLibrary(const CompiledProgram &program,
                                              StringRef path) {
  SmallString<128> folder;
  if (std::error_code code =
          llvm::sys::fs::createUniqueDirectory("sparse-opt-link", folder))
    return fileError("create a folder for", path, code);
  // Beside the output, so that it can be renamed.
  SmallString<128> output;
  llvm::Error error = llvm::Error::success();
  if (std::error_code code =
          llvm::sys::fs::createUniqueFile(path + ".%%%%%%.tmp", output))
    error = llvm::joinErrors(std::move(error), fileError("create", path, code));
  else
    error = llvm::joinErrors(std::move(error),
                             linkIn(folder, program, std::string(output)));
  if (!error)
    if (std::error_code code = llvm::sys::fs::rename(output, path))
      error =
          llvm::joinErrors(std::move(error), fileError("replace", path, code));
  if (error && !output.empty())
    llvm::sys::fs::remove(output);
  llvm::sys::fs::remove_directories(folder);
  return error;
}
