"""From cases to a loaded library: MLIR text, the lowering pipeline, the target.

Nothing here knows a storage layout; kernel_cases has the types and numbers.
"""

import ctypes
import os
import subprocess
import tempfile

# name -> (cpu of the code generator, entries of the target description)
TARGETS = {
    "x86-64": ("x86-64", dict(vector_bits=128, vector_registers=16)),
    "x86-64-v3": (
        "x86-64-v3",
        dict(vector_bits=256, vector_registers=16, fma=True),
    ),
    "x86-64-v4": (
        "x86-64-v4",
        dict(vector_bits=512, vector_registers=32, fma=True, avx512=True),
    ),
    "native": (
        "native",
        dict(
            vector_bits=512,
            vector_registers=32,
            fma=True,
            avx512=True,
            vbmi=True,
            bf16=True,
            vnni=True,
            l2_bytes=1 << 20,
        ),
    ),
}

FLAGS = {
    "x86-64": set(),
    "x86-64-v3": {"avx2", "fma", "f16c"},
    "x86-64-v4": {"avx512f", "avx512bw", "avx512dq", "avx512vl"},
    "native": {"avx512f", "avx512vbmi", "avx512_bf16", "avx512_vnni"},
}

LOOPS = "convert-scf-to-cf"
OPENMP = "convert-scf-to-openmp,canonicalize,convert-scf-to-cf"
PIPELINE = (
    "builtin.module(convert-sparsity-to-vector{{portable={portable}}},"
    "canonicalize,cse,func.func(convert-vector-to-scf{{full-unroll=true}}),"
    "{loops},expand-strided-metadata,lower-affine,"
    "convert-vector-to-llvm{{enable-x86vector}},convert-math-to-llvm,"
    "convert-index-to-llvm,finalize-memref-to-llvm,convert-func-to-llvm,"
    "convert-arith-to-llvm,convert-cf-to-llvm,{openmp}convert-ub-to-llvm,"
    "canonicalize,cse,reconcile-unrealized-casts)"
)


def runs_here(target):
    with open("/proc/cpuinfo", encoding="ascii") as info:
        flags = next(line for line in info if line.startswith("flags"))
    return FLAGS[target] <= set(flags.split())


def attribute(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value} : i64"


def module_text(cases, target):
    entries = ", ".join(
        f'"{key}" = {attribute(value)}'
        for key, value in TARGETS[target][1].items()
    )
    spec = f'#dlti.target_system_spec<"CPU" = #dlti.target_device_spec<{entries}>>'
    body = "\n".join(case.text() for case in cases)
    return f"module attributes {{dlti.target_system_spec = {spec}}} {{\n{body}\n}}\n"


class Tools:
    """The programs that turn MLIR text into a loaded library."""

    def __init__(self, sparse_opt, llvm_bin, keep=None):
        self.sparse_opt = sparse_opt
        self.llvm_bin = llvm_bin
        self.folder = keep or tempfile.mkdtemp(prefix="kernels")
        os.makedirs(self.folder, exist_ok=True)
        self.count = 0

    def run(self, *command):
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode:
            raise SystemExit(f"{' '.join(command)}\n{result.stderr[:4000]}")

    def llvm(self, tool):
        return os.path.join(self.llvm_bin, tool)

    def build(self, text, target, portable, openmp=False, level="-O2"):
        self.count += 1
        stem = os.path.join(self.folder, f"{target}-{self.count}")
        with open(stem + ".mlir", "w", encoding="ascii") as file:
            file.write(text)
        pipeline = PIPELINE.format(
            portable=str(portable).lower(),
            loops=OPENMP if openmp else LOOPS,
            openmp="convert-openmp-to-llvm," if openmp else "",
        )
        cpu = TARGETS[target][0]
        self.run(
            self.sparse_opt, stem + ".mlir", "--pass-pipeline=" + pipeline,
            "-o", stem + ".llvm.mlir",
        )
        self.run(
            self.llvm("mlir-translate"), "--mlir-to-llvmir",
            stem + ".llvm.mlir", "-o", stem + ".ll",
        )
        self.run(
            self.llvm("opt"), level, "-mcpu=" + cpu, stem + ".ll",
            "-o", stem + ".bc",
        )
        self.run(
            self.llvm("llc"), level, "-mcpu=" + cpu, "-relocation-model=pic",
            "-filetype=obj", stem + ".bc", "-o", stem + ".o",
        )
        link = [self.llvm("clang"), "-shared", stem + ".o", "-lm", "-o", stem + ".so"]
        if openmp:
            folder = os.path.join(self.llvm_bin, "..", "lib")
            link += ["-L" + folder, "-lomp", "-Wl,-rpath," + folder]
        self.run(*link)
        return ctypes.CDLL(stem + ".so")
