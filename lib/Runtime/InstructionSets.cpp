//===- InstructionSets.cpp - What this machine can execute ----------------===//
//
// See InstructionSets.h.
//
//===----------------------------------------------------------------------===//

#include "InstructionSets.h"

#include <string_view>

namespace {
struct Set {
  std::string_view name;
  bool (*isHere)();
};
} // namespace

/// What LLVM's vectorisers and selectors use; others are asked for by name.
static constexpr Set kSets[] = {
    {"sse4.2", [] { return __builtin_cpu_supports("sse4.2") != 0; }},
    {"popcnt", [] { return __builtin_cpu_supports("popcnt") != 0; }},
    {"avx", [] { return __builtin_cpu_supports("avx") != 0; }},
    {"avx2", [] { return __builtin_cpu_supports("avx2") != 0; }},
    {"fma4", [] { return __builtin_cpu_supports("fma4") != 0; }},
    {"xop", [] { return __builtin_cpu_supports("xop") != 0; }},
    {"fma", [] { return __builtin_cpu_supports("fma") != 0; }},
    {"bmi", [] { return __builtin_cpu_supports("bmi") != 0; }},
    {"bmi2", [] { return __builtin_cpu_supports("bmi2") != 0; }},
    {"avx512f", [] { return __builtin_cpu_supports("avx512f") != 0; }},
    {"avx512bw", [] { return __builtin_cpu_supports("avx512bw") != 0; }},
    {"avx512dq", [] { return __builtin_cpu_supports("avx512dq") != 0; }},
    {"avx512vl", [] { return __builtin_cpu_supports("avx512vl") != 0; }},
    {"avx512cd", [] { return __builtin_cpu_supports("avx512cd") != 0; }},
    {"avx512vbmi", [] { return __builtin_cpu_supports("avx512vbmi") != 0; }},
    {"avx512vbmi2", [] { return __builtin_cpu_supports("avx512vbmi2") != 0; }},
    {"avx512ifma", [] { return __builtin_cpu_supports("avx512ifma") != 0; }},
    {"avx512vnni", [] { return __builtin_cpu_supports("avx512vnni") != 0; }},
    {"avx512bitalg",
     [] { return __builtin_cpu_supports("avx512bitalg") != 0; }},
    {"avx512vpopcntdq",
     [] { return __builtin_cpu_supports("avx512vpopcntdq") != 0; }},
    {"avx512bf16", [] { return __builtin_cpu_supports("avx512bf16") != 0; }}};

std::string
mlir::sparsity::runtime::findMissingSet(const std::vector<std::string> &sets) {
  for (const std::string &name : sets)
    for (const Set &set : kSets)
      if (set.name == name && !set.isHere())
        return name;
  return "";
}
