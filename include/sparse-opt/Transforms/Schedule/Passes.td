//===- Passes.td - The Schedule family ----------------------*- tablegen -*-===//
//
// Schedule stage: in which order, by whom and in which memory the dense rest of
// a program is computed. Storage formats are not known here. Passes on tensors
// and on whole buffers are in this file, those on loops and vectors in
// BufferPasses.td.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_TRANSFORMS_SCHEDULE_PASSES
#define SPARSE_OPT_TRANSFORMS_SCHEDULE_PASSES

include "mlir/Pass/PassBase.td"
include "sparse-opt/Transforms/Schedule/BufferPasses.td"

def RaiseReshapesPass
    : Pass<"sparsity-raise-reshapes", "::mlir::func::FuncOp"> {
  let summary = "turn tensor.reshape into expand_shape and collapse_shape";
  let description = [{
    Frontends write a reshape with dynamic extents as `tensor.reshape` with a
    shape operand, which no fusion sees through. Where trailing static extents
    factor, the reshape becomes an expansion or a collapse that does.

    ```mlir
    func.func @heads(%x: tensor<?x384xf32>, %s: tensor<3xi64>)
        -> tensor<?x12x32xf32> {
      %r = tensor.reshape %x(%s)
          : (tensor<?x384xf32>, tensor<3xi64>) -> tensor<?x12x32xf32>
      return %r : tensor<?x12x32xf32>
    }
    // becomes
    func.func @heads(%x: tensor<?x384xf32>, %s: tensor<3xi64>)
        -> tensor<?x12x32xf32> {
      %c0 = arith.constant 0 : index
      %0 = tensor.extract %s[%c0] : tensor<3xi64>
      %n = arith.index_cast %0 : i64 to index
      %r = tensor.expand_shape %x [[0], [1, 2]] output_shape [%n, 12, 32]
          : tensor<?x384xf32> into tensor<?x12x32xf32>
      return %r : tensor<?x12x32xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::tensor::TensorDialect",
                           "::mlir::arith::ArithDialect"];
}

def CheckExtentsPass
    : Pass<"sparsity-check-extents", "::mlir::func::FuncOp"> {
  let summary = "check that tensors used together agree in extent";
  let description = [{
    Ops on tensors take for granted that extents agree. Where those of an op of a
    public function's body come from dynamic extents of arguments or from
    constants, a `cf.assert` at the function's entry compares them. Other extents
    that are not known to agree are compared just before the op, as are windows
    (what `RuntimeVerifiableOpInterface` of linalg asks) and reshapes, whose
    numbers of elements must agree.

    ```mlir
    func.func @f(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
      %r = linalg.add ins(%x, %y : tensor<?xf32>, tensor<?xf32>)
          outs(%x : tensor<?xf32>) -> tensor<?xf32>
      return %r : tensor<?xf32>
    }
    ```
    gets "expected extent 0 of input 1 to be extent 0 of input 0".
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::cf::ControlFlowDialect",
                           "::mlir::tensor::TensorDialect"];
}

def CheckIndicesPass
    : Pass<"sparsity-check-indices", "::mlir::func::FuncOp"> {
  let summary = "check that elements and slices are inside of their tensors";
  let description = [{
    Inserts a `cf.assert` before `tensor.extract`, `tensor.insert`,
    `tensor.extract_slice` and `tensor.insert_slice`. In bodies of linalg ops
    only indices computed from elements of tensors are checked, and none in
    bodies that have assertions of their own.

    ```mlir
    func.func @at(%x: tensor<5xf32>, %i: index) -> f32 {
      %v = tensor.extract %x[%i] : tensor<5xf32>
      return %v : f32
    }
    // becomes
    func.func @at(%x: tensor<5xf32>, %i: index) -> f32 {
      %c5 = arith.constant 5 : index
      %ok = arith.cmpi ult, %i, %c5 : index
      cf.assert %ok, "expected an index inside of the tensor"
      %v = tensor.extract %x[%i] : tensor<5xf32>
      return %v : f32
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::cf::ControlFlowDialect",
                           "::mlir::tensor::TensorDialect"];
}

def HoistAssertsPass : Pass<"sparsity-hoist-asserts", "::mlir::func::FuncOp"> {
  let summary = "check data-dependent indices apart from the code that uses them";
  let description = [{
    A `cf.assert` inside a `linalg.generic` keeps the op alive and its checks are
    repeated wherever fusion copies the body. This moves the checks of each op
    into an op of their own over the dimensions that the checked values have, so
    that the computation is free of side effects. The same check is made once.

    ```mlir
    func.func @lookup(%table: tensor<9x8xf32>, %ids: tensor<?xindex>,
                      %e: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %rows = arith.constant 9 : index
      %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0)>,
                                            affine_map<(d0, d1) -> (d0, d1)>],
                           iterator_types = ["parallel", "parallel"]}
          ins(%ids : tensor<?xindex>) outs(%e : tensor<?x8xf32>) {
      ^bb0(%id: index, %out: f32):
        %ok = arith.cmpi ult, %id, %rows : index
        cf.assert %ok, "id out of range"
        %j = linalg.index 1 : index
        %v = tensor.extract %table[%id, %j] : tensor<9x8xf32>
        linalg.yield %v : f32
      } -> tensor<?x8xf32>
      return %r : tensor<?x8xf32>
    }
    // becomes
    func.func @lookup(%table: tensor<9x8xf32>, %ids: tensor<?xindex>,
                      %e: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %rows = arith.constant 9 : index
      linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>],
                      iterator_types = ["parallel"]}
          ins(%ids : tensor<?xindex>) {
      ^bb0(%id: index):
        %ok = arith.cmpi ult, %id, %rows : index
        cf.assert %ok, "id out of range"
        linalg.yield
      }
      %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0)>,
                                            affine_map<(d0, d1) -> (d0, d1)>],
                           iterator_types = ["parallel", "parallel"]}
          ins(%ids : tensor<?xindex>) outs(%e : tensor<?x8xf32>) {
      ^bb0(%id: index, %out: f32):
        %j = linalg.index 1 : index
        %v = tensor.extract %table[%id, %j] : tensor<9x8xf32>
        linalg.yield %v : f32
      } -> tensor<?x8xf32>
      return %r : tensor<?x8xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::cf::ControlFlowDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def FoldUnitDimsPass : Pass<"sparsity-fold-unit-dims", "::mlir::func::FuncOp"> {
  let summary = "drop dimensions of extent 1 from generics";
  let description = [{
    Upstream's patterns, kept away from ops that read through windows
    (convolutions, pooling), whose extents they infer wrongly in LLVM 22.1.

    ```mlir
    #id = affine_map<(d0, d1) -> (d0, d1)>
    func.func @negate(%x: tensor<1x8xf32>, %e: tensor<1x8xf32>)
        -> tensor<1x8xf32> {
      %r = linalg.generic {indexing_maps = [#id, #id],
                           iterator_types = ["parallel", "parallel"]}
          ins(%x : tensor<1x8xf32>) outs(%e : tensor<1x8xf32>) {
      ^bb0(%a: f32, %out: f32):
        %b = arith.negf %a : f32
        linalg.yield %b : f32
      } -> tensor<1x8xf32>
      return %r : tensor<1x8xf32>
    }
    ```
    becomes a generic over eight elements between reshapes.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::affine::AffineDialect"];
}

def InitsToInputsPass
    : Pass<"sparsity-inits-to-inputs", "::mlir::func::FuncOp"> {
  let summary = "let parallel generics read their initial values as inputs";
  let description = [{
    A parallel `linalg.generic` on tensors whose body reads `outs` gets that
    tensor as an input and an empty tensor as `outs`. It can then be fused.

    ```mlir
    #id = affine_map<(d0) -> (d0)>
    func.func @add(%x: tensor<8xf32>, %y: tensor<8xf32>) -> tensor<8xf32> {
      %r = linalg.generic {indexing_maps = [#id, #id],
                           iterator_types = ["parallel"]}
          ins(%x : tensor<8xf32>) outs(%y : tensor<8xf32>) {
      ^bb0(%a: f32, %b: f32):
        %s = arith.addf %a, %b : f32
        linalg.yield %s : f32
      } -> tensor<8xf32>
      return %r : tensor<8xf32>
    }
    // becomes
    #id = affine_map<(d0) -> (d0)>
    func.func @add(%x: tensor<8xf32>, %y: tensor<8xf32>) -> tensor<8xf32> {
      %e = tensor.empty() : tensor<8xf32>
      %r = linalg.generic {indexing_maps = [#id, #id, #id],
                           iterator_types = ["parallel"]}
          ins(%x, %y : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>) {
      ^bb0(%a: f32, %b: f32, %out: f32):
        %s = arith.addf %a, %b : f32
        linalg.yield %s : f32
      } -> tensor<8xf32>
      return %r : tensor<8xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def TileAndFusePass
    : Pass<"sparsity-tile-and-fuse", "::mlir::func::FuncOp"> {
  let summary = "compute softmax, norms and attention in one loop over rows";
  let description = [{
    Groups of generics and dense products on tensors that read each other's
    results row by row become one `scf.forall`. Nothing is computed twice and no
    sum changes its order.

    ```mlir
    #row = affine_map<(d0, d1) -> (d0)>
    #all = affine_map<(d0, d1) -> (d0, d1)>
    func.func @normalise(%x: tensor<4x64xf32>, %zeros: tensor<4xf32>,
                         %e: tensor<4x64xf32>) -> tensor<4x64xf32> {
      %sum = linalg.generic {indexing_maps = [#all, #row],
                             iterator_types = ["parallel", "reduction"]}
          ins(%x : tensor<4x64xf32>) outs(%zeros : tensor<4xf32>) {
      ^bb0(%a: f32, %s: f32):
        %t = arith.addf %a, %s : f32
        linalg.yield %t : f32
      } -> tensor<4xf32>
      %y = linalg.generic {indexing_maps = [#all, #row, #all],
                           iterator_types = ["parallel", "parallel"]}
          ins(%x, %sum : tensor<4x64xf32>, tensor<4xf32>)
          outs(%e : tensor<4x64xf32>) {
      ^bb0(%a: f32, %s: f32, %out: f32):
        %q = arith.divf %a, %s : f32
        linalg.yield %q : f32
      } -> tensor<4x64xf32>
      return %y : tensor<4x64xf32>
    }
    ```
    becomes a loop over four rows, each summed and divided in turn.
  }];
  let statistics = [Statistic<"numGroups", "groups", "loops made">];
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
}

def KeepArgumentsPass
    : Pass<"sparsity-keep-arguments", "::mlir::func::FuncOp"> {
  let summary = "say that arguments are never written";
  let description = [{
    Bufferization writes to the arguments of functions where that saves a copy.
    This marks those of public functions as read only: they are the caller's.

    ```mlir
    func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
      return %x : tensor<4xf32>
    }
    // becomes
    func.func @f(%x: tensor<4xf32> {bufferization.writable = false})
        -> tensor<4xf32> {
      return %x : tensor<4xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect"];
}

def OwnResultsPass : Pass<"sparsity-own-results", "::mlir::func::FuncOp"> {
  let summary = "make every returned buffer an allocation of its own";
  let description = [{
    A caller frees what a function returns. Results that alias an argument,
    another result or a part of a larger buffer are copied.

    ```mlir
    func.func @identity(%x: memref<4xf32>) -> memref<4xf32> {
      return %x : memref<4xf32>
    }
    // becomes
    func.func @identity(%x: memref<4xf32>) -> memref<4xf32> {
      %own = memref.alloc() : memref<4xf32>
      memref.copy %x, %own : memref<4xf32> to memref<4xf32>
      return %own : memref<4xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
}

#endif // SPARSE_OPT_TRANSFORMS_SCHEDULE_PASSES
