//===- Profile.h - Statistics of a program's data in a file ---------------===//
//
// A profile is a safetensors file with one tensor per statistic and a JSON text
// under the key `sparse_opt_profile` of its metadata, which says what each of
// them is and of which parameters:
//
//   {"version": 1, "statistics": [
//      {"tensor": "fc1.weight.squares", "kind": "squares",
//       "of": [{"parameter": "fc1.weight", "dtype": "f32",
//               "shape": [1536, 384], "axis": 1,
//               "hash": "xxh64:0123456789abcdef"}]}]}
//
// "hash" is that of the elements that the parameter had when the statistics
// were collected, in row-major order. The kinds, and the types of their
// tensors, are those of #sparsity.statistic: K is the extent of "axis".
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_CHECKPOINT_PROFILE_H
#define SPARSE_OPT_CHECKPOINT_PROFILE_H

#include "sparse-opt/Checkpoint/Checkpoint.h"

namespace mlir::sparsity::checkpoint {

inline constexpr char kProfileKey[] = "sparse_opt_profile";
inline constexpr int64_t kProfileVersion = 1;

/// A parameter as it was when it was observed.
struct ObservedParameter : TensorType {
  int64_t axis = 1;
  std::string hash;
};

struct ProfileStatistic {
  /// "rows", "squares", "gram", ...
  std::string kind;
  TensorView tensor;
  std::vector<ObservedParameter> of;
};

class Profile {
public:
  /// Opens a profile; every statistic in the result has the shape and the
  /// element type that its kind and parameters ask for, and only numbers.
  static Result<Profile> open(const std::string &path);

  const std::vector<ProfileStatistic> &statistics() const { return all; }
  /// The statistic `kind` of a parameter, or null.
  const ProfileStatistic *find(std::string_view parameter,
                               std::string_view kind) const;
  /// The parameter as it was observed, or null.
  const ObservedParameter *findParameter(std::string_view name) const;

private:
  Profile(Checkpoint file, std::vector<ProfileStatistic> all)
      : file(std::move(file)), all(std::move(all)) {}

  Checkpoint file;
  std::vector<ProfileStatistic> all;
};

} // namespace mlir::sparsity::checkpoint

#endif // SPARSE_OPT_CHECKPOINT_PROFILE_H
