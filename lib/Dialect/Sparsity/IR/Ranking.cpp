//===- Ranking.cpp - Why a product has its format -------------------------===//
//
// Rankings to attributes and back.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Dialect/Sparsity/IR/Ranking.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::sparsity;

static constexpr StringLiteral kRanking = "sparsity.ranking";

static Attribute write(Builder &builder, const RankedFormat &candidate) {
  return builder.getDictionaryAttr(
      {builder.getNamedAttr("format", candidate.format),
       builder.getNamedAttr("stored",
                            builder.getI64IntegerAttr(candidate.stored)),
       builder.getNamedAttr("bytes",
                            builder.getI64IntegerAttr(candidate.bytes)),
       builder.getNamedAttr("microseconds", builder.getDenseF64ArrayAttr(
                                                candidate.microseconds))});
}

std::optional<Ranking> Ranking::sum(ArrayRef<Ranking> products) {
  Ranking sum = products.front();
  for (const Ranking &product : products.drop_front()) {
    if (product.tokens != sum.tokens)
      return std::nullopt;
    for (RankedFormat &total : sum.candidates)
      for (const RankedFormat &candidate : product.candidates)
        if (candidate.format == total.format)
          for (auto [all, one] :
               llvm::zip_equal(total.microseconds, candidate.microseconds))
            all += one;
  }
  return sum;
}

void Ranking::attachTo(Operation *product) const {
  Builder builder(product->getContext());
  SmallVector<Attribute> formats;
  for (const RankedFormat &candidate : candidates)
    formats.push_back(write(builder, candidate));
  product->setAttr(
      kRanking,
      builder.getDictionaryAttr(
          {builder.getNamedAttr("parameter", parameter),
           builder.getNamedAttr("tokens", builder.getDenseI64ArrayAttr(tokens)),
           builder.getNamedAttr("candidates", builder.getArrayAttr(formats))}));
}

/// Text may hold anything under this name: what is not a ranking is none.
static std::optional<RankedFormat> readFormat(Attribute attr, size_t regimes) {
  auto fields = dyn_cast<DictionaryAttr>(attr);
  if (!fields)
    return std::nullopt;
  auto format = fields.getAs<FormatAttrInterface>("format");
  auto stored = fields.getAs<IntegerAttr>("stored");
  auto bytes = fields.getAs<IntegerAttr>("bytes");
  auto times = fields.getAs<DenseF64ArrayAttr>("microseconds");
  if (!format || !stored || !bytes || !times ||
      static_cast<size_t>(times.size()) != regimes)
    return std::nullopt;
  return RankedFormat{format, stored.getInt(), bytes.getInt(),
                      SmallVector<double>(times.asArrayRef())};
}

Attribute Ranking::takeFrom(Operation *product) {
  return product->removeDiscardableAttr(kRanking);
}

std::optional<Ranking> Ranking::of(Operation *product) {
  return read(product->getDiscardableAttr(kRanking));
}

std::optional<Ranking> Ranking::read(Attribute attr) {
  auto fields = dyn_cast_or_null<DictionaryAttr>(attr);
  if (!fields)
    return std::nullopt;
  auto parameter = fields.getAs<StringAttr>("parameter");
  auto tokens = fields.getAs<DenseI64ArrayAttr>("tokens");
  auto candidates = fields.getAs<ArrayAttr>("candidates");
  if (!parameter || !tokens || !candidates || candidates.empty())
    return std::nullopt;
  Ranking ranking{parameter, SmallVector<int64_t>(tokens.asArrayRef()), {}};
  for (Attribute attr : candidates) {
    std::optional<RankedFormat> candidate =
        readFormat(attr, ranking.tokens.size());
    if (!candidate)
      return std::nullopt;
    ranking.candidates.push_back(std::move(*candidate));
  }
  return ranking;
}
