// RUN: sparse-opt %s --sparsity-apply-pruning --remarks-filter='sparsity-.*' 2>&1 | FileCheck %s

// What was kept of each weight.

// CHECK: [Passed] Pruned | {{.*}} Function=layer.weight | importance=magnitude, kept_elements=5.0{{0+}}e-01, kept_importance=7.0{{0+}}e-01, parameter=layer.weight, pattern=2:4
sparsity.parameter @w : tensor<1x4xf32>
    = dense<[[1.0, -3.0, 2.0, 4.0]]> : tensor<1x4xf32>
    {origin = "layer.weight",
     request = #sparsity.request<#sparsity.nm<2:4>, importance = "magnitude">}

// CHECK: Function=nothing | {{.*}} kept_importance=1.0{{0+}}e+00
sparsity.parameter @nothing : tensor<2x2xf32> = dense<0.0> : tensor<2x2xf32>
    {request = #sparsity.request<#sparsity.nm<1:2>, importance = "magnitude">}
