//===- Passes.td - Conversions out of the dialect ----------*- tablegen -*-===//
//
// Every conversion pass of the project. Their order is known to Pipelines only.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_CONVERSION_PASSES
#define SPARSE_OPT_CONVERSION_PASSES

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// SparsityToLinalg
//===----------------------------------------------------------------------===//

def ConvertSparsityToLinalgPass
    : Pass<"convert-sparsity-to-linalg", "::mlir::ModuleOp"> {
  let summary = "replace the dialect by its dense meaning: the oracle";
  let description = [{
    Nothing of the dialect is left: parameters become constants, packed values
    become dense tensors, products become linalg ops. What is not stored is
    +0.0, so the only numbers that may differ from a sparse program's are the
    order of sums and non-finite values met by zeros that a format leaves out.

    A packed parameter is checked and decoded here; `sparsity.assemble` of
    buffers known at run time becomes code that decodes them. A loaded parameter
    without a value is an error; `--sparsity-expose-parameters` before this pass
    turns parameters into function arguments instead.

    ```mlir
    sparsity.parameter @w : tensor<2x3xf32> = dense<1.0> : tensor<2x3xf32>
    func.func @f(%x: tensor<4x3xf32>, %e: tensor<4x2xf32>) -> tensor<4x2xf32> {
      %w = sparsity.load @w : tensor<2x3xf32>
      %y = sparsity.matmul ins(%x, %w : tensor<4x3xf32>, tensor<2x3xf32>)
               outs(%e : tensor<4x2xf32>) transpose_rhs -> tensor<4x2xf32>
      return %y : tensor<4x2xf32>
    }
    ```
    becomes a constant, a `linalg.fill` and a `linalg.matmul`.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"
  ];
}

//===----------------------------------------------------------------------===//
// SparsityToSparseTensor
//===----------------------------------------------------------------------===//

def ConvertSparsityToSparseTensorPass
    : Pass<"convert-sparsity-to-sparse-tensor", "::mlir::ModuleOp"> {
  let summary = "hand products of constant packed operands to upstream";
  let description = [{
    Each `sparsity.matmul` whose packed operand is a parameter with a value
    becomes a call of a private function that holds the contraction and nothing
    else: `sparse_tensor.assemble` of constant arrays, a filled dense result,
    one linalg op. Bias, rounding and padding stay with the caller. Rows of
    streams become CSR, CSC or COO; blocks and N:M groups are padded, and
    underfull groups filled with explicit zeros, because upstream's loops assume
    divisible shapes and full groups and check nothing. Products of tiles, of
    values known at run time only and of dense panels are left alone.

    Upstream's `--sparsifier` miscompiles dense code that it sees (a buffer made
    in a loop is hoisted out of it and then written), so it must see only these
    functions: `--sparsity-sparsify-kernels` runs it on them and on nothing
    else, and the rest of the module takes its usual way:

        --convert-sparsity-to-sparse-tensor --sparsity-sparsify-kernels
        --convert-sparsity-to-linalg --one-shot-bufferize=...

    ```mlir
    !w = !sparsity.packed<2x4xf32, #sparsity.stream_format>
    sparsity.parameter @w : !w = [dense<[0, 1, 2]> : tensor<3xi32>,
        dense<[1, 3]> : tensor<2xi16>, dense<[5.0, 6.0]> : tensor<2xf32>]
    func.func @f(%x: tensor<?x4xf32>, %e: tensor<?x2xf32>) -> tensor<?x2xf32> {
      %w = sparsity.load @w : !w
      %y = sparsity.matmul ins(%x, %w : tensor<?x4xf32>, !w)
               outs(%e : tensor<?x2xf32>) -> tensor<?x2xf32>
      return %y : tensor<?x2xf32>
    }
    ```
    becomes a call of `@sparse_matmul`.
  }];
  let options = [
    Option<"layout", "layout", "::mlir::sparsity::SparseTensorLayout",
           /*default=*/"::mlir::sparsity::SparseTensorLayout::CSR",
           "layout of unstructured matrices", [{::llvm::cl::values(
             clEnumValN(::mlir::sparsity::SparseTensorLayout::CSR, "csr",
                        "compressed rows"),
             clEnumValN(::mlir::sparsity::SparseTensorLayout::CSC, "csc",
                        "compressed columns"),
             clEnumValN(::mlir::sparsity::SparseTensorLayout::COO, "coo",
                        "coordinates"))}]>,
  ];
  let statistics = [
    Statistic<"numKernels", "kernels", "products handed to upstream">,
    Statistic<"numLeft", "left", "packed products left alone">,
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::linalg::LinalgDialect",
    "::mlir::sparse_tensor::SparseTensorDialect", "::mlir::tensor::TensorDialect"
  ];
}

