//===- CheckPasses.td - Checks at run time -----------------*- tablegen -*-===//
//
// What a program asks of the data it is called with, and how the caller hears
// of it. Part of Passes.td.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_TRANSFORMS_SCHEDULE_CHECKPASSES
#define SPARSE_OPT_TRANSFORMS_SCHEDULE_CHECKPASSES

include "mlir/Pass/PassBase.td"

def CheckExtentsPass
    : Pass<"sparsity-check-extents", "::mlir::func::FuncOp"> {
  let summary = "check that tensors used together agree in extent";
  let description = [{
    Ops on tensors take for granted that extents agree. Where those of an op of a
    public function's body come from dynamic extents of arguments or from
    constants, a `cf.assert` at the function's entry compares them. Other extents
    that are not known to agree are compared just before the op, as are windows
    (what `RuntimeVerifiableOpInterface` of linalg asks) and reshapes, whose
    numbers of elements must agree. New tensors of computed extents, and padded
    ones, must have at most 2^46 elements and no negative extent.

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

def CheckDivisionsPass
    : Pass<"sparsity-check-divisions", "::mlir::func::FuncOp"> {
  let summary = "check that integer divisions have a result";
  let description = [{
    Division by 0, and of the lowest number by -1, end a process. Before each
    division of integers whose divisor is not a harmless constant a `cf.assert`
    is inserted, and the divisor that would do harm becomes 1.

    ```mlir
    func.func @f(%a: i32, %b: i32) -> i32 {
      %q = arith.divui %a, %b : i32
      return %q : i32
    }
    // becomes
    func.func @f(%a: i32, %b: i32) -> i32 {
      %zero = arith.constant 0 : i32
      %traps = arith.cmpi eq, %b, %zero : i32
      %yes = arith.constant true
      %ok = arith.xori %traps, %yes : i1
      cf.assert %ok, "expected a divisor other than 0 and a quotient that fits its type"
      %one = arith.constant 1 : i32
      %safe = arith.select %traps, %one, %b : i32
      %q = arith.divui %a, %safe : i32
      return %q : i32
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::cf::ControlFlowDialect",
                           "::mlir::vector::VectorDialect"];
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

def ReportAssertsPass
    : Pass<"sparsity-report-asserts", "::mlir::ModuleOp"> {
  let summary = "turn cf.assert into an error that the caller sees";
  let description = [{
    A failed assertion calls `sparse_opt_report_error` with its message and the
    program goes on; what was asserted before on every way is not asserted
    again. Indices of loads and stores that depend on data are clamped, so
    going on never leaves a buffer (that is not empty). The runtime drops the
    results and returns the error.

    ```mlir
    func.func @check(%ok: i1) {
      cf.assert %ok, "id out of range"
      return
    }
    // becomes
    llvm.mlir.global private constant @sparse_opt_message_1(
        "id out of range\00") {addr_space = 0 : i32}
    llvm.func @sparse_opt_report_error(!llvm.ptr)
    func.func @check(%ok: i1) {
      %true = arith.constant true
      %failed = arith.xori %ok, %true : i1
      scf.if %failed {
        %text = llvm.mlir.addressof @sparse_opt_message_1 : !llvm.ptr
        llvm.call @sparse_opt_report_error(%text) : (!llvm.ptr) -> ()
      }
      return
    }
    ```
  }];
  let dependentDialects = ["::mlir::scf::SCFDialect",
                           "::mlir::LLVM::LLVMDialect"];
}

#endif // SPARSE_OPT_TRANSFORMS_SCHEDULE_CHECKPASSES
