// RUN: sparse-opt %s --convert-sparsity-to-linalg -split-input-file \
// RUN:   -verify-diagnostics

// What has no dense meaning at compile time.

// expected-note@below {{parameter is defined here}}
sparsity.parameter @w : tensor<2x3xf32> {origin = "fc.weight"}
func.func @no_value() -> tensor<2x3xf32> {
  // expected-error@below {{expected a value for 'fc.weight', or --sparsity-expose-parameters before}}
  %w = sparsity.load @w : tensor<2x3xf32>
  return %w : tensor<2x3xf32>
}

// -----

!stream = !sparsity.packed<2x4xf32, #sparsity.stream_format>
// expected-error@below {{expected valid storage for 'w': }}
sparsity.parameter @w : !stream = [dense<[0, 1, 2]> : tensor<3xi32>,
    dense<[1, 4]> : tensor<2xi16>, dense<5.0> : tensor<2xf32>]
func.func @column_past_the_end() -> tensor<2x4xf32> {
  %p = sparsity.load @w : !stream
  %w = sparsity.unpack %p : !stream -> tensor<2x4xf32>
  return %w : tensor<2x4xf32>
}

// -----

!stream = !sparsity.packed<2x4xf32, #sparsity.stream_format>
// expected-error@below {{expected 8 bytes for buffer 'values' of 'w', got 0}}
sparsity.parameter @w : !stream = [dense<[0, 1, 2]> : tensor<3xi32>,
    dense<[1, 3]> : tensor<2xi16>,
    dense_resource<missing> : tensor<2xf32>]
func.func @missing_blob() -> tensor<2x4xf32> {
  %p = sparsity.load @w : !stream
  %w = sparsity.unpack %p : !stream -> tensor<2x4xf32>
  return %w : tensor<2x4xf32>
}

// -----

func.func @buffers(%x: memref<2x4xf32>, %w: memref<4x3xf32>,
                   %y: memref<2x3xf32>) {
  // expected-error@below {{expected operands that are tensors, got 'memref<2x4xf32>'}}
  sparsity.matmul ins(%x, %w : memref<2x4xf32>, memref<4x3xf32>)
      outs(%y : memref<2x3xf32>)
  return
}
