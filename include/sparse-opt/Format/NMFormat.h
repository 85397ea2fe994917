//===- NMFormat.h - n stored elements in each group of m columns ----------===//
//
// The storage format "nm": fixed slots, so every address is known without
// reading positions. What a mask must look like is in NMPattern.h.
//
//===----------------------------------------------------------------------===//
//
// Rows are cut into panels of kLanes, one row in each lane. Columns are cut
// into groups of m (the last may be short), and a group has n slots. P panels,
// G groups:
//
//   values  kind of the matrix, P * G * n * kLanes,  [panel][group][slot][lane]
//   codes   position inside the group,  P * G * n,   [panel][group][slot]
//             m <= 4:  u32, lane l in bits 2l .. 2l+1
//             m <= 16: u64, lane l in bits 4l .. 4l+3
//
// One mask has one form. The positions of a lane's slots ascend. A lane with
// fewer than n nonzeros fills up with zeros at the lowest positions that are
// free. In a short group of r < n columns all r are stored and the last n - r
// slots are surplus: position r - 1, value zero. All these zeros are +0.0.
// Lanes past the last row are lanes without nonzeros.
//
// Example, 2:4, one lane, 6 columns (two groups; the second has r = 2):
//
//   row           .  a  .  b  |  .  c          groups     0      1
//   position      0  1  2  3     0  1          slot 0    a@1   +0@0
//                                              slot 1    b@3    c@1
//
//   row           .  .  d  .  |  .  .          slot 0   +0@0   +0@0
//                                              slot 1    d@2   +0@1
//
// 3 of 5 with a last group of r = 2: row "e f" is stored as e@0 f@1 +0@1.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_FORMAT_NMFORMAT_H
#define SPARSE_OPT_FORMAT_NMFORMAT_H

#include "sparse-opt/Format/StorageFormat.h"

namespace mlir::sparsity::format {

class NMFormat : public StorageFormat {
public:
  /// Positions have at most 4 bits.
  static constexpr int64_t kMaxGroup = 16;

  /// The parameters must be what `get` accepts: 1 <= n <= m <= kMaxGroup.
  NMFormat(int64_t n, int64_t m);
  static Result<NMFormat> get(int64_t n, int64_t m);

  int64_t n() const { return slots; }
  int64_t m() const { return groupCols; }
  /// Kind of a word of codes: u32 or u64.
  ElementKind codeKind() const;

  std::string name() const override { return "nm"; }
  Result<std::vector<BufferSpec>> buffers(ElementKind kind, int64_t rows,
                                          int64_t cols) const override;
  int64_t countStored(const MatrixView &matrix) const override;
  int64_t estimateStored(int64_t rows, int64_t cols,
                         double density) const override;
  Result<Storage> encode(const MatrixView &matrix) const override;
  void decode(const StorageView &storage,
              const MutableMatrixView &matrix) const override;
  Status validate(const StorageView &storage, ElementKind kind, int64_t rows,
                  int64_t cols) const override;
  Result<int64_t> bytes(ElementKind kind, int64_t rows, int64_t cols,
                        int64_t stored) const override;

private:
  int64_t slots, groupCols;
};

} // namespace mlir::sparsity::format

#endif // SPARSE_OPT_FORMAT_NMFORMAT_H
