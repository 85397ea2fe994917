// RUN: sparse-opt %s --split-input-file --verify-diagnostics

#q = affine_map<(i, j, d, e) -> (i, d)>
#k = affine_map<(i, j, d, e) -> (j, d)>
#v = affine_map<(i, j, d, e) -> (j, e)>
#o = affine_map<(i, j, d, e) -> (i, e)>
func.func @kinds(%q: tensor<3x4xf32>, %k: tensor<5x4xf32>, %v: tensor<5x8xf16>, %o: tensor<3x8xf32>) {
  // expected-error @+1 {{expected query, key and value of the destination's element type 'f32', got 'f16'}}
  %y = sparsity.attention ins(%q, %k, %v : tensor<3x4xf32>, tensor<5x4xf32>, tensor<5x8xf16>) outs(%o : tensor<3x8xf32>) maps [#q, #k, #v, #o] {
  ^bb0(%s: f32):
    sparsity.yield %s : f32
  } -> tensor<3x8xf32>
  return
}

// -----

#q = affine_map<(i, j, d, e) -> (i, d)>
#v = affine_map<(i, j, d, e) -> (j, e)>
#o = affine_map<(i, j, d, e) -> (i, e)>
func.func @role(%q: tensor<3x4xf32>, %k: tensor<5x4xf32>, %v: tensor<5x8xf32>, %o: tensor<3x8xf32>) {
  // expected-error @+1 {{expected operand 1 to have the dimensions of its role, got affine_map<(d0, d1, d2, d3) -> (d0, d2)>}}
  %y = sparsity.attention ins(%q, %k, %v : tensor<3x4xf32>, tensor<5x4xf32>, tensor<5x8xf32>) outs(%o : tensor<3x8xf32>) maps [#q, #q, #v, #o] {
  ^bb0(%s: f32):
    sparsity.yield %s : f32
  } -> tensor<3x8xf32>
  return
}

// -----

#q = affine_map<(i, j, d, e) -> (i, d)>
#k = affine_map<(i, j, d, e) -> (j, d)>
#v = affine_map<(i, j, d, e) -> (j, e)>
func.func @count(%q: tensor<3x4xf32>, %k: tensor<5x4xf32>, %v: tensor<5x8xf32>, %o: tensor<3x8xf32>) {
  // expected-error @+1 {{expected 4 indexing maps, got 3}}
  %y = sparsity.attention ins(%q, %k, %v : tensor<3x4xf32>, tensor<5x4xf32>, tensor<5x8xf32>) outs(%o : tensor<3x8xf32>) maps [#q, #k, #v] {
  ^bb0(%s: f32):
    sparsity.yield %s : f32
  } -> tensor<3x8xf32>
  return
}

// -----

#q = affine_map<(i, j, d, e) -> (i + d, d)>
#k = affine_map<(i, j, d, e) -> (j, d)>
#v = affine_map<(i, j, d, e) -> (j, e)>
#o = affine_map<(i, j, d, e) -> (i, e)>
func.func @map(%q: tensor<3x4xf32>, %k: tensor<5x4xf32>, %v: tensor<5x8xf32>, %o: tensor<3x8xf32>) {
  // expected-error @+1 {{expected a map of the dimensions (b.., i, j, d, e) to those of operand 0, each once, got affine_map<(d0, d1, d2, d3) -> (d0 + d2, d2)>}}
  %y = sparsity.attention ins(%q, %k, %v : tensor<3x4xf32>, tensor<5x4xf32>, tensor<5x8xf32>) outs(%o : tensor<3x8xf32>) maps [#q, #k, #v, #o] {
  ^bb0(%s: f32):
    sparsity.yield %s : f32
  } -> tensor<3x8xf32>
  return
}

// -----

#q = affine_map<(i, j, d, e) -> (i, d)>
#k = affine_map<(i, j, d, e) -> (j, d)>
#v = affine_map<(i, j, d, e) -> (j, e)>
#o = affine_map<(i, j, d, e) -> (i, e)>
func.func @extents(%q: tensor<3x4xf32>, %k: tensor<5x4xf32>, %v: tensor<6x8xf32>, %o: tensor<3x8xf32>) {
  // expected-error @+1 {{expected an extent of 5 of operand 2 along its dimension 0, got 6}}
  %y = sparsity.attention ins(%q, %k, %v : tensor<3x4xf32>, tensor<5x4xf32>, tensor<6x8xf32>) outs(%o : tensor<3x8xf32>) maps [#q, #k, #v, #o] {
  ^bb0(%s: f32):
    sparsity.yield %s : f32
  } -> tensor<3x8xf32>
  return
}

// -----

#q = affine_map<(i, j, d, e) -> (i, d)>
#k = affine_map<(i, j, d, e) -> (j, d)>
#v = affine_map<(i, j, d, e) -> (j, e)>
#o = affine_map<(i, j, d, e) -> (i, e)>
func.func @arguments(%q: tensor<3x4xf32>, %k: tensor<5x4xf32>, %v: tensor<5x8xf32>, %o: tensor<3x8xf32>) {
  // expected-error @+1 {{expected a region whose arguments are a sum and an element of each operand of 'scores'}}
  %y = sparsity.attention ins(%q, %k, %v : tensor<3x4xf32>, tensor<5x4xf32>, tensor<5x8xf32>) outs(%o : tensor<3x8xf32>) maps [#q, #k, #v, #o] {
  ^bb0(%s: f32, %m: f32):
    sparsity.yield %s : f32
  } -> tensor<3x8xf32>
  return
}

// -----

#q = affine_map<(i, j, d, e) -> (i, d)>
#k = affine_map<(i, j, d, e) -> (j, d)>
#v = affine_map<(i, j, d, e) -> (j, e)>
#o = affine_map<(i, j, d, e) -> (i, e)>
func.func @body(%q: tensor<3x4xf32>, %k: tensor<5x4xf32>, %v: tensor<5x8xf32>, %o: tensor<3x8xf32>) {
  %y = sparsity.attention ins(%q, %k, %v : tensor<3x4xf32>, tensor<5x4xf32>, tensor<5x8xf32>) outs(%o : tensor<3x8xf32>) maps [#q, #k, #v, #o] {
  ^bb0(%s: f32):
    // expected-error @+1 {{expected elementwise ops in 'sparsity.attention'}}
    %e = tensor.empty() : tensor<3xf32>
    sparsity.yield %s : f32
  } -> tensor<3x8xf32>
  return
}
