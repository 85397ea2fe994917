//===- HostPeaks.cpp - What this machine can do at most -------------------===//
//
// Times independent multiply-adds in registers, and sums of an array that no
// cache holds. The fastest of several turns counts.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Target/HostPeaks.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <thread>
#include <vector>

using namespace mlir::sparsity;

namespace {
/// Sums enough to cover the latency of the multiply-adds on two pipes.
constexpr int kSums = 12;
constexpr int64_t kSteps = 1 << 20;

template <int kBytes>
struct Vector;
template <>
struct Vector<64> {
  typedef float type __attribute__((vector_size(64)));
};
template <>
struct Vector<32> {
  typedef float type __attribute__((vector_size(32)));
};
template <>
struct Vector<16> {
  typedef float type __attribute__((vector_size(16)));
};
} // namespace

/// One function for each vector unit: the compiler makes code for it, and the
/// caller asks the machine.
#define MULTIPLY_ADDS(name, isa, bytes)                                        \
  __attribute__((target(isa))) static double name() {                          \
    typedef Vector<bytes>::type V;                                             \
    V sums[kSums] = {};                                                        \
    V factor = {}, term = {};                                                  \
    for (int64_t step = 0; step < kSteps; ++step) {                            \
      for (V &sum : sums)                                                      \
        sum = sum * factor + term;                                             \
      asm volatile("" : "+v"(factor), "+v"(term));                             \
    }                                                                          \
    for (V &sum : sums)                                                        \
      asm volatile("" ::"v"(sum));                                             \
    return 2.0 * kSums * kSteps * bytes / sizeof(float);                       \
  }
MULTIPLY_ADDS(multiplyAdds512, "avx512f,fma", 64)
MULTIPLY_ADDS(multiplyAdds256, "avx2,fma", 32)
MULTIPLY_ADDS(multiplyAdds128, "sse2", 16)
#undef MULTIPLY_ADDS

static double multiplyAdds() {
  if (__builtin_cpu_supports("avx512f"))
    return multiplyAdds512();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return multiplyAdds256();
  return multiplyAdds128();
}

/// What `work` returns, of all threads, per second of the fastest turn.
static double getRate(int32_t threads,
                      llvm::function_ref<double(int32_t)> work) {
  constexpr int kTurns = 5;
  double best = 0;
  for (int turn = 0; turn < kTurns; ++turn) {
    std::vector<double> done(threads);
    auto start = std::chrono::steady_clock::now();
    std::vector<std::thread> others;
    for (int32_t i = 1; i < threads; ++i)
      others.emplace_back([&, i] { done[i] = work(i); });
    done[0] = work(0);
    for (std::thread &other : others)
      other.join();
    std::chrono::duration<double> elapsed =
        std::chrono::steady_clock::now() - start;
    double all = std::accumulate(done.begin(), done.end(), 0.0);
    best = std::max(best, all / elapsed.count());
  }
  return best;
}

double HostPeaks::least(double flops, double bytes) const {
  return std::max(flops / gigaflops, bytes / gigabytesPerSecond) / 1e3;
}

HostPeaks mlir::sparsity::measureHostPeaks(int32_t threads) {
  if (threads <= 0)
    threads = std::max(1u, std::thread::hardware_concurrency());
  HostPeaks peaks;
  peaks.gigaflops = getRate(threads, [](int32_t) { return multiplyAdds(); });
  peaks.gigaflops /= 1e9;
  std::vector<int64_t> array((128 << 20) / sizeof(int64_t), 1);
  int64_t share = static_cast<int64_t>(array.size()) / threads;
  peaks.gigabytesPerSecond = getRate(threads, [&](int32_t i) {
    const int64_t *begin = array.data() + i * share;
    int64_t sum = std::accumulate(begin, begin + share, int64_t(0));
    asm volatile("" ::"r"(sum));
    return static_cast<double>(share) * sizeof(int64_t);
  });
  peaks.gigabytesPerSecond /= 1e9;
  return peaks;
}
