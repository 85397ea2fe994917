// RUN: sparse-opt %s --sparsity-annotate='pattern=1:2' | FileCheck %s

// What stands between a weight and its product in programs from torch.

// CHECK: @extended : tensor<8x4xbf16> {{.*}}#sparsity.nm<1:2>
sparsity.parameter @extended : tensor<8x4xbf16>
// CHECK: @reshaped {{.*}}#sparsity.nm<1:2, axis = 0>
sparsity.parameter @reshaped : tensor<4x8xf32>
// CHECK: @broadcast {{.*}}#sparsity.nm<1:2, axis = 0>
sparsity.parameter @broadcast : tensor<4x8xf32>
// CHECK: @sliced {{.*}}#sparsity.nm<1:2>
sparsity.parameter @sliced : tensor<8x8xf32>
// CHECK: @collapsed {{.*}}#sparsity.nm<1:2>
sparsity.parameter @collapsed : tensor<8x2x2xf32>
// CHECK: @filter {{.*}}#sparsity.nm<1:2>
sparsity.parameter @filter : tensor<8x3x2x2xf32>
// CHECK: @left {{.*}}#sparsity.nm<1:2>
sparsity.parameter @left : tensor<3x4xf32>
// A product of elements is no sum of products.
// CHECK: @scale : tensor<3x8xf32>{{$}}
sparsity.parameter @scale : tensor<3x8xf32>
// What a product adds to is no weight of it.
// CHECK: @start : tensor<3x8xf32>{{$}}
sparsity.parameter @start : tensor<3x8xf32>

#id = affine_map<(d0, d1) -> (d0, d1)>
func.func @extend(%x: tensor<3x4xf32>, %e: tensor<8x4xf32>, %o: tensor<3x8xf32>)
    -> tensor<3x8xf32> {
  %w = sparsity.load @extended : tensor<8x4xbf16>
  %f = linalg.generic {indexing_maps = [#id, #id],
                       iterator_types = ["parallel", "parallel"]}
      ins(%w : tensor<8x4xbf16>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%in: bf16, %out: f32):
    %0 = arith.extf %in : bf16 to f32
    linalg.yield %0 : f32
  } -> tensor<8x4xf32>
  %a = sparsity.assume %f : tensor<8x4xf32>, #sparsity.unstructured 
  %r = linalg.matmul
      indexing_maps = [affine_map<(m, n, k) -> (m, k)>,
                       affine_map<(m, n, k) -> (n, k)>,
                       affine_map<(m, n, k) -> (m, n)>]
      ins(%x, %a : tensor<3x4xf32>, tensor<8x4xf32>)
      outs(%o : tensor<3x8xf32>) -> tensor<3x8xf32>
  return %r : tensor<3x8xf32>
}

func.func @reshape(%x: tensor<1x3x4xf32>, %o: tensor<1x3x8xf32>)
    -> tensor<1x3x8xf32> {
  %w = sparsity.load @reshaped : tensor<4x8xf32>
  %e = tensor.expand_shape %w [[0, 1], [2]] output_shape [1, 4, 8]
      : tensor<4x8xf32> into tensor<1x4x8xf32>
  %c = tensor.cast %e : tensor<1x4x8xf32> to tensor<1x?x8xf32>
  %r = linalg.batch_matmul ins(%x, %c : tensor<1x3x4xf32>, tensor<1x?x8xf32>)
      outs(%o : tensor<1x3x8xf32>) -> tensor<1x3x8xf32>
  return %r : tensor<1x3x8xf32>
}

func.func @broadcasted(%x: tensor<2x3x4xf32>, %e: tensor<2x4x8xf32>,
                       %o: tensor<2x3x8xf32>) -> tensor<2x3x8xf32> {
  %w = sparsity.load @broadcast : tensor<4x8xf32>
  %b = linalg.broadcast ins(%w : tensor<4x8xf32>) outs(%e : tensor<2x4x8xf32>)
      dimensions = [0]
  %r = linalg.batch_matmul ins(%x, %b : tensor<2x3x4xf32>, tensor<2x4x8xf32>)
      outs(%o : tensor<2x3x8xf32>) -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

func.func @slice(%x: tensor<8xf32>, %o: tensor<4xf32>) -> tensor<4xf32> {
  %w = sparsity.load @sliced : tensor<8x8xf32>
  %s = tensor.extract_slice %w[4, 0] [4, 8] [1, 1]
      : tensor<8x8xf32> to tensor<4x8xf32>
  %r = linalg.matvec ins(%s, %x : tensor<4x8xf32>, tensor<8xf32>)
      outs(%o : tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

func.func @collapse(%x: tensor<3x4xf32>, %t: tensor<4x8xf32>,
                    %o: tensor<3x8xf32>) -> tensor<3x8xf32> {
  %w = sparsity.load @collapsed : tensor<8x2x2xf32>
  %c = tensor.collapse_shape %w [[0], [1, 2]]
      : tensor<8x2x2xf32> into tensor<8x4xf32>
  %ct = linalg.transpose ins(%c : tensor<8x4xf32>) outs(%t : tensor<4x8xf32>)
      permutation = [1, 0]
  %r = linalg.matmul ins(%x, %ct : tensor<3x4xf32>, tensor<4x8xf32>)
      outs(%o : tensor<3x8xf32>) -> tensor<3x8xf32>
  return %r : tensor<3x8xf32>
}

func.func @conv(%x: tensor<1x3x5x5xf32>, %o: tensor<1x8x4x4xf32>)
    -> tensor<1x8x4x4xf32> {
  %w = sparsity.load @filter : tensor<8x3x2x2xf32>
  %r = linalg.conv_2d_nchw_fchw
      ins(%x, %w : tensor<1x3x5x5xf32>, tensor<8x3x2x2xf32>)
      outs(%o : tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  return %r : tensor<1x8x4x4xf32>
}

func.func @rest(%x: tensor<4x8xf32>, %y: tensor<3x8xf32>)
    -> (tensor<3x8xf32>, tensor<3x8xf32>) {
  %l = sparsity.load @left : tensor<3x4xf32>
  %b = sparsity.load @start : tensor<3x8xf32>
  %s = sparsity.load @scale : tensor<3x8xf32>
  %0 = linalg.matmul ins(%l, %x : tensor<3x4xf32>, tensor<4x8xf32>)
      outs(%b : tensor<3x8xf32>) -> tensor<3x8xf32>
  %1 = linalg.mul ins(%0, %s : tensor<3x8xf32>, tensor<3x8xf32>)
      outs(%y : tensor<3x8xf32>) -> tensor<3x8xf32>
  return %0, %1 : tensor<3x8xf32>, tensor<3x8xf32>
}
