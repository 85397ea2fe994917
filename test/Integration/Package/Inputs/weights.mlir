sparsity.parameter @w : tensor<8x4xf32> {pattern = #sparsity.nm<2:4>}

func.func @f() -> tensor<8x4xf32> {
  %0 = sparsity.load @w : tensor<8x4xf32>
  return %0 : tensor<8x4xf32>
}
