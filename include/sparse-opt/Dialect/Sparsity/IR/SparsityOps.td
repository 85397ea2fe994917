//===- SparsityOps.td - All ops of the dialect --------------*- tablegen -*-===//
//
// Umbrella for tablegen; ops are defined by topic in the files included here.
//
//===----------------------------------------------------------------------===//

include "sparse-opt/Dialect/Sparsity/IR/SparsityAttentionOps.td"
