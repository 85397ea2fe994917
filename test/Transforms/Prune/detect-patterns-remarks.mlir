// RUN: sparse-opt %s --sparsity-detect-patterns='nm=2:4 block-sizes=2x2,1x4' --remarks-filter='sparsity-.*' 2>&1 | FileCheck %s
// RUN: sparse-opt %s --sparsity-detect-patterns='nm= block-sizes=' | FileCheck %s --check-prefix=NONE

// The counts of each candidate. Without candidates, zeros are still counted.

// CHECK: [Analysis] Zeros | {{.*}} Function=layer.weight | elements=8, parameter=layer.weight, pattern=2:4, zero_cols=1, zero_rows=0, zeros=5
// CHECK: [Analysis] 2:4 | {{.*}} groups=2, overfull_groups=0, parameter=layer.weight
// CHECK: [Analysis] 2:4 axis 0 | {{.*}} groups=4, overfull_groups=0,
// CHECK: [Analysis] block 2x2 | {{.*}} blocks=2, parameter=layer.weight, zero_blocks=0
// CHECK: [Analysis] block 1x4 | {{.*}} blocks=2, parameter=layer.weight, zero_blocks=0
// NONE: pattern = #sparsity.unstructured<6.250000e-01>
sparsity.parameter @w : tensor<2x4xf32>
    = dense<[[1.0, 0.0, 0.0, 2.0], [0.0, 3.0, 0.0, 0.0]]> : tensor<2x4xf32>
    {origin = "layer.weight"}

// CHECK: [Missed] NotCounted | {{.*}} Function=missing | {{.*}}has no data: the resource 'blob' is missing
sparsity.parameter @missing : tensor<2x4xf32> = dense_resource<blob>
    : tensor<2x4xf32>
// CHECK: [Missed] NotCounted | {{.*}} Function=ids
sparsity.parameter @ids : tensor<1x4xi64> = dense<0> : tensor<1x4xi64>
