// RUN: sparse-opt %s --sparsity-sparsify-kernels -split-input-file \
// RUN:   -verify-diagnostics

// Functions that cannot be taken out of their module.

#V = #sparse_tensor.encoding<{map = (i) -> (i : compressed)}>

// expected-error@below {{expected 'public' to be private, since it holds sparse tensors}}
func.func @public(%x: tensor<4xf32>) {
  %s = sparse_tensor.convert %x : tensor<4xf32> to tensor<4xf32, #V>
  return
}

// -----

#V = #sparse_tensor.encoding<{map = (i) -> (i : compressed)}>

// expected-error@below {{expected dense arguments and results, got '(tensor<4xf32, #sparse_tensor.encoding<{ map = (d0) -> (d0 : compressed) }>>) -> tensor<4xf32>'}}
func.func private @boundary(%x: tensor<4xf32, #V>) -> tensor<4xf32> {
  %d = sparse_tensor.convert %x : tensor<4xf32, #V> to tensor<4xf32>
  return %d : tensor<4xf32>
}

// -----

#V = #sparse_tensor.encoding<{map = (i) -> (i : compressed)}>

func.func private @indirect(%x: tensor<4xf32>) {
  %s = sparse_tensor.convert %x : tensor<4xf32> to tensor<4xf32, #V>
  return
}
func.func @user() -> ((tensor<4xf32>) -> ()) {
  // expected-error@below {{expected only direct calls of 'indirect', which holds sparse tensors}}
  %f = func.constant @indirect : (tensor<4xf32>) -> ()
  return %f : (tensor<4xf32>) -> ()
}

// -----

#V = #sparse_tensor.encoding<{map = (i) -> (i : compressed)}>

func.func private @loop(%x: tensor<4xf32>, %n: index) {
  %s = sparse_tensor.convert %x : tensor<4xf32> to tensor<4xf32, #V>
  %c = arith.constant 1 : index
  // expected-error@below {{expected no loops in 'loop', which holds sparse tensors}}
  scf.for %i = %c to %n step %c {
  }
  return
}
