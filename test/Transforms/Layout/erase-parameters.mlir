// RUN: sparse-opt %s --sparsity-erase-parameters | FileCheck %s
// RUN: sparse-opt %s --sparsity-erase-parameters=strip-target=true | FileCheck %s --check-prefix=STRIPPED
// Parameters whose loads are arguments go, and what names them.

// CHECK:      module attributes {dlti.target_system_spec
// CHECK-NOT:  sparsity.
// CHECK:      func.func @f(%arg0: tensor<4xf32>, %arg1: tensor<4xf32>)
// CHECK:        memref.alloc() {alignment = 64 : i64}
// STRIPPED-NOT: {{dlti|sparsity\.|alignment}}
module attributes {dlti.target_system_spec = #dlti.target_system_spec<"CPU" = #dlti.target_device_spec<"name" = "host">>} {
  sparsity.parameter "private" @b : tensor<4xf32> = dense<1.0> : tensor<4xf32>
  func.func @f(%x: tensor<4xf32>, %b: tensor<4xf32> {sparsity.buffer = 0, sparsity.parameter = @b}) -> tensor<4xf32> {
    return %b : tensor<4xf32>
  }
  func.func @buffer() -> memref<4xf32> {
    %a = memref.alloc() {alignment = 64 : i64} : memref<4xf32>
    return %a : memref<4xf32>
  }
}
