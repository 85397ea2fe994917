//===- Passes.td - The Layout family ------------------------*- tablegen -*-===//
//
// Format stage: products become sparsity.matmul, weights get a storage format
// and are packed. What may be zero is decided before (Prune).
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_TRANSFORMS_LAYOUT_PASSES
#define SPARSE_OPT_TRANSFORMS_LAYOUT_PASSES

include "mlir/Pass/PassBase.td"

def RaiseProductsPass : Pass<"sparsity-raise-products", "::mlir::func::FuncOp"> {
  let summary = "turn matrix products of linalg into sparsity.matmul";
  let description = [{
    A product is linalg.matmul, linalg.batch_matmul, linalg.contract or a
    generic with their loops in any order, and nothing in its body but the
    product, the sum and extensions of operands.

    Sees through what frontends write around a product: transposes of either
    operand, half-precision operands extended to f32, batches collapsed into one
    dimension, a bias that is broadcast and added. A destination that is not
    zero is added afterwards.

    ```mlir
    func.func @linear(%x: tensor<?x4xf32>, %w: tensor<8x4xf32>,
                      %t: tensor<4x8xf32>, %e: tensor<?x8xf32>)
        -> tensor<?x8xf32> {
      %c0 = arith.constant 0.0 : f32
      %zero = linalg.fill ins(%c0 : f32) outs(%e : tensor<?x8xf32>)
          -> tensor<?x8xf32>
      %wt = linalg.transpose ins(%w : tensor<8x4xf32>) outs(%t : tensor<4x8xf32>)
          permutation = [1, 0]
      %y = linalg.matmul ins(%x, %wt : tensor<?x4xf32>, tensor<4x8xf32>)
                         outs(%zero : tensor<?x8xf32>) -> tensor<?x8xf32>
      return %y : tensor<?x8xf32>
    }
    // becomes
    func.func @linear(%x: tensor<?x4xf32>, %w: tensor<8x4xf32>,
                      %t: tensor<4x8xf32>, %e: tensor<?x8xf32>)
        -> tensor<?x8xf32> {
      %c0 = arith.constant 0 : index
      %n = tensor.dim %e, %c0 : tensor<?x8xf32>
      %e2 = tensor.empty(%n) : tensor<?x8xf32>
      %y = sparsity.matmul ins(%x, %w : tensor<?x4xf32>, tensor<8x4xf32>)
               outs(%e2 : tensor<?x8xf32>) transpose_rhs -> tensor<?x8xf32>
      return %y : tensor<?x8xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::sparsity::SparsityDialect",
                           "::mlir::linalg::LinalgDialect"];
  let statistics = [
    Statistic<"numProducts", "products", "products raised">,
    Statistic<"numBiases", "biases", "biases folded into products">
  ];
}

def SelectFormatsPass : Pass<"sparsity-select-formats", "::mlir::ModuleOp"> {
  let summary = "choose a storage format and kernel for every weight";
  let description = [{
    For each product with a parameter as operand, ranks the formats that hold
    the parameter's pattern by predicted time on the target, dense always among
    them, and records the winner: the operand is packed and the product carries
    its `#sparsity.kernel`. The reason is a remark on the product's location:
    chosen format, predicted time, and the runner-up.

    `target` describes the machine when the module does not yet
    (`host` or an x86-64 CPU name). `format` forces one: dense, nm, bsr or
    stream; a weight that cannot be held in it is an error.

    With `record`, the product also keeps the whole ranking, best first, for
    reports (see Dialect/Sparsity/IR/Ranking.h).

    ```mlir
    // sparse-opt --sparsity-select-formats=target=x86-64-v4
    sparsity.parameter "private" @w : tensor<512x512xf32>
        {pattern = #sparsity.nm<1:8>}
    func.func @f(%x: tensor<1x512xf32>, %e: tensor<1x512xf32>)
        -> tensor<1x512xf32> {
      %w = sparsity.load @w : tensor<512x512xf32>
      %y = sparsity.matmul ins(%x, %w : tensor<1x512xf32>, tensor<512x512xf32>)
          outs(%e : tensor<1x512xf32>) transpose_rhs -> tensor<1x512xf32>
      return %y : tensor<1x512xf32>
    }
    ```
    packs `%w` as `#sparsity.nm_format<1:8>`: one token reads each weight once.
  }];
  let options = [
    Option<"target", "target", "std::string", /*default=*/"",
           "machine to choose for; empty = the module's">,
    Option<"format", "format", "std::string", /*default=*/"",
           "format to force: dense, nm, bsr or stream">,
    Option<"record", "record", "bool", /*default=*/"false",
           "keep the ranking on each product">
  ];
  let dependentDialects = ["::mlir::sparsity::SparsityDialect",
                           "::mlir::DLTIDialect"];
  let statistics = [
    Statistic<"numSparse", "sparse", "weights stored in a sparse format">,
    Statistic<"numDense", "dense", "weights stored dense">
  ];
}

