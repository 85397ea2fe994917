# What every lit test of this folder may use: tools on the path, substitutions,
# features. Folders add theirs in lit.local.cfg.
import os
import shutil

import lit.formats
import lit.util

config.name = "sparse-opt"
config.test_format = lit.formats.ShTest(False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "Unit", "Benchmark", "python", "lib", "consumer"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.build_dir, "test")

# The tools of this build, then LLVM's own (FileCheck, not, mlir-opt, ...).
config.environment["PATH"] = os.pathsep.join(
    [os.path.join(config.build_dir, "bin"), config.llvm_tools_dir,
     os.environ.get("PATH", "")])

config.environment["PYTHONPATH"] = os.path.join(config.build_dir, "python")

config.substitutions += [
    ("%build_dir", config.build_dir),
    ("%cc", config.cc),
    ("%sanitizers", "-fsanitize=address,undefined" if config.sanitize else ""),
    ("%cmake", config.cmake),
    ("%cxx", config.cxx),
    ("%llvm_lib_dir", config.llvm_lib_dir),
    ("%plugin", os.path.join(config.build_dir, "lib", "SparsityPlugin.so")),
    ("%python", config.python),
    ("%source_dir", config.source_dir),
]

# The tools of later versions of LLVM, which torch-mlir's and IREE's Python
# packages bring: beside the interpreter of the tests, or on the path.
beside = os.path.join(os.path.dirname(config.python), "torch-mlir-opt")
later = beside if os.access(beside, os.X_OK) else shutil.which("torch-mlir-opt")
if later:
    config.available_features.add("torch-mlir")
    config.substitutions.append(("%torch-mlir-opt", later))

config.available_features.add("sanitizer" if config.sanitize else "no-sanitizer")
if config.sanitize:
    # MLIR's registries live until the process ends. The dylibs are not ours: they
    # use memory of allocators that only our copies of the headers poison.
    config.environment["ASAN_OPTIONS"] = "detect_leaks=0:allow_user_poisoning=0"
    config.environment["UBSAN_OPTIONS"] = "halt_on_error=1:print_stacktrace=1"

# A time limit needs psutil, which the project's own Python has.
if lit.util.killProcessAndChildrenIsSupported()[0]:
    lit_config.maxIndividualTestTime = 300
