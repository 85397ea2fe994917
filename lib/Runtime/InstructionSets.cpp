//===- InstructionSets.cpp - What this machine can execute ----------------===//
//
// See InstructionSets.h.
//
//===----------------------------------------------------------------------===//

#include "InstructionSets.h"

#include <algorithm>
#include <string_view>

namespace {
struct Set {
  std::string_view name;
  bool (*isHere)();
};
} // namespace

/// What LLVM's vectorisers and selectors use of their own accord.
#define SET(name) {name, [] { return __builtin_cpu_supports(name) != 0; }}
static constexpr Set kSets[] = {SET("sse4.2"),       SET("popcnt"),
                                SET("avx"),          SET("avx2"),
                                SET("fma4"),         SET("xop"),
                                SET("fma"),          SET("bmi"),
                                SET("bmi2"),         SET("avx512f"),
                                SET("avx512bw"),     SET("avx512dq"),
                                SET("avx512vl"),     SET("avx512cd"),
                                SET("avx512vbmi"),   SET("avx512vbmi2"),
                                SET("avx512ifma"),   SET("avx512vnni"),
                                SET("avx512bitalg"), SET("avx512vpopcntdq"),
                                SET("avx512bf16"),   SET("avx512fp16"),
                                SET("avxvnni"),      SET("f16c"),
                                SET("gfni"),         SET("lzcnt"),
                                SET("movbe"),        SET("sse4a"),
                                SET("tbm")};
#undef SET

/// What every x86-64 machine has, and what code has only where its source names
/// the instructions: no program does.
static constexpr std::string_view kHarmless[] = {
    "64bit",     "adx",        "aes",      "amx-bf16", "amx-complex",
    "amx-fp16",  "amx-int8",   "amx-tile", "cldemote", "clflushopt",
    "clwb",      "clzero",     "cmov",     "crc32",    "cx16",
    "cx8",       "enqcmd",     "fsgsbase", "fxsr",     "hreset",
    "invpcid",   "kl",         "lwp",      "mmx",      "movdir64b",
    "movdiri",   "mwaitx",     "pclmul",   "pconfig",  "pku",
    "prefetchi", "prfchw",     "ptwrite",  "rdpid",    "rdpru",
    "rdrnd",     "rdseed",     "rtm",      "sahf",     "serialize",
    "sgx",       "sha",        "shstk",    "sse",      "sse2",
    "sse3",      "sse4.1",     "ssse3",    "tsxldtrk", "uintr",
    "vaes",      "vpclmulqdq", "waitpkg",  "wbnoinvd", "widekl",
    "x87",       "xsave",      "xsavec",   "xsaveopt", "xsaves"};

/// Names that nobody here knows belong to machines newer than this code.
static bool isHere(std::string_view name) {
  for (const Set &set : kSets)
    if (set.name == name)
      return set.isHere();
  return std::find(std::begin(kHarmless), std::end(kHarmless), name) !=
         std::end(kHarmless);
}

std::string
mlir::sparsity::runtime::findMissingSet(const std::vector<std::string> &sets) {
  for (const std::string &name : sets)
    if (!isHere(name))
      return name;
  return "";
}
