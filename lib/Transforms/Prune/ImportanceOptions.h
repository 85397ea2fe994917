//===- ImportanceOptions.h - What is said about an importance -------------===//
//
// An importance as recipes, options and requests write it: its name, then
// pairs of an option and its value, between blanks. A value with blanks stands
// in double quotes.
//
//   magnitude    random seed 7    imported file "my scores.safetensors"
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_TRANSFORMS_PRUNE_IMPORTANCEOPTIONS_H
#define SPARSE_OPT_LIB_TRANSFORMS_PRUNE_IMPORTANCEOPTIONS_H

#include "sparse-opt/Format/Result.h"

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <optional>

namespace mlir::sparsity {

class ImportanceOptions {
public:
  /// Splits the text. Options are not looked at.
  static format::Result<ImportanceOptions> parse(StringRef text);

  StringRef getName() const { return name; }
  /// Fails on an option that is not among `known`.
  format::Status checkKnown(ArrayRef<StringRef> known) const;

  /// The value of an option, if it is given.
  std::optional<StringRef> get(StringRef option) const;
  /// One of `values`, the first of them when nothing is said.
  format::Result<StringRef> getOneOf(StringRef option,
                                     ArrayRef<StringRef> values) const;
  /// A whole number from 0 to 2^64 - 1.
  format::Result<uint64_t> getUnsigned(StringRef option,
                                       uint64_t byDefault) const;
  /// A finite number, 0 or more.
  format::Result<double> getNumber(StringRef option, double byDefault) const;
  /// A text that must be given.
  format::Result<StringRef> getRequired(StringRef option) const;

private:
  StringRef name;
  SmallVector<std::pair<StringRef, StringRef>> options;
};

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_TRANSFORMS_PRUNE_IMPORTANCEOPTIONS_H
