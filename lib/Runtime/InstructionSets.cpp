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
#define SET(name) {name, [] { return __builtin_cpu_supports(name) != 0; }}
static constexpr Set kSets[] = {
    SET("sse4.2"),
    SET("popcnt"),
    SET("avx"),
    SET("avx2"),
    SET("fma4"),
    SET("xop"),
    SET("fma"),
    SET("bmi"),
    SET("bmi2"),
    SET("avx512f"),
    SET("avx512bw"),
    SET("avx512dq"),
    SET("avx512vl"),
    SET("avx512cd"),
    SET("avx512vbmi"),
    SET("avx512vbmi2"),
    SET("avx512ifma"),
    SET("avx512vnni"),
    SET("avx512bitalg"),
    SET("avx512vpopcntdq"),
    SET("avx512bf16")};
#undef SET

std::string
mlir::sparsity::runtime::findMissingSet(const std::vector<std::string> &sets) {
  for (const std::string &name : sets)
    for (const Set &set : kSets)
      if (set.name == name && !set.isHere())
        return name;
  return "";
}
