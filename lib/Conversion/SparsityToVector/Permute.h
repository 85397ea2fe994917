//===- Permute.h - Picking columns of a group by stored positions ---------===//
//
// The x86 permutes that fetch, for each lane, one of the up to 16 columns of a
// group, and the expansion of packed positions into their controls.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_PERMUTE_H
#define SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_PERMUTE_H

#include "sparse-opt/Conversion/SparsityToVector/Emitter.h"

namespace mlir::sparsity {

/// x of one token and group in registers; `high` holds columns 8..15 where a
/// vector has 8 lanes.
struct PermutedGroup {
  Value low, high;
};

class GroupPermute {
public:
  /// Groups of `m` columns of f32 in vectors of `lanes` (8 or 16).
  GroupPermute(Emitter &e, int64_t m, int64_t lanes, bool hasVBMI)
      : e(e), m(m), lanes(lanes), hasVBMI(hasVBMI) {}

  /// Columns that loading a group reads.
  int64_t window() const { return m <= 4 ? 4 : m <= 8 ? lanes : 16; }
  /// Registers of x of one token and group.
  int64_t registers() const { return m > lanes ? 2 : 1; }
  /// Loads the columns from `column` on; with `left` only so many exist.
  PermutedGroup loadGroup(Value x, Value token, Value column, Value left);
  /// Controls of lanes part * lanes .. from a word of positions.
  Value decode(Value code, int64_t part);
  Value apply(const PermutedGroup &group, Value control);

  /// A register of columns holds whole groups: `hasWindows`. Group `group` of
  /// them is picked from by a control that `place` made.
  bool hasWindows() const { return lanes % m == 0; }
  Value place(Value control, int64_t group);
  Value applyWindow(Value columns, Value control);

private:
  Value loadColumns(Value x, Value token, Value column, Value left,
                    int64_t width);
  /// The same integer in every lane.
  Value splatInteger(int64_t value);
  Value decodeShort(Value code, int64_t part);
  Value decodeLong(Value code, int64_t part);
  Value decodeByMultishift(Value code);
  Value call(StringRef intrinsic, Value a, Value b, Type result);

  Emitter &e;
  int64_t m, lanes;
  bool hasVBMI;
};

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_PERMUTE_H
