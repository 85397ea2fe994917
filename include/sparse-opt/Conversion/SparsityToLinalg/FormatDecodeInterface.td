//===- FormatDecodeInterface.td - Formats that can be decoded -*- tablegen -*-//
//
// What a storage format implements so that `--convert-sparsity-to-linalg` can
// open buffers that are known at run time only.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_CONVERSION_SPARSITYTOLINALG_FORMATDECODEINTERFACE
#define SPARSE_OPT_CONVERSION_SPARSITYTOLINALG_FORMATDECODEINTERFACE

include "mlir/IR/OpBase.td"

def FormatDecodeInterface : AttrInterface<"FormatDecodeInterface"> {
  let cppNamespace = "::mlir::sparsity";
  let description = [{
    Implemented by an external model per format attribute. The code says what
    the format's header in the Format room draws, as plainly as possible.
  }];
  let methods = [
    InterfaceMethod<[{
        Code that builds the dense tensor of `type` from its valid storage
        `buffers` (tensors in ABI order). What is not stored is +0.0.
      }],
      "::mlir::Value", "decode",
      (ins "::mlir::ImplicitLocOpBuilder &":$builder,
           "::mlir::sparsity::PackedType":$type,
           "::mlir::ValueRange":$buffers)>,
  ];
}

#endif // SPARSE_OPT_CONVERSION_SPARSITYTOLINALG_FORMATDECODEINTERFACE
