//===- Report.cpp - The decisions of one compilation ----------------------===//
//
// One row per weight, read off the described program and its parameters.
//
//===----------------------------------------------------------------------===//

#include "Report.h"

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace mlir::sparsity;

static std::string print(Attribute attr) {
  std::string text;
  if (attr)
    llvm::raw_string_ostream(text) << attr;
  return text;
}

static llvm::json::Object describeWeight(const ParameterInfo &info,
                                         Attribute pattern) {
  int64_t elements = 1, bytes = 0;
  llvm::json::Array shape;
  for (int64_t extent : info.shape) {
    elements *= extent;
    shape.push_back(extent);
  }
  for (const ParameterBuffer &buffer : info.buffers)
    bytes += buffer.bytes;
  int64_t width = 4;
  for (int64_t value : {64, 32, 16, 8})
    if (StringRef(info.dtype).ends_with(std::to_string(value)))
      width = value / 8;
  return llvm::json::Object{{"name", llvm::json::fixUTF8(info.name)},
                            {"shape", std::move(shape)},
                            {"dtype", info.dtype},
                            {"pattern", print(pattern)},
                            {"format", info.format},
                            {"bytes", bytes},
                            {"bytes_dense", elements * width}};
}

std::string mlir::sparsity::writeReport(ModuleOp module,
                                        const CompiledProgram &program) {
  llvm::StringMap<Attribute> patterns;
  for (auto parameter : module.getOps<ParameterOp>())
    if (parameter.getPatternAttr())
      patterns[parameter.getUserName()] = parameter.getPatternAttr();
  llvm::json::Array weights;
  for (const ParameterInfo &info : program.parameters)
    weights.push_back(describeWeight(info, patterns.lookup(info.name)));
  std::string text;
  llvm::raw_string_ostream(text) << llvm::formatv(
      "{0:2}", llvm::json::Value(llvm::json::Object{
                   {"version", 1}, {"weights", std::move(weights)}}));
  return text;
}