def PackWeightsPass : Pass<"sparsity-pack-weights", "::mlir::ModuleOp"> {
  let summary = "pack parameters into their formats at compile time";
  let description = [{
    Every `sparsity.pack` of a parameter becomes a load of a packed parameter
    whose storage buffers are encoded here, weight by weight. A nonzero that the
    format cannot hold is an error that names row and column. The dense
    parameter goes away when nothing else uses it.

    ```mlir
    !packed = !sparsity.packed<2x4xf32, #sparsity.stream_format>
    sparsity.parameter "private" @w : tensor<2x4xf32>
        = dense<[[1.0, 0.0, 0.0, 2.0], [0.0, 3.0, 4.0, 0.0]]> : tensor<2x4xf32>
    func.func @f() -> !packed {
      %w = sparsity.load @w : tensor<2x4xf32>
      %p = sparsity.pack %w : tensor<2x4xf32> -> !packed
      return %p : !packed
    }
    ```
    becomes a load of `@w.packed`, a parameter whose buffers hold the offsets of
    rows, and the columns and values of the four nonzeros.
  }];
  let dependentDialects = ["::mlir::sparsity::SparsityDialect"];
  let statistics = [
    Statistic<"numPacked", "packed", "parameters packed">,
    Statistic<"bytesDense", "bytes-dense", "bytes of these before">,
    Statistic<"bytesPacked", "bytes-packed", "bytes of these after">
  ];
}

def ExposeParametersPass
    : Pass<"sparsity-expose-parameters", "::mlir::ModuleOp"> {
  let summary = "turn parameters into function arguments";
  let description = [{
    Loads become arguments of their function, after its own: one per storage
    buffer, in the order of first use, marked with the parameter's symbol and
    the buffer's index. The caller passes the weights; nothing of them is in the
    code. Public functions get a C wrapper (`llvm.emit_c_interface`).

    ```mlir
    sparsity.parameter @bias : tensor<4xf32>
    func.func @f(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
      %b = sparsity.load @bias : tensor<4xf32>
      return %x, %b : tensor<4xf32>, tensor<4xf32>
    }
    // becomes
    sparsity.parameter @bias : tensor<4xf32>
    func.func @f(%x: tensor<4xf32>, %b: tensor<4xf32>
                 {sparsity.buffer = 0 : i64, sparsity.parameter = @bias})
        -> (tensor<4xf32>, tensor<4xf32>) attributes {llvm.emit_c_interface} {
      return %x, %b : tensor<4xf32>, tensor<4xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::sparsity::SparsityDialect"];
}

def EraseParametersPass
    : Pass<"sparsity-erase-parameters", "::mlir::ModuleOp"> {
  let summary = "remove parameters whose loads are arguments";
  let description = [{
    After sparsity-expose-parameters: the `sparsity.parameter` ops go, and the
    attributes of arguments that name them. With `strip-target` the description
    of the target goes too, and the alignment of buffers that was chosen for it,
    which later versions of MLIR write in another way.

    ```mlir
    sparsity.parameter "private" @b : tensor<1xf32> = dense<1.0> : tensor<1xf32>
    func.func @f(%b: tensor<1xf32> {sparsity.buffer = 0 : i64,
                                    sparsity.parameter = @b}) -> tensor<1xf32> {
      return %b : tensor<1xf32>
    }
    // becomes
    func.func @f(%b: tensor<1xf32>) -> tensor<1xf32> {
      return %b : tensor<1xf32>
    }
    ```
  }];
  let options = [
    Option<"stripTarget", "strip-target", "bool", "false",
           "remove what was chosen for the target as well">];
  let dependentDialects = ["::mlir::sparsity::SparsityDialect"];
}

def FuseEpiloguesPass
    : Pass<"sparsity-fuse-epilogues", "::mlir::func::FuncOp"> {
  let summary = "move elementwise ops into the products that they read";
  let description = [{
    An elementwise op (activation, residual, gate, scale, conversion) that is the
    only reader of a product with a packed operand becomes the epilogue of that
    product, so that the sums are read while they are in cache. Of a gate's two
    products the last one takes it. Ops that read an expanded product are
    collapsed first.

    ```mlir
    func.func @relu(%x: tensor<?x4xf32>,
                    %w: !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>,
                    %e: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %c0 = arith.constant 0.0 : f32
      %y = sparsity.matmul
               ins(%x, %w : tensor<?x4xf32>,
                   !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>)
               outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
      %z = linalg.generic {
          indexing_maps = [affine_map<(i, j) -> (i, j)>,
                           affine_map<(i, j) -> (i, j)>],
          iterator_types = ["parallel", "parallel"]}
          ins(%y : tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) {
      ^bb0(%sum: f32, %out: f32):
        %relu = arith.maximumf %sum, %c0 : f32
        linalg.yield %relu : f32
      } -> tensor<?x8xf32>
      return %z : tensor<?x8xf32>
    }
    // becomes
    func.func @relu(%x: tensor<?x4xf32>,
                    %w: !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>,
                    %e: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %z = sparsity.matmul
               ins(%x, %w : tensor<?x4xf32>,
                   !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>)
               outs(%e : tensor<?x8xf32>) epilogue {
      ^bb0(%sum: f32):
        %c0 = arith.constant 0.0 : f32
        %relu = arith.maximumf %sum, %c0 : f32
        sparsity.yield %relu : f32
      } -> tensor<?x8xf32>
      return %z : tensor<?x8xf32>
    }
    ```
  }];
  let statistics = [
    Statistic<"numFused", "fused", "products with an epilogue">,
  ];
  let dependentDialects = ["::mlir::linalg::LinalgDialect",
                           "::mlir::sparsity::SparsityDialect",
                           "::mlir::tensor::TensorDialect"];
}

#endif // SPARSE_OPT_TRANSFORMS_LAYOUT_PASSES
