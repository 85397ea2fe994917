//===- Progress.cpp - A bar on a terminal ---------------------------------===//
//
// See Progress.h.
//
//===----------------------------------------------------------------------===//

#include "Progress.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <unistd.h>

using namespace mlir::sparsity;

static constexpr std::chrono::seconds kSilence{2};
static constexpr int kWidth = 30;
/// Erases to the end of the line.
static constexpr llvm::StringRef kErase = "\r\x1b[K";

ProgressBar::ProgressBar()
    : start(std::chrono::steady_clock::now()), isTerminal(::isatty(2)) {}

ProgressBar::~ProgressBar() {
  if (isShown)
    llvm::errs() << kErase;
}

void ProgressBar::show(llvm::StringRef stage, double fraction) {
  if (!isTerminal || std::chrono::steady_clock::now() - start < kSilence)
    return;
  isShown = true;
  int filled = static_cast<int>(std::clamp(fraction, 0.0, 1.0) * kWidth);
  llvm::errs() << kErase << "[" << std::string(filled, '#')
               << std::string(kWidth - filled, ' ') << "] "
               << llvm::format("%3d%% ", int(fraction * 100)) << stage;
  llvm::errs().flush();
}
