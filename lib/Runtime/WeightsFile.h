//===- WeightsFile.h - The weights of a program on disk -------------------===//
//
// From the packed file beside a program to parameters, and back. Private to
// this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_RUNTIME_WEIGHTSFILE_H
#define SPARSE_OPT_LIB_RUNTIME_WEIGHTSFILE_H

#include "Parameters.h"

namespace mlir::sparsity::runtime {

/// Maps the file and checks everything: it is untrusted.
Result<std::vector<StoredParameter>>
readWeights(const ProgramSpec &spec, const ParameterLayouts &layouts,
            const std::string &path);

/// Writes the file beside and renames it.
format::Status writeWeights(const ProgramSpec &spec,
                            const ParameterLayouts &layouts,
                            const ParameterSet &parameters,
                            const std::string &path);

} // namespace mlir::sparsity::runtime

#endif // SPARSE_OPT_LIB_RUNTIME_WEIGHTSFILE_H
