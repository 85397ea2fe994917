//===- sparse-run.cpp - Runs, checks and times a program ------------------===//
//
// Only parses options.
//
//===----------------------------------------------------------------------===//

#include "OwnOptions.h"
#include "Run.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/raw_ostream.h"

#include <csignal>

namespace cl = llvm::cl;

static cl::OptionCategory category("sparse-run options");

/// One option that is stored in a field of RunOptions.
template <typename T>
using Option = cl::opt<T, /*ExternalStorage=*/true>;
using ListOption = cl::list<std::string, std::vector<std::string>>;

namespace {
/// The options of --calibrate.
struct CalibrationOptions {
  mlir::sparsity::RunOptions &run;
  Option<std::string> calibrate{
      "calibrate", cl::value_desc("profile.safetensors"),
      cl::location(run.calibrate), cl::cat(category),
      cl::desc("collect statistics of weights' inputs over one or more times "
               "as many --input as the function has, and write them")};
  ListOption statistics{
      "statistics",
      cl::value_desc("gram,magnitudes,squares,zeros"),
      cl::CommaSeparated,
      cl::location(run.statistics),
      cl::cat(category),
      cl::desc("what --calibrate collects; squares by default")};
  Option<std::string> observe{
      "observe",
      cl::value_desc("glob"),
      cl::location(run.observe),
      cl::init("*"),
      cl::cat(category),
      cl::desc("which weights --calibrate is for, all by default")};
};
} // namespace

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  // A file that grows past a limit of the shell is an error of the write.
  std::signal(SIGXFSZ, SIG_IGN);
  mlir::sparsity::removeUpstreamOptions();
  mlir::sparsity::RunOptions run;
  Option<std::string> program(cl::Positional, cl::Required,
                              cl::desc("<model.mlir|model.so>"),
                              cl::location(run.program), cl::cat(category));
  ListOption inputs("input", cl::value_desc("x.npy"), cl::cat(category),
                    cl::desc("one for each input"), cl::location(run.inputs));
  ListOption randomInputs("random-inputs", cl::value_desc("2x17xi64,..."),
                          cl::CommaSeparated, cl::cat(category),
                          cl::desc("types of random inputs instead; not needed "
                                   "where all extents are static"),
                          cl::location(run.randomInputs));
  Option<uint64_t> seed("seed", cl::desc("of the random inputs"),
                        cl::location(run.seed), cl::cat(category));
  ListOption outputs("output", cl::value_desc("y.npy"), cl::cat(category),
                     cl::desc("where to write results, and then inputs "
                              "that are updated, in order"),
                     cl::location(run.outputs));
  Option<std::string> function("function", cl::location(run.function),
                               cl::desc("which function; the first by default"),
                               cl::cat(category));
  Option<std::string> weights("weights", cl::value_desc("model.safetensors"),
                              cl::desc("values of the program's resources"),
                              cl::location(run.weights), cl::cat(category));
  Option<std::string> recipe("recipe", cl::value_desc("recipe.yaml"),
                             cl::desc("which weights to make sparse, and how"),
                             cl::location(run.recipe), cl::cat(category));
  Option<std::string> target("target", cl::location(run.target),
                             cl::init("host"), cl::value_desc("cpu,..."),
                             cl::desc("'host' or the names of x86-64 CPUs"),
                             cl::cat(category));
  Option<bool> check("check", cl::location(run.check), cl::cat(category),
                     cl::desc("compare with the dense oracle"));
  Option<double> tolerance("tolerance", cl::location(run.tolerance),
                           cl::cat(category),
                           cl::desc("largest error, relative to the largest "
                                    "value; default 1e-4, 2^-7 of f16 and "
                                    "2^-4 of bf16 results"));
  Option<int64_t> repeats("time", cl::value_desc("n"),
                          cl::location(run.repeats), cl::cat(category),
                          cl::desc("run n times, print best and median"));
  Option<bool> profile("profile", cl::location(run.profile), cl::cat(category),
                       cl::desc("print what each operation takes, in the "
                                "fastest of --time runs"));
  Option<int32_t> threads("threads", cl::value_desc("n"),
                          cl::location(run.threads), cl::cat(category),
                          cl::desc("0 = OMP_NUM_THREADS, or all cores"));
  CalibrationOptions calibration{run};
  cl::ParseCommandLineOptions(argc, argv, "runs sparse-opt's programs\n");
  if (llvm::Error error = mlir::sparsity::run(run)) {
    llvm::errs() << "sparse-run: error: " << llvm::toString(std::move(error))
                 << "\n";
    return 1;
  }
  return 0;
}
