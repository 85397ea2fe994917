// RUN: sparse-opt %s --split-input-file --sparsity-instrument='statistics=squares,gram' | FileCheck %s
// RUN: sparse-opt %s --split-input-file --sparsity-instrument='statistics=zeros,magnitudes keep-results=true' | FileCheck %s --check-prefix=KEEP
// RUN: sparse-opt %s --split-input-file --sparsity-instrument | sparse-opt --split-input-file | FileCheck %s --check-prefix=AGAIN

// Two parameters that meet one value have one statistic.

// CHECK: sparsity.parameter @w
// CHECK: func @shared(%[[X:.*]]: tensor<?x4xf32>, %{{.*}}: tensor<?x2xf32>,
// CHECK-SAME: %[[ROWS:.*]]: memref<1xi64> {sparsity.name = "w.rows", sparsity.statistic = #sparsity.statistic<"rows",
// CHECK-SAME:   [<"w", tensor<2x4xf32>, axis = 1, hash = "xxh64:[[#%x,W:]]">, <"v", tensor<4x2xf32>, axis = 0, hash = "xxh64:[[#%x,V:]]">]>},
// CHECK-SAME: %[[SQUARES:.*]]: memref<4xf64> {sparsity.name = "w.squares", sparsity.statistic = #sparsity.statistic<"squares", [<"w", {{.*}}>, <"v", {{.*}}>]>},
// CHECK-SAME: %[[GRAM:.*]]: memref<4x4xf32> {sparsity.name = "w.gram", {{.*}}}) {
// CHECK: %[[COUNT:.*]] = arith.index_cast %{{.*}} : index to i64
// CHECK: arith.addi %{{.*}}, %[[COUNT]]
// CHECK: bufferization.materialize_in_destination %{{.*}} in restrict writable %[[ROWS]]
// CHECK: linalg.generic {{.*}} iterator_types = ["reduction", "parallel"]} ins(%[[X]] : tensor<?x4xf32>) outs(%{{.*}} : tensor<4xf64>)
// CHECK:   %[[WIDE:.*]] = arith.extf
// CHECK:   arith.mulf %[[WIDE]], %[[WIDE]] : f64
// CHECK: bufferization.materialize_in_destination %{{.*}} in restrict writable %[[SQUARES]]
// CHECK: %[[OLD:.*]] = bufferization.to_tensor %[[GRAM]]
// CHECK: %[[T:.*]] = linalg.transpose ins(%[[X]]
// CHECK: sparsity.matmul ins(%[[T]], %[[X]] : {{.*}}) outs(%[[OLD]] : tensor<4x4xf32>) epilogue(%[[OLD]] : tensor<4x4xf32>)
// CHECK: bufferization.materialize_in_destination %{{.*}} in restrict writable %[[GRAM]]
// CHECK: return{{$}}

// KEEP: func @shared({{.*}} memref<1xi64> {{.*}} memref<4xf64> {sparsity.name = "w.zeros", {{.*}} memref<4xf64> {sparsity.name = "w.magnitudes"
// KEEP-SAME: -> (tensor<?x2xf32>, tensor<?x2xf32>)
// KEEP: arith.cmpf oeq
// KEEP: arith.select
// KEEP: math.absf
// KEEP: return %{{.*}}, %{{.*}} : tensor<?x2xf32>, tensor<?x2xf32>

// AGAIN: func @shared({{.*}}#sparsity.statistic<"rows"{{.*}}#sparsity.statistic<"squares"
// AGAIN-NOT: "gram"
sparsity.parameter @w : tensor<2x4xf32> = dense<1.0> : tensor<2x4xf32>
sparsity.parameter @v : tensor<4x2xf32> = dense<2.0> : tensor<4x2xf32>
func.func @shared(%x: tensor<?x4xf32>, %e: tensor<?x2xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>) {
  %w = sparsity.load @w : tensor<2x4xf32>
  %v = sparsity.load @v : tensor<4x2xf32>
  %y = sparsity.matmul ins(%x, %w : tensor<?x4xf32>, tensor<2x4xf32>)
      outs(%e : tensor<?x2xf32>) transpose_rhs -> tensor<?x2xf32>
  %z = sparsity.matmul ins(%x, %v : tensor<?x4xf32>, tensor<4x2xf32>)
      outs(%e : tensor<?x2xf32>) -> tensor<?x2xf32>
  return %y, %z : tensor<?x2xf32>, tensor<?x2xf32>
}

