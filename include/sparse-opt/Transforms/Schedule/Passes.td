//===- Passes.td - The Schedule family ----------------------*- tablegen -*-===//
//
// Schedule stage: in which order, by whom and in which memory the dense rest of
// a program is computed. Storage formats are not known here. Passes on tensors
// and on whole buffers are in this file, those on loops and vectors in
// BufferPasses.td, run-time checks in CheckPasses.td.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_TRANSFORMS_SCHEDULE_PASSES
#define SPARSE_OPT_TRANSFORMS_SCHEDULE_PASSES

include "mlir/Pass/PassBase.td"
include "sparse-opt/Transforms/Schedule/BufferPasses.td"
include "sparse-opt/Transforms/Schedule/CheckPasses.td"

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

def DecomposeAggregatesPass
    : Pass<"sparsity-decompose-aggregates", "::mlir::func::FuncOp"> {
  let summary = "write linalg.softmax and its kin as the steps they stand for";
  let description = [{
    Through upstream's `AggregatedOpInterface`; ops on memrefs stay.

    ```mlir
    func.func @f(%x: tensor<3x5xf32>, %e: tensor<3x5xf32>) -> tensor<3x5xf32> {
      %y = linalg.softmax dimension(1) ins(%x : tensor<3x5xf32>)
          outs(%e : tensor<3x5xf32>) -> tensor<3x5xf32>
      return %y : tensor<3x5xf32>
    }
    ```
    becomes a maximum, exponentials, a sum and a division, one `linalg.generic`
    each.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::tensor::TensorDialect"];
}

def FoldUnitDimsPass : Pass<"sparsity-fold-unit-dims", "::mlir::func::FuncOp"> {
  let summary = "drop dimensions of extent 1 from generics and batches";
  let description = [{
    Upstream's patterns, kept away from ops that read through windows
    (convolutions, pooling), whose extents they infer wrongly in LLVM 22.1, and
    one for the batch dimensions of `sparsity.matmul` with dense operands.

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

def FreeInLoopsPass : Pass<"sparsity-free-in-loops", "::mlir::ModuleOp"> {
  let summary = "free the buffers that loops hand from iteration to iteration";
  let description = [{
    Runs upstream's ownership-based deallocation on functions whose loops carry
    buffers, or take them from branches or calls: the memory of a program does
    not grow with the number of iterations. Other functions stay as they are.

    ```mlir
    func.func @f(%x: memref<4xf32>, %n: index) -> memref<4xf32> {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %y = scf.for %i = %c0 to %n step %c1
          iter_args(%a = %x) -> memref<4xf32> {
        %b = memref.alloc() : memref<4xf32>
        linalg.exp ins(%a : memref<4xf32>) outs(%b : memref<4xf32>)
        // added: memref.dealloc of %a, unless it is %x
        scf.yield %b : memref<4xf32>
      }
      %own = memref.alloc() : memref<4xf32>
      memref.copy %y, %own : memref<4xf32> to memref<4xf32>
      return %own : memref<4xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect"];
}

def HoistBuffersPass : Pass<"sparsity-hoist-buffers", "::mlir::func::FuncOp"> {
  let summary = "allocate buffers of sequential loops once";
  let description = [{
    Buffers that each iteration of an `scf.for` allocates and frees, with a size
    that does not change, leave the loop; iterations of parallel loops keep
    their own.

    ```mlir
    func.func @f(%x: memref<8xf32>, %n: index) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      scf.for %i = %c0 to %n step %c1 {
        %a = memref.alloc() : memref<8xf32>
        memref.copy %x, %a : memref<8xf32> to memref<8xf32>
        memref.copy %a, %x : memref<8xf32> to memref<8xf32>
        memref.dealloc %a : memref<8xf32>
      }
      return
    }
    ```
    allocates before the loop and frees after it.
  }];
  let statistics = [
    Statistic<"numHoisted", "hoisted", "buffers that left loops">];
}

#endif // SPARSE_OPT_TRANSFORMS_SCHEDULE_PASSES
