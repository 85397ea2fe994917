//===- FormatLowering.td - How a format becomes vector code -*- tablegen -*-==//
//
// The interface that a format attribute implements to be lowered by
// `--convert-sparsity-to-vector`.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_CONVERSION_SPARSITYTOVECTOR_FORMATLOWERING
#define SPARSE_OPT_CONVERSION_SPARSITYTOVECTOR_FORMATLOWERING

include "mlir/IR/OpBase.td"

def Sparsity_FormatLoweringInterface
    : AttrInterface<"FormatLoweringInterface"> {
  let cppNamespace = "::mlir::sparsity";
  let description = [{
    Kernels of one storage format. Attached to format attributes as external
    models, one file per format; the function around a kernel (work items,
    copies of operands with odd strides or types) is shared by all.
  }];
  let methods = [
    InterfaceMethod<[{
        How the product may be cut into work items. Products of one x and format
        share it, however many outputs they have.
      }],
      "::mlir::sparsity::Partition", "getPartition",
      (ins "const ::mlir::sparsity::Product &":$product)>,
    InterfaceMethod<[{
        Emits the code of one work item.
      }],
      "void", "emitItem",
      (ins "::mlir::sparsity::Emitter &":$emitter,
           "const ::mlir::sparsity::Product &":$product,
           "const ::mlir::sparsity::WorkItem &":$item)>,
  ];
}

#endif // SPARSE_OPT_CONVERSION_SPARSITYTOVECTOR_FORMATLOWERING