// -----

// A parameter that meets two values sums both; on the left, it meets columns.

// CHECK: func @twice(%[[X:.*]]: tensor<4x3xbf16>, %[[Y:.*]]: tensor<4x3xbf16>, %{{.*}}: tensor<2x3xbf16>,
// CHECK-SAME: memref<1xi64> {sparsity.name = "fc.weight.rows", sparsity.statistic = #sparsity.statistic<"rows", [<"fc.weight", tensor<2x4xbf16>, axis = 1,
// CHECK-SAME: memref<4xf64>
// CHECK-SAME: memref<4x4xf32>
// CHECK: linalg.transpose ins(%[[X]] : tensor<4x3xbf16>)
// CHECK: arith.extf %{{.*}} : bf16 to f32
// CHECK: linalg.transpose ins(%[[Y]] : tensor<4x3xbf16>)
// CHECK-COUNT-2: sparsity.matmul {{.*}} outs(%{{.*}} : tensor<4x4xf32>)
sparsity.parameter @fc.weight : tensor<2x4xbf16> = dense<1.0> : tensor<2x4xbf16>
func.func @twice(%x: tensor<4x3xbf16>, %y: tensor<4x3xbf16>, %e: tensor<2x3xbf16>) -> (tensor<2x3xbf16>, tensor<2x3xbf16>) {
  %w = sparsity.load @fc.weight : tensor<2x4xbf16>
  %p = sparsity.matmul ins(%w, %x : tensor<2x4xbf16>, tensor<4x3xbf16>) outs(%e : tensor<2x3xbf16>) -> tensor<2x3xbf16>
  %q = sparsity.matmul ins(%w, %y : tensor<2x4xbf16>, tensor<4x3xbf16>) outs(%e : tensor<2x3xbf16>) -> tensor<2x3xbf16>
  return %p, %q : tensor<2x3xbf16>, tensor<2x3xbf16>
}

// -----

// Only public functions are entries; those without observed parameters stay.

// CHECK: func private @helper(%{{.*}}: tensor<2x4xf32>, %{{.*}}: tensor<2x2xf32>) -> tensor<2x2xf32> {
// CHECK: func @identity(%arg0: tensor<2x4xf32>) -> tensor<2x4xf32> {
// CHECK: func @entry({{.*}} memref<1xi64>
sparsity.parameter @w : tensor<4x2xf32> = dense<1.0> : tensor<4x2xf32>
func.func private @helper(%x: tensor<2x4xf32>, %e: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %w = sparsity.load @w : tensor<4x2xf32>
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, tensor<4x2xf32>) outs(%e : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}
func.func @identity(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  return %x : tensor<2x4xf32>
}
func.func @entry(%x: tensor<2x4xf32>, %e: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %w = sparsity.load @w : tensor<4x2xf32>
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, tensor<4x2xf32>) outs(%e : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// -----

// What runs how often is known within a block only: w and v have statistics of their own.

// CHECK: func @loop({{.*}} {sparsity.name = "w.rows", sparsity.statistic = #sparsity.statistic<"rows", [<"w", tensor<4x4xf32>, axis = 0, hash = "xxh64:{{[0-9a-f]*}}">]>}
// CHECK-SAME: {sparsity.name = "v.rows", sparsity.statistic = #sparsity.statistic<"rows", [<"v", tensor<4x4xf32>, axis = 0, hash = "xxh64:{{[0-9a-f]*}}">]>}
sparsity.parameter @w : tensor<4x4xf32> = dense<1.0> : tensor<4x4xf32>
sparsity.parameter @v : tensor<4x4xf32> = dense<2.0> : tensor<4x4xf32>
func.func @loop(%x: tensor<2x4xf32>, %e: tensor<2x4xf32>, %n: index) -> (tensor<2x4xf32>, tensor<2x4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %w = sparsity.load @w : tensor<4x4xf32>
  %v = sparsity.load @v : tensor<4x4xf32>
  %y = scf.for %i = %c0 to %n step %c1 iter_args(%o = %e) -> tensor<2x4xf32> {
    %p = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, tensor<4x4xf32>) outs(%o : tensor<2x4xf32>) -> tensor<2x4xf32>
    scf.yield %p : tensor<2x4xf32>
  }
  %z = sparsity.matmul ins(%x, %v : tensor<2x4xf32>, tensor<4x4xf32>) outs(%e : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y, %z : tensor<2x4xf32>, tensor<2x4xf32>
}
