//===- EmitObject.cpp - LLVM dialect to machine code ----------------------===//
//
// Runs LLVM's -O3 pipeline and code generator for a described machine.
//
//===----------------------------------------------------------------------===//

#include "EmitObject.h"

#include "mlir/ExecutionEngine/OptUtils.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace mlir::sparsity;

static std::unique_ptr<llvm::TargetMachine>
createMachine(const TargetDescription &target, std::string &error) {
  static const bool initialized = [] {
    llvm::InitializeAllTargetInfos();
    llvm::InitializeAllTargets();
    llvm::InitializeAllTargetMCs();
    llvm::InitializeAllAsmPrinters();
    return true;
  }();
  (void)initialized;
  llvm::Triple triple(target.triple);
  const llvm::Target *backend =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!backend)
    return nullptr;
  return std::unique_ptr<llvm::TargetMachine>(backend->createTargetMachine(
      triple, target.cpu, target.features, llvm::TargetOptions(),
      llvm::Reloc::PIC_, std::nullopt, llvm::CodeGenOptLevel::Aggressive));
}

/// Without an own width LLVM would split 512-bit vectors on some CPUs. Unless
/// the stack is realigned, spilled vectors lie across cache lines, since LLVM
/// reserves no frame pointer for what register allocation finds out.
static void setAttributes(llvm::Module &module,
                          const TargetDescription &target) {
  std::string width = std::to_string(target.vectorBits);
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("prefer-vector-width", width);
    function.addFnAttr("min-legal-vector-width", width);
    function.addFnAttr("stackrealign");
    function.addFnAttr("target-cpu", target.cpu);
    if (!target.features.empty())
      function.addFnAttr("target-features", target.features);
  }
}

/// The functions of OpenMP whose addresses the runtime has in variables that
/// are named after them (Runtime/OpenMPFunctions.def).
static constexpr StringRef kOpenMP[] = {
    "__kmpc_fork_call", "__kmpc_global_thread_num", "__kmpc_bound_thread_num",
    "__kmpc_bound_num_threads", "omp_get_max_threads"};

/// Calls OpenMP through addresses that the runtime has, so that programs need
/// no library of a certain name. Returns the name of a function that the
/// runtime does not know, or an empty one.
static std::string callThroughRuntime(llvm::Module &module) {
  llvm::Type *pointer = llvm::PointerType::getUnqual(module.getContext());
  for (llvm::Function &function : llvm::make_early_inc_range(module)) {
    StringRef name = function.getName();
    if (!function.isDeclaration())
      continue;
    if (!llvm::is_contained(kOpenMP, name)) {
      if (name.starts_with("__kmpc_"))
        return name.str();
      continue;
    }
    auto *address = new llvm::GlobalVariable(
        module, pointer, /*isConstant=*/false,
        llvm::GlobalValue::ExternalLinkage, /*Initializer=*/nullptr,
        "sparse_opt_" + name.ltrim('_'));
    for (llvm::Use &use : llvm::make_early_inc_range(function.uses())) {
      auto *user = cast<llvm::Instruction>(use.getUser());
      use.set(new llvm::LoadInst(pointer, address, "", user->getIterator()));
    }
    function.eraseFromParent();
  }
  return "";
}

FailureOr<std::string>
mlir::sparsity::emitObject(ModuleOp module, const TargetDescription &target) {
  std::string error;
  std::unique_ptr<llvm::TargetMachine> machine = createMachine(target, error);
  if (!machine)
    return module.emitError("expected a code generator for '")
           << target.triple << "': " << error;
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> ir = translateModuleToLLVMIR(module, context);
  if (!ir)
    return module.emitError("failed to translate to LLVM IR");
  ir->setTargetTriple(machine->getTargetTriple());
  ir->setDataLayout(machine->createDataLayout());
  setAttributes(*ir, target);
  if (llvm::Error failed = makeOptimizingTransformer(
          /*optLevel=*/3, /*sizeLevel=*/0, machine.get())(ir.get()))
    return module.emitError("failed to optimize: ")
           << llvm::toString(std::move(failed));
  if (std::string unknown = callThroughRuntime(*ir); !unknown.empty())
    return module.emitError("expected a function of OpenMP that the runtime "
                            "knows, found '")
           << unknown << "'";
  SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager codegen;
  if (machine->addPassesToEmitFile(codegen, stream, nullptr,
                                   llvm::CodeGenFileType::ObjectFile))
    return module.emitError("expected a target that emits objects, got '")
           << target.triple << "'";
  codegen.run(*ir);
  return std::string(bytes.begin(), bytes.end());
}
