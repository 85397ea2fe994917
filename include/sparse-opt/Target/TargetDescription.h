//===- TargetDescription.h - What the compiler knows of a machine ---------===//
//
// One plain description of a CPU: instruction set, registers, caches, rates.
// It is found by asking the host or by a CPU name, and travels in the IR as the
// module's DLTI target system spec, so that passes never ask the host
// themselves.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_TARGET_TARGETDESCRIPTION_H
#define SPARSE_OPT_TARGET_TARGETDESCRIPTION_H

#include "sparse-opt/Format/Kernel.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Support/LLVM.h"

#include <string>

namespace mlir::sparsity {

struct TargetDescription {
  /// As given by the user: "host", "x86-64-v3", "znver5", ...
  std::string name;
  std::string triple;
  /// LLVM CPU name and comma-separated features for the code generator.
  std::string cpu, features;

  /// Widest vectors in bits: 512, 256 or 128.
  int64_t vectorBits = 128;
  /// Architectural vector registers: 32 or 16.
  int64_t vectorRegisters = 16;
  bool fma = false;
  /// AVX-512 with F, BW, DQ and VL.
  bool avx512 = false;
  /// vpermb and vpmultishiftqb.
  bool vbmi = false;
  /// vdpbf16ps on 512 bits.
  bool bf16 = false;
  /// vpdpbusd on 512 bits.
  bool vnni = false;
  /// Permutes of full width have a pipe beside those of the FMAs.
  bool permutePipe = false;

  /// Data cache sizes in bytes, per core; l3Bytes is shared.
  int64_t l1Bytes = 32 << 10, l2Bytes = 512 << 10, l3Bytes = 16 << 20;
  /// Worker threads that a program uses when the caller names no number; 0 =
  /// not known when it is compiled.
  int64_t threads = 0;
  /// Fused multiply-adds of f32 per second and core, in units of 1e9 flops (two
  /// per fma), and memory bandwidth of the whole machine in GB/s.
  double gigaflopsPerCore = 50.0, gigabytesPerSecond = 20.0;

  /// Elements of `bits` wide that one vector register holds.
  int64_t lanes(int64_t bits = 32) const { return vectorBits / bits; }

  /// The vector unit as products of `type` use it; narrow types are computed
  /// in 32 bits.
  format::VectorUnit vectorUnit(Type type) const;

  /// LLVM's names of the instruction sets that code for this target may use.
  std::vector<std::string> instructionSets() const;

  /// The machine this runs on.
  static TargetDescription host();
  /// "host", or an x86-64 CPU name that LLVM knows. On failure the message
  /// names the nearest known name.
  static FailureOr<TargetDescription>
  parse(StringRef name, function_ref<InFlightDiagnostic()> emitError);

  /// Writes the description as `dlti.target_system_spec` of the module.
  void attachTo(ModuleOp module) const;
  /// Reads it back; a module without one describes baseline x86-64.
  static TargetDescription of(Operation *op);
};

} // namespace mlir::sparsity

#endif // SPARSE_OPT_TARGET_TARGETDESCRIPTION_H
