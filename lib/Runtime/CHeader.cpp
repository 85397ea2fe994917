//===- CHeader.cpp - The C header of a program ----------------------------===//
//
// Prototypes and shapes. Names of tensors are data: they appear escaped and in
// comments only.
//
//===----------------------------------------------------------------------===//

#include "CHeader.h"

#include "sparse-opt/Checkpoint/Names.h"

#include <algorithm>
#include <cctype>
#include <set>

using namespace mlir::sparsity;
using namespace mlir::sparsity::runtime;

/// `text` as a C identifier in upper case.
static std::string macroName(std::string_view text) {
  std::string name;
  for (unsigned char c : text)
    name += std::isalnum(c) ? static_cast<char>(std::toupper(c)) : '_';
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0])))
    name = "_" + name;
  return name;
}

/// One line of a comment, which the text cannot end.
static std::string commentLine(const std::string &role, size_t index,
                               const TensorSpec &spec) {
  std::string name = checkpoint::quoteName(spec.name);
  for (size_t at; (at = name.find("*/")) != std::string::npos;)
    name.replace(at, 2, "* /");
  return " *   " + role + " " + std::to_string(index) + " " + name + ": " +
         std::string(format::elementName(spec.kind)) + " " +
         shapeText(spec.shape) + (spec.isUpdated ? ", updated" : "") + "\n";
}

/// A name of macros that no other function has, and with endings neither.
static std::string uniqueName(std::string name, size_t index,
                              std::set<std::string> &used) {
  static const char *const kEndings[] = {"", "_INPUTS", "_RESULTS"};
  auto isUsed = [&](const char *ending) { return used.count(name + ending); };
  while (std::any_of(std::begin(kEndings), std::end(kEndings), isUsed))
    name += "_" + std::to_string(index);
  for (const char *ending : kEndings)
    used.insert(name + ending);
  return name;
}

static std::string functionText(const FunctionSpec &function, size_t index,
                                const std::string &name) {
  std::string text = "/* Function " + std::to_string(index) + ":\n";
  for (size_t i = 0; i < function.inputs.size(); ++i)
    text += commentLine("input", i, function.inputs[i]);
  for (size_t i = 0; i < function.results.size(); ++i)
    text += commentLine("result", i, function.results[i]);
  text += " */\n";
  auto define = [&](const char *what, size_t value) {
    text += "#define " + name + what + " " + std::to_string(value) + "\n";
  };
  define("", index);
  define("_INPUTS", function.inputs.size());
  define("_RESULTS", function.results.size());
  return text + "void " + function.symbol + "(void **args);\n\n";
}

std::string mlir::sparsity::runtime::headerText(const ProgramSpec &spec,
                                                const std::string &path) {
  std::string stem = path.substr(path.rfind('/') + 1);
  std::string prefix = macroName(stem.substr(0, stem.rfind('.'))) + "_";
  std::string guard = prefix + "H";
  std::string text =
      "/* Made by sparse-opt. Load the program with sparse_opt_load and call\n"
      " * its functions by number with sparse_opt_call (Runtime.h); extents "
      "of\n"
      " * ? may be anything. The symbols themselves take descriptors "
      "unchecked:\n"
      " * results, inputs, then the storage buffers of the weights.\n */\n"
      "#ifndef " +
      guard + "\n#define " + guard +
      "\n\n"
      "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
      "extern const char sparse_opt_metadata[];\n\n";
  std::set<std::string> used{guard};
  for (size_t i = 0; i < spec.functions.size(); ++i)
    text += functionText(
        spec.functions[i], i,
        uniqueName(prefix + macroName(spec.functions[i].name), i, used));
  return text + "#ifdef __cplusplus\n}\n#endif\n\n#endif /* " + guard + " */\n";
}
