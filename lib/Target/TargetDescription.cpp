//===- TargetDescription.cpp - What the compiler knows of a machine -------===//
//
// Finds a description by asking the host or LLVM's tables, and carries it in
// the IR as a DLTI target system spec. Measured rates are HostProbe's.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Target/TargetDescription.h"

#include "HostProbe.h"

#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/X86TargetParser.h"

using namespace mlir;
using namespace mlir::sparsity;

namespace {
constexpr llvm::StringLiteral kDevice = "CPU";
/// Characters of an unknown name that a message repeats.
constexpr size_t kEchoed = 64;

/// One entry of the DLTI spec: its key and the field it describes.
template <typename T>
struct Field {
  llvm::StringLiteral key;
  T TargetDescription::*member;
};

constexpr Field<std::string> kTexts[] = {
    {"name", &TargetDescription::name},
    {"triple", &TargetDescription::triple},
    {"cpu", &TargetDescription::cpu},
    {"features", &TargetDescription::features}};
constexpr Field<int64_t> kNumbers[] = {
    {"vector_bits", &TargetDescription::vectorBits},
    {"vector_registers", &TargetDescription::vectorRegisters},
    {"l1_bytes", &TargetDescription::l1Bytes},
    {"l2_bytes", &TargetDescription::l2Bytes},
    {"l3_bytes", &TargetDescription::l3Bytes},
    {"threads", &TargetDescription::threads}};
constexpr Field<bool> kFlags[] = {
    {"fma", &TargetDescription::fma},
    {"avx512", &TargetDescription::avx512},
    {"vbmi", &TargetDescription::vbmi},
    {"bf16", &TargetDescription::bf16},
    {"vnni", &TargetDescription::vnni},
    {"permute_pipe", &TargetDescription::permutePipe}};
constexpr Field<double> kRates[] = {
    {"gigaflops_per_core", &TargetDescription::gigaflopsPerCore},
    {"gigabytes_per_second", &TargetDescription::gigabytesPerSecond}};
} // namespace

/// Derives vector width and instruction sets from feature names.
static void setFeatures(TargetDescription &target,
                        function_ref<bool(StringRef)> has) {
  // LLVM's table for x86-64-v4 leaves out avx512f, which these three imply.
  target.avx512 = has("avx512bw") && has("avx512dq") && has("avx512vl");
  bool avx2 = has("avx2") && has("fma");
  target.fma = has("fma") || target.avx512;
  target.vbmi = target.avx512 && has("avx512vbmi");
  target.bf16 = target.avx512 && has("avx512bf16");
  target.vnni = target.avx512 && has("avx512vnni");
  // Zen 5 runs two 512-bit FMAs and a permute per cycle; where 512 bits take
  // two passes (Zen 4) or two pipes (Intel), permutes take the FMAs' turns.
  target.permutePipe = target.avx512 && target.cpu == "znver5";
  target.vectorBits = target.avx512 ? 512 : avx2 ? 256 : 128;
  target.vectorRegisters = target.avx512 ? 32 : 16;
  // Two pipes of full width at 3 GHz: only ratios between kernels matter until
  // a calibration says better.
  double lanes = static_cast<double>(target.lanes());
  target.gigaflopsPerCore = 2.0 * 2.0 * lanes * 3.0;
}

TargetDescription TargetDescription::host() {
  TargetDescription target;
  target.name = "host";
  target.triple = llvm::sys::getProcessTriple();
  target.cpu = llvm::sys::getHostCPUName().str();
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  SmallVector<std::string> names;
  for (const auto &feature : features)
    names.push_back((feature.second ? "+" : "-") + feature.first().str());
  llvm::sort(names);
  target.features = llvm::join(names, ",");
  setFeatures(target, [&](StringRef name) { return features.lookup(name); });
  probeCaches(target);
  target.gigabytesPerSecond = 40.0;
  return target;
}

format::VectorUnit TargetDescription::vectorUnit(Type type) const {
  int64_t bits = std::max<int64_t>(type.getIntOrFloatBitWidth(), 32);
  bool permutes = isa<FloatType>(type) && bits == 32 &&
                  ((avx512 && vectorBits >= 256) || (vectorBits == 256 && fma));
  return {lanes(bits), vectorRegisters, fma, permutes, permutePipe};
}

std::vector<std::string> TargetDescription::instructionSets() const {
  SmallVector<StringRef> names;
  if (features.empty()) {
    llvm::X86::getFeaturesForCPU(cpu, names);
  } else {
    StringRef(features).split(names, ',');
    llvm::erase_if(names,
                   [](StringRef &name) { return !name.consume_front("+"); });
  }
  std::vector<std::string> sets;
  for (StringRef name : names)
    sets.push_back(name.str());
  llvm::sort(sets);
  return sets;
}

