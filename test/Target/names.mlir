// RUN: sparse-opt %s --sparsity-select-formats=target=x86-64 | FileCheck %s --check-prefixes=CHECK,V1
// RUN: sparse-opt %s --sparsity-select-formats=target=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,V3
// RUN: sparse-opt %s --sparsity-select-formats=target=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,V4
// RUN: sparse-opt %s --sparsity-select-formats=target=znver4 | FileCheck %s --check-prefixes=CHECK,ZEN
// RUN: sparse-opt %s --sparsity-select-formats=target=host | FileCheck %s --check-prefix=HOST
// RUN: sparse-opt %s --sparsity-select-formats | FileCheck %s --check-prefix=NONE
// RUN: not sparse-opt %s --sparsity-select-formats=target=znver44 2>&1 | FileCheck %s --check-prefix=TYPO
// RUN: not sparse-opt %s --sparsity-select-formats=target=HOST 2>&1 | FileCheck %s --check-prefix=HOST2
// RUN: not sparse-opt %s --sparsity-select-formats=target=native 2>&1 | FileCheck %s --check-prefix=NATIVE
// What a target's name says about the machine.

// CHECK: dlti.target_system_spec = #dlti.target_system_spec<"CPU" = #dlti.target_device_spec<
// V1-SAME:  "name" = "x86-64", "triple" = "x86_64-unknown-linux-gnu", "cpu" = "x86-64"
// V1-SAME:  "vector_bits" = 128 : i64, "vector_registers" = 16 : i64
// V1-SAME:  "fma" = false, "avx512" = false, "vbmi" = false, "bf16" = false, "vnni" = false
// V3-SAME:  "vector_bits" = 256 : i64, "vector_registers" = 16 : i64
// V3-SAME:  "fma" = true, "avx512" = false
// V4-SAME:  "vector_bits" = 512 : i64, "vector_registers" = 32 : i64
// V4-SAME:  "fma" = true, "avx512" = true, "vbmi" = false, "bf16" = false
// ZEN-SAME: "vector_bits" = 512 : i64
// ZEN-SAME: "avx512" = true, "vbmi" = true, "bf16" = true, "vnni" = true
// HOST: "name" = "host"
// NONE-NOT: dlti
// TYPO: error: expected 'host', 'x86-64', 'x86-64-v2' to 'x86-64-v4' or the name of an x86-64 CPU such as 'znver4', got 'znver44'; did you mean 'znver4'?
// HOST2: error: expected 'host',{{.*}} got 'HOST'; did you mean 'host'?
// NATIVE: error: expected 'host',{{.*}} such as 'znver4', got 'native'{{$}}
module {}
