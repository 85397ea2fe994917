// RUN: %python -c "import sys, numpy as np; from safetensors.numpy import save_file; save_file({'masked': np.uint8([[1, 0, 0, 1]])}, sys.argv[1])" %t.safetensors
// RUN: sed 's|MASKS|%t.safetensors|' %s | sparse-opt --sparsity-apply-pruning --remarks-filter='sparsity-.*' 2>&1 | FileCheck %s

// What was kept of each weight.

// CHECK: [Passed] Pruned | {{.*}} Function=layer.weight | importance=magnitude, kept_elements=5.0{{0+}}e-01, kept_importance=7.0{{0+}}e-01, parameter=layer.weight, pattern=2:4
sparsity.parameter @w : tensor<1x4xf32>
    = dense<[[1.0, -3.0, 2.0, 4.0]]> : tensor<1x4xf32>
    {origin = "layer.weight",
     request = #sparsity.request<#sparsity.nm<2:4>, importance = "magnitude">}

// CHECK: Function=nothing | {{.*}} kept_importance=1.0{{0+}}e+00
sparsity.parameter @nothing : tensor<2x2xf32> = dense<0.0> : tensor<2x2xf32>
    {request = #sparsity.request<#sparsity.nm<1:2>, importance = "magnitude">}

// A mask says how much is zero, and has no importance.
// CHECK: Function=masked | kept_elements=5.0{{0+}}e-01, mask={{.*}}.safetensors, parameter=masked, pattern=unstructured
// CHECK: @masked {{.*}}#sparsity.unstructured<5.0{{0+}}e-01>
sparsity.parameter @masked : tensor<1x4xf32>
    = dense<[[1.0, -3.0, 2.0, 4.0]]> : tensor<1x4xf32>
    {request = #sparsity.request<#sparsity.unstructured, mask = "MASKS">}