/// The known name that `name` is probably meant to be, or "".
static StringRef findNear(ArrayRef<StringRef> known, StringRef name) {
  StringRef nearest = *llvm::min_element(known, [&](StringRef a, StringRef b) {
    return name.edit_distance_insensitive(a) <
           name.edit_distance_insensitive(b);
  });
  return name.edit_distance_insensitive(nearest) <= name.size() / 3 ? nearest
                                                                    : "";
}

FailureOr<TargetDescription>
TargetDescription::parse(StringRef name,
                         function_ref<InFlightDiagnostic()> emitError) {
  if (name == "host")
    return host();
  SmallVector<StringRef> known;
  llvm::X86::fillValidCPUArchList(known, /*Only64Bit=*/true);
  if (!llvm::is_contained(known, name)) {
    known.push_back("host");
    InFlightDiagnostic diag = emitError();
    diag << "expected 'host', 'x86-64', 'x86-64-v2' to 'x86-64-v4' or the name "
            "of an x86-64 CPU such as 'znver4', got '"
         << name.take_front(kEchoed) << (name.size() > kEchoed ? "...'" : "'");
    if (StringRef near = findNear(known, name); !near.empty())
      diag << "; did you mean '" << near << "'?";
    return failure();
  }
  TargetDescription target;
  target.name = target.cpu = name.str();
  target.triple = "x86_64-unknown-linux-gnu";
  SmallVector<StringRef> features;
  llvm::X86::getFeaturesForCPU(name, features);
  setFeatures(target, [&](StringRef feature) {
    return llvm::is_contained(features, feature);
  });
  return target;
}

void TargetDescription::attachTo(ModuleOp module) const {
  module.getContext()->getOrLoadDialect<DLTIDialect>();
  Builder builder(module.getContext());
  SmallVector<DataLayoutEntryInterface> entries;
  auto add = [&](StringRef key, Attribute value) {
    entries.push_back(
        DataLayoutEntryAttr::get(builder.getStringAttr(key), value));
  };
  for (const auto &field : kTexts)
    add(field.key, builder.getStringAttr(this->*field.member));
  for (const auto &field : kNumbers)
    add(field.key, builder.getI64IntegerAttr(this->*field.member));
  for (const auto &field : kFlags)
    add(field.key, builder.getBoolAttr(this->*field.member));
  for (const auto &field : kRates)
    add(field.key, builder.getF64FloatAttr(this->*field.member));
  MLIRContext *context = module.getContext();
  auto device = TargetDeviceSpecAttr::get(context, entries);
  DataLayoutEntryInterface entry =
      DataLayoutEntryAttr::get(builder.getStringAttr(kDevice), device);
  module->setAttr(DLTIDialect::kTargetSystemDescAttrName,
                  TargetSystemSpecAttr::get(context, {entry}));
}

/// The CPU's entries of the nearest module that has a system spec.
static TargetDeviceSpecInterface getDevice(Operation *op) {
  for (; op; op = op->getParentOp())
    if (auto spec = op->getAttrOfType<TargetSystemSpecInterface>(
            DLTIDialect::kTargetSystemDescAttrName))
      return spec
          .getDeviceSpecForDeviceID(StringAttr::get(op->getContext(), kDevice))
          .value_or(nullptr);
  return nullptr;
}

TargetDescription TargetDescription::of(Operation *op) {
  TargetDescription target;
  target.name = target.cpu = "x86-64";
  target.triple = "x86_64-unknown-linux-gnu";
  TargetDeviceSpecInterface device = getDevice(op);
  if (!device)
    return target;
  auto get = [&](StringRef key) {
    DataLayoutEntryInterface entry =
        device.getSpecForIdentifier(StringAttr::get(op->getContext(), key));
    return entry ? entry.getValue() : Attribute();
  };
  for (const auto &field : kTexts)
    if (auto text = dyn_cast_or_null<StringAttr>(get(field.key)))
      target.*field.member = text.str();
  for (const auto &field : kNumbers)
    if (auto number = dyn_cast_or_null<IntegerAttr>(get(field.key)))
      if (const APInt &value = number.getValue(); value.isSignedIntN(64))
        target.*field.member = value.getSExtValue();
  for (const auto &field : kFlags)
    if (auto flag = dyn_cast_or_null<BoolAttr>(get(field.key)))
      target.*field.member = flag.getValue();
  for (const auto &field : kRates)
    if (auto rate = dyn_cast_or_null<FloatAttr>(get(field.key)))
      target.*field.member = rate.getValueAsDouble();
  return target;
}
