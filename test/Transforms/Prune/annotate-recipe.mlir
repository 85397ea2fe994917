// RUN: split-file %s %t
// RUN: sparse-opt %t/model.mlir --sparsity-annotate='recipe=%t/recipe.yaml' --remarks-filter='sparsity-.*' 2>&1 | FileCheck %t/model.mlir
// RUN: sparse-opt %t/none.mlir --sparsity-annotate='recipe=%t/all.yaml'
// RUN: sparse-opt %t/model.mlir --sparsity-annotate='recipe=%t/empty.yaml' | FileCheck %t/model.mlir --check-prefix=EMPTY

// The last rule that matches wins. Names are those of `origin`.

//--- recipe.yaml
version: 1
rules:
  - match: "*"
    pattern: "2:4"
  - match: "block.*.weight"
    pattern: "1:4"
  - match: "block.*"
    pattern: "block 2x2"
    target_sparsity: 0.5
  - match: block.head
    pattern: dense

//--- empty.yaml
version: 1
rules: []

//--- all.yaml
# Asks for whatever there is, which may be nothing.
version: 1
rules:
  - match: "*"
    pattern: "2:4"

//--- none.mlir
module {
  sparsity.parameter @bias : tensor<4xf32>
}

//--- model.mlir
// CHECK: [Passed] Requested | {{.*}} Function=first | parameter=first, pattern="2:4 axis 0", rule=*
// CHECK: [Passed] Requested | {{.*}} Function=block.0.weight | parameter=block.0.weight, pattern="block 2x2", rule=block.*
// CHECK: [Missed] NotPrunable | {{.*}} Function=unused | {{.*}}not the weight of a matmul or convolution: is used by none
// CHECK: recipe.yaml:5:12: remark: [Missed] Overridden | {{.*}}rule=block.*.weight

// CHECK: @first {{.*}}#sparsity.nm<2:4, axis = 0>
// CHECK: @block.0.weight.1 {{.*}}request = #sparsity.request<#sparsity.block<[2, 2]>, importance = "magnitude", target_sparsity = 5.000000e-01 : f64>
// CHECK: @block.head : tensor<4x4xf32>{{$}}
// CHECK: @unused : tensor<4x4xf32>{{$}}
// EMPTY: @first : tensor<4x4xf32>{{$}}
// EMPTY-COUNT-1: request =
sparsity.parameter @first : tensor<4x4xf32>
sparsity.parameter @block.0.weight.1 : tensor<4x4xf32> {origin = "block.0.weight"}
sparsity.parameter @block.head : tensor<4x4xf32>
    {request = #sparsity.request<#sparsity.nm<1:4>, importance = "magnitude">}
sparsity.parameter @unused : tensor<4x4xf32>
func.func @f(%x: tensor<4x4xf32>, %o: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = sparsity.load @first : tensor<4x4xf32>
  %1 = sparsity.load @block.0.weight.1 : tensor<4x4xf32>
  %2 = sparsity.load @block.head : tensor<4x4xf32>
  %3 = linalg.matmul ins(%x, %0 : tensor<4x4xf32>, tensor<4x4xf32>)
      outs(%o : tensor<4x4xf32>) -> tensor<4x4xf32>
  %4 = linalg.matmul ins(%3, %1 : tensor<4x4xf32>, tensor<4x4xf32>)
      outs(%o : tensor<4x4xf32>) -> tensor<4x4xf32>
  %5 = linalg.matmul ins(%4, %2 : tensor<4x4xf32>, tensor<4x4xf32>)
      outs(%o : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %5 : tensor<4x4xf32>
}
