//===- TensorText.cpp - Random tensors from their types -------------------===//
//
// See TensorText.h.
//
//===----------------------------------------------------------------------===//

#include "TensorText.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>
#include <cstring>
#include <random>

using namespace mlir::sparsity;
using llvm::StringRef;

namespace {
struct ElementType {
  StringRef name;
  SparseOptType type;
  int bytes;
  /// Null for integers.
  const llvm::fltSemantics &(*semantics)();
};
} // namespace

static const ElementType kTypes[] = {
    {"f64", SPARSE_OPT_F64, 8, llvm::APFloat::IEEEdouble},
    {"f32", SPARSE_OPT_F32, 4, llvm::APFloat::IEEEsingle},
    {"f16", SPARSE_OPT_F16, 2, llvm::APFloat::IEEEhalf},
    {"bf16", SPARSE_OPT_BF16, 2, llvm::APFloat::BFloat},
    {"i64", SPARSE_OPT_I64, 8, nullptr},
    {"i32", SPARSE_OPT_I32, 4, nullptr},
    {"i16", SPARSE_OPT_I16, 2, nullptr},
    {"i8", SPARSE_OPT_I8, 1, nullptr},
    {"i1", SPARSE_OPT_BOOL, 1, nullptr}};

static uint64_t randomBits(const ElementType &type, std::mt19937_64 &random) {
  if (!type.semantics)
    return random() % (type.type == SPARSE_OPT_BOOL ? 2 : 8);
  llvm::APFloat value(std::ldexp(double(random() >> 11), -52) - 1.0);
  bool losesInfo = false;
  value.convert(type.semantics(), llvm::APFloat::rmNearestTiesToEven,
                &losesInfo);
  return value.bitcastToAPInt().getZExtValue();
}

/// The signed or signless type of the same width.
static int32_t withoutSign(int32_t type) {
  switch (type) {
  case SPARSE_OPT_U64:
    return SPARSE_OPT_I64;
  case SPARSE_OPT_U32:
    return SPARSE_OPT_I32;
  case SPARSE_OPT_U16:
    return SPARSE_OPT_I16;
  case SPARSE_OPT_U8:
    return SPARSE_OPT_I8;
  default:
    return type;
  }
}

StringRef mlir::sparsity::elementName(int32_t type) {
  return llvm::find_if(
             kTypes,
             [&](const ElementType &t) { return t.type == withoutSign(type); })
      ->name;
}

static llvm::Error badType(StringRef text) {
  return llvm::createStringError(
      "expected a type like 2x17xi64 or 3xf32, got '" + text.str() + "'");
}

llvm::Expected<TensorHandle> mlir::sparsity::randomTensor(StringRef text,
                                                          uint64_t seed) {
  llvm::SmallVector<StringRef> parts;
  text.split(parts, 'x');
  const ElementType *type = llvm::find_if(
      kTypes, [&](const ElementType &t) { return t.name == parts.back(); });
  if (type == std::end(kTypes) || parts.size() > SPARSE_OPT_MAX_RANK)
    return badType(text);
  TensorHandle tensor(new SparseOptTensor());
  tensor->type = type->type;
  tensor->rank = static_cast<int32_t>(parts.size()) - 1;
  uint64_t count = 1;
  for (int32_t i = tensor->rank; i-- > 0;) {
    uint32_t extent;
    if (parts[i].getAsInteger(10, extent) || count * extent > uint64_t(1) << 32)
      return badType(text);
    tensor->shape[i] = extent;
    tensor->strides[i] = static_cast<int64_t>(count);
    count *= extent;
  }
  tensor->owner = tensor->data =
      _mlir_memref_to_llvm_alloc(count * type->bytes);
  std::mt19937_64 random(seed);
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t bits = randomBits(*type, random);
    std::memcpy(static_cast<char *>(tensor->data) + i * type->bytes, &bits,
                type->bytes);
  }
  return tensor;
}
