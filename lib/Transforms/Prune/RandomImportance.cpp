//===- RandomImportance.cpp - Nothing is known ----------------------------===//
//
// The importance "random": independent numbers, uniform in [0, 1), the baseline
// of "The Unreasonable Effectiveness of Random Pruning" (Liu et al., 2022).
// They depend on the option "seed" (0) and the parameter's name alone, and are
// the same on every machine: the C++ standard defines the generator.
//
//===----------------------------------------------------------------------===//

#include "Importance.h"

#include <random>

using namespace mlir;
using namespace mlir::sparsity;
using namespace mlir::sparsity::format;

namespace {
class RandomImportance : public ScoreImportance {
public:
  explicit RandomImportance(uint64_t seed) : seed(seed) {}

private:
  Result<ScoreMatrix> scoreMatrix(const ScoredWeight &weight) const override {
    std::vector<uint32_t> words = {static_cast<uint32_t>(seed),
                                   static_cast<uint32_t>(seed >> 32)};
    words.insert(words.end(), weight.name.bytes_begin(),
                 weight.name.bytes_end());
    std::seed_seq sequence(words.begin(), words.end());
    std::mt19937_64 generator(sequence);
    return ScoreMatrix::compute(weight.matrix, [&](int64_t, int64_t) {
      // As many bits as a score of f32 has.
      return static_cast<double>(generator() >> 40) * 0x1p-24;
    });
  }

  uint64_t seed;
};
} // namespace

Result<std::unique_ptr<Importance>>
mlir::sparsity::createRandomImportance(const ImportanceOptions &options) {
  if (Status known = options.checkKnown({"seed"}); !known)
    return known.error();
  Result<uint64_t> seed = options.getUnsigned("seed", 0);
  if (!seed)
    return seed.error();
  return {std::make_unique<RandomImportance>(*seed)};
}
