//===- InputStatistics.h - What met a weight in calibration ---------------===//
//
// The statistics of weights' inputs in a profile (Checkpoint/Profile.h), which
// is one of these very weights. Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_TRANSFORMS_PRUNE_INPUTSTATISTICS_H
#define SPARSE_OPT_LIB_TRANSFORMS_PRUNE_INPUTSTATISTICS_H

#include "Importance.h"
#include "sparse-opt/Checkpoint/Profile.h"

namespace mlir::sparsity {

/// What is known of one weight's inputs, borrowed from the profile.
struct ObservedInputs {
  /// The dimension of the weight that its products sum along.
  int64_t axis;
  /// Of each input over all rows of calibration data.
  std::vector<double> squares;
  /// inputs x inputs, null where it was not collected.
  std::optional<format::MatrixView> gram;

  /// The weight as outputs by inputs.
  format::MatrixView orient(const format::MatrixView &weight) const {
    return axis == 1 ? weight : weight.transposed();
  }
};

class InputStatistics {
public:
  /// Opens the profile that option "profile" names.
  static format::Result<InputStatistics> open(const ImportanceOptions &options);

  /// Fails unless the profile has the squares or the Gram matrix of this
  /// weight's inputs, collected when it had the elements that it has now.
  format::Result<ObservedInputs> find(const ScoredWeight &weight) const;
  /// As above, and fails without a Gram matrix.
  format::Result<ObservedInputs> findGram(const ScoredWeight &weight) const;

private:
  InputStatistics(std::string path, checkpoint::Profile profile)
      : path(std::move(path)), profile(std::move(profile)) {}
  format::Status checkIdentity(const ScoredWeight &weight) const;

  std::string path;
  checkpoint::Profile profile;
};

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_TRANSFORMS_PRUNE_INPUTSTATISTICS_H
