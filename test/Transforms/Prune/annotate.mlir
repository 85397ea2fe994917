// RUN: sparse-opt %s --sparsity-annotate='pattern=2:4' | FileCheck %s
// RUN: sparse-opt %s --sparsity-annotate='pattern=2:4' --sparsity-annotate='pattern=2:4' | FileCheck %s
// RUN: sparse-opt %s --sparsity-annotate='pattern=dense' | FileCheck %s --check-prefix=DENSE
// RUN: sparse-opt %s --sparsity-annotate='parameters=linear pattern="block 16x16" target-sparsity=0.75' | FileCheck %s --check-prefix=BLOCK
// RUN: sparse-opt %s --sparsity-annotate='parameters=lin* pattern=unstructured importance="magnitude norm l2" target-sparsity=0.8' | FileCheck %s --check-prefix=UNSTRUCTURED
// RUN: sparse-opt %s --sparsity-annotate='parameters=linear pattern="2:4 axis 0"' | FileCheck %s --check-prefix=AXIS
// RUN: %python -c "import sys, numpy as np; from safetensors.numpy import save_file; save_file({'linear': np.eye(8, 4)}, sys.argv[1])" %t.safetensors
// RUN: sparse-opt %s --sparsity-annotate='parameters=linear pattern="2:4" mask=%t.safetensors' | FileCheck %s --check-prefix=MASK
// RUN: sparse-opt %s | FileCheck %s --check-prefix=BEFORE

// Which parameters are weights of products, and along which axis they sum.

// DENSE-NOT: request =
// BEFORE-COUNT-1: request =

// x W^T, as torch writes it: sums along the columns.
// CHECK: @linear : tensor<8x4xf32> {request = #sparsity.request<#sparsity.nm<2:4>, importance = "magnitude">}
// BLOCK: @linear {{.*}} {request = #sparsity.request<#sparsity.block<[16, 16]>, importance = "magnitude", target_sparsity = 7.500000e-01 : f64>}
// BLOCK-NOT: #sparsity.block
// UNSTRUCTURED: @linear {{.*}} {request = #sparsity.request<#sparsity.unstructured, importance = "magnitude norm l2", target_sparsity = 8.000000e-01 : f64>}
// MASK: @linear : tensor<8x4xf32> {request = #sparsity.request<#sparsity.nm<2:4>, mask = "{{.*}}.safetensors">}
// AXIS: @linear {{.*}} {request = #sparsity.request<#sparsity.nm<2:4, axis = 0>,
sparsity.parameter @linear : tensor<8x4xf32>
// x W: sums along the rows.
// CHECK: @plain {{.*}}#sparsity.nm<2:4, axis = 0>
sparsity.parameter @plain : tensor<4x8xf32>
// Both: axis 1.
// CHECK: @both {{.*}}#sparsity.nm<2:4>
sparsity.parameter @both : tensor<4x4xf32>
// A table that is only looked up, a bias, ids: not touched.
// CHECK: @table : tensor<8x4xf32>{{$}}
sparsity.parameter @table : tensor<8x4xf32>
// CHECK: @bias : tensor<8xf32>{{$}}
sparsity.parameter @bias : tensor<8xf32>
// CHECK: @ids : tensor<1x3xi64>{{$}}
sparsity.parameter @ids : tensor<1x3xi64>
// A newer wish replaces an older one.
// CHECK: @wished {{.*}}{request = #sparsity.request<#sparsity.nm<2:4>, importance = "magnitude">}
sparsity.parameter @wished : tensor<8x4xf32>
    {request = #sparsity.request<#sparsity.nm<1:4>, importance = "wanda">}

func.func @f(%x: tensor<3x4xf32>, %t: tensor<4x8xf32>, %o: tensor<3x8xf32>,
             %s: tensor<3x4xf32>, %b: tensor<3x8xf32>, %q: tensor<4x4xf32>,
             %i: index, %j: index)
    -> (tensor<3x8xf32>, tensor<3x8xf32>, tensor<3x4xf32>, tensor<3x4xf32>,
        f32, tensor<3x8xf32>, tensor<3x8xf32>, tensor<1x3xi64>) {
  %linear = sparsity.load @linear : tensor<8x4xf32>
  %lt = linalg.transpose ins(%linear : tensor<8x4xf32>)
      outs(%t : tensor<4x8xf32>) permutation = [1, 0]
  %0 = linalg.matmul ins(%x, %lt : tensor<3x4xf32>, tensor<4x8xf32>)
      outs(%o : tensor<3x8xf32>) -> tensor<3x8xf32>
  %plain = sparsity.load @plain : tensor<4x8xf32>
  %1 = linalg.matmul ins(%x, %plain : tensor<3x4xf32>, tensor<4x8xf32>)
      outs(%o : tensor<3x8xf32>) -> tensor<3x8xf32>
  %both = sparsity.load @both : tensor<4x4xf32>
  %2 = linalg.matmul ins(%x, %both : tensor<3x4xf32>, tensor<4x4xf32>)
      outs(%s : tensor<3x4xf32>) -> tensor<3x4xf32>
  %bt = linalg.transpose ins(%both : tensor<4x4xf32>)
      outs(%q : tensor<4x4xf32>) permutation = [1, 0]
  %3 = linalg.matmul ins(%x, %bt : tensor<3x4xf32>, tensor<4x4xf32>)
      outs(%s : tensor<3x4xf32>) -> tensor<3x4xf32>
  %table = sparsity.load @table : tensor<8x4xf32>
  %4 = tensor.extract %table[%i, %j] : tensor<8x4xf32>
  %bias = sparsity.load @bias : tensor<8xf32>
  %5 = linalg.broadcast ins(%bias : tensor<8xf32>) outs(%b : tensor<3x8xf32>)
      dimensions = [0]
  %wished = sparsity.load @wished : tensor<8x4xf32>
  %6 = sparsity.matmul ins(%x, %wished : tensor<3x4xf32>, tensor<8x4xf32>)
      outs(%o : tensor<3x8xf32>) transpose_rhs -> tensor<3x8xf32>
  %ids = sparsity.load @ids : tensor<1x3xi64>
  return %0, %1, %2, %3, %4, %5, %6, %ids
      : tensor<3x8xf32>, tensor<3x8xf32>, tensor<3x4xf32>, tensor<3x4xf32>,
        f32, tensor<3x8xf32>, tensor<3x8xf32>, tensor<1x3xi64>
}