def SparsifyKernelsPass
    : Pass<"sparsity-sparsify-kernels", "::mlir::ModuleOp"> {
  let summary = "run upstream's sparsifier on sparse functions only";
  let description = [{
    Moves every function that holds sparse tensors inside, and dense ones at its
    boundary, into a module of its own, runs upstream's
    `sparsification-and-bufferization` there, and moves the results back:
    functions on buffers, which their callers call with buffers. Nothing else is
    seen by upstream's pipeline, whose loop-invariant code motion between
    analysis and bufferization breaks dense code.

    ```mlir
    #csr = #sparse_tensor.encoding<{
      map = (i, j) -> (i : dense, j : compressed), posWidth = 32, crdWidth = 8}>
    func.func private @kernel(%x: tensor<4xf32>) -> tensor<2xf32> {
      %pos = arith.constant dense<[0, 1, 2]> : tensor<3xi32>
      %crd = arith.constant dense<[1, 3]> : tensor<2xi8>
      %val = arith.constant dense<[5.0, 6.0]> : tensor<2xf32>
      %w = sparse_tensor.assemble (%pos, %crd), %val
          : (tensor<3xi32>, tensor<2xi8>), tensor<2xf32> to tensor<2x4xf32, #csr>
      %z = arith.constant dense<0.0> : tensor<2xf32>
      %y = linalg.matvec ins(%w, %x : tensor<2x4xf32, #csr>, tensor<4xf32>)
                         outs(%z : tensor<2xf32>) -> tensor<2xf32>
      return %y : tensor<2xf32>
    }
    ```
    becomes a function from `memref<4xf32>` to `memref<2xf32>` with a loop over the
    two nonzeros.
  }];
  let dependentDialects = [
    "::mlir::bufferization::BufferizationDialect", "::mlir::func::FuncDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"
  ];
}

//===----------------------------------------------------------------------===//
// SparsityToVector
//===----------------------------------------------------------------------===//

def ConvertSparsityToVectorPass
    : Pass<"convert-sparsity-to-vector", "::mlir::ModuleOp"> {
  let summary = "lower bufferized products to loops of vector code";
  let description = [{
    Every `sparsity.matmul` on memrefs becomes a call of a private function
    `sparsity_matmul_<format>_<n>`, made once for each distinct combination of
    format, shape of the packed operand, element types and layouts. The number
    of tokens (rows of the dense operand) stays dynamic, so code size depends
    neither on the number of products nor on the positions of nonzeros. Products
    of one x whose weights are packed alike and between which no memory is read
    or written (queries, keys and values) become one call.

    Vector width, register tiles and instructions follow the module's target
    description and the op's `kernel`. A product outside parallel loops becomes
    one `scf.parallel` over work items; inside one it is sequential. A sum's
    order depends on shapes only. Epilogues become `linalg.generic`, item by item
    where products are matrices, to be vectorised with the rest of the program.

    ```mlir
    func.func @f(%x: memref<?x384xf32>, %w: memref<589824xf32>,
                 %y: memref<?x1536xf32>) {
      %p = sparsity.assemble %w : memref<589824xf32>
          -> !sparsity.packed<1536x384xf32, #sparsity.dense_format<panel = 64>>
      sparsity.matmul ins(%x, %p : memref<?x384xf32>,
          !sparsity.packed<1536x384xf32, #sparsity.dense_format<panel = 64>>)
          outs(%y : memref<?x1536xf32>)
      return
    }
    ```
    becomes casts and a call of `@sparsity_matmul_dense_0`.
  }];
  let options = [
    Option<"portable", "portable", "bool", /*default=*/"false",
           "use upstream operations only, no intrinsics of the target">,
    Option<"record", "record", "bool", /*default=*/"false",
           "note on calls what reports say of them">,
  ];
  let statistics = [
    Statistic<"numProducts", "products", "products lowered">,
    Statistic<"numKernels", "kernels", "functions made for them">,
  ];
  let dependentDialects = [
    "::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect",
    "::mlir::func::FuncDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"
  ];
}

def ConvertChunksToOpenMPPass
    : Pass<"sparsity-convert-chunks-to-openmp", "::mlir::ModuleOp"> {
  let summary = "give the chunks of parallel loops to the threads of a team";
  let description = [{
    An `scf.parallel` of one dimension becomes an `omp.parallel` in which a
    thread takes the iterations with its own number, and those a whole team
    further on if the team is smaller than the loop. Upstream's conversion makes
    a worksharing loop, which asks the OpenMP runtime for bounds and waits at a
    barrier before the one that ends the team. The numbers come from functions
    of the LLVM runtime alone, so that another OpenMP runtime in the process
    cannot answer. Loops with reductions are left alone.

    ```mlir
    func.func @f(%x: memref<?xf32>, %chunks: index) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %z = arith.constant 0.0 : f32
      scf.parallel (%i) = (%c0) to (%chunks) step (%c1) {
        memref.store %z, %x[%i] : memref<?xf32>
      }
      return
    }
    ```
    becomes an `omp.parallel` around an `scf.for` from the thread's number.
  }];
  let dependentDialects = [
    "::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect",
    "::mlir::func::FuncDialect", "::mlir::omp::OpenMPDialect",
    "::mlir::scf::SCFDialect"
  ];
}

#endif // SPARSE_OPT_CONVERSION_PASSES
