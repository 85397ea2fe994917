#!/usr/bin/env python3
"""Checks names and sizes: one word per pass in four places, and length budgets.

    tools/dev/check_names.py [--self-test]

For `def PruneChannelsPass` in include/sparse-opt/Transforms/Prune/Passes.td: the
flag --sparsity-prune-channels, lib/Transforms/Prune/PruneChannels.cpp, and
test/Transforms/Prune/prune-channels.mlir (with prune-channels-invalid.mlir where
the pass emits errors). Conversions are --convert-sparsity-to-<dialect>, in a
folder SparsityTo<Dialect>. Budgets are those of the style rules.
"""

import ast
import re
import sys
from pathlib import Path

import checks

FILE_LINES = {".cpp": 500, ".h": 500, ".py": 500, ".td": 300, ".sh": 300}
LIT_LINES, FUNCTION_LINES, PATH_LENGTH = 200, 60, 75
FOLDERS = ["include", "lib", "tools", "python_bindings", "test"]
_PASS = re.compile(r'^def (\w+)\s*:\s*\w+<\s*"([^"]+)"(.*?)^}', re.M | re.S)
_OPTION = re.compile(r'\b(?:List)?Option<\s*"\w+"\s*,\s*"([^"]+)"')
_KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_NOISE = re.compile(r'//[^\n]*|/\*.*?\*/|R"\((?s:.*?)\)"|"(?:\\.|[^"\\\n])*"'
                    r"|'(?:\\.|[^'\\\n])'", re.S)
_CONTROL = re.compile(r"^(if|for|while|switch|catch|else|do)\b")


# --- names ------------------------------------------------------------------


def squeeze(word):
    """Words compare without case and dashes, so that SplitFFN is split-ffn."""
    return word.replace("-", "").lower()


def candidate_files(room, name, flag):
    """Possible sources and tests of a pass, the usual ones first.

    A conversion lives in a folder of its own, with or without its first word.
    """
    if not flag.startswith("convert-sparsity-to-"):
        return [room / f"{name}.cpp"], [room / flag.removeprefix("sparsity-")]
    short = name.removeprefix("Convert")
    return ([room / short / f"{word}.cpp" for word in (short, name)],
            [room / short / word for word in (flag.removeprefix("convert-"), flag)])


def check_pass(root, td, name, flag, body):
    room = td.parent.relative_to("include/sparse-opt")
    short = name.removesuffix("Pass")
    if short == name:
        yield f"{td}: expected 'def {name}Pass', got 'def {name}'"
    word = flag.removeprefix("sparsity-")
    if not flag.startswith(("sparsity-", "convert-sparsity-to-")) or \
            squeeze(word) != squeeze(short):
        yield f"{td}: expected the flag of {name} to spell its name, got --{flag}"
    for option in _OPTION.findall(body):
        if not _KEBAB.fullmatch(option):
            yield f"{td}: expected a kebab-case option, got '{option}'"
    sources, stems = candidate_files(room, short, flag)
    tests = [Path("test", stem) for stem in stems]
    source = next((Path("lib", s) for s in sources if (root / "lib" / s).exists()),
                  None)
    if not source:
        yield f"{td}: expected lib/{sources[0]} for {name}"
        return
    if not any((root / f"{t}.mlir").exists() for t in tests):
        yield f"{td}: expected {tests[0]}.mlir for {name}"
    if re.search(r"\bemit(Op)?Error\(", (root / source).read_text()) and \
            not any((root / f"{t}-invalid.mlir").exists() for t in tests):
        yield f"{source}: emits errors, expected {tests[0]}-invalid.mlir"


# --- budgets ----------------------------------------------------------------


def blank(match):
    return re.sub(r"[^\n]", " ", match[0])


def cpp_functions(text):
    """(first line, lines) of each function body, by matching braces."""
    text = _NOISE.sub(blank, text)
    text = re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", blank, text, flags=re.M)
    stack, start = [], 0
    for match in re.finditer(r"[{};]", text):
        at = match.start()
        if match[0] == "{":
            head = text[start:at].strip()
            stack.append((at, head, "(" in head and not _CONTROL.match(head)
                          and not re.search(r"=\s*$|^(namespace|enum)\b", head)))
        elif match[0] == "}" and stack:
            begin, head, is_function = stack.pop()
            if is_function and not any(outer[2] for outer in stack):
                first = text.count("\n", 0, begin) - head.count("\n") + 1
                yield first, text.count("\n", 0, at) + 2 - first
        start = at + 1


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno - node.lineno + 1


def check_budgets(root, file):
    text = (root / file).read_text()
    lines = text.count("\n")
    limit = LIT_LINES if file.suffix == ".mlir" else FILE_LINES.get(file.suffix)
    if limit and lines > limit:
        yield "file length", f"{file}: {lines} lines, expected at most {limit}"
    find = {".cpp": cpp_functions, ".h": cpp_functions, ".py": python_functions}
    for line, length in find.get(file.suffix, lambda _: ())(text):
        if length > FUNCTION_LINES:
            yield "function length", (f"{file}:{line}: function of {length} lines"
                                      f", expected at most {FUNCTION_LINES}")
    # A conversion's test takes its room's and its pass's name; it may be longer.
    prescribed = file.name.startswith("convert-sparsity-to-")
    if len(str(file)) > PATH_LENGTH and not prescribed:
        yield "path length", (f"{file}: path of {len(str(file))} characters, "
                              f"expected at most {PATH_LENGTH}")


def check(root):
    checked = {"file length": [], "function length": [], "path length": []}
    for td in checks.files(root, ["include"], ["Passes.td"]):
        text = re.sub(r"//[^\n]*", "", (root / td).read_text())
        for name, flag, body in _PASS.findall(text):
            checked[name] = list(check_pass(root, td, name, flag, body))
    for file in checks.files(root, FOLDERS, [*FILE_LINES, ".mlir", ".txt"]):
        for kind, violation in check_budgets(root, file):
            checked[kind].append(violation)
    return checked


# --- self-test --------------------------------------------------------------


def _pass_tree(definition, *present):
    tree = {path: "" for path in present}
    tree["include/sparse-opt/Transforms/Prune/Passes.td"] = definition
    return tree


_TD = 'def DropRowsPass : Pass<"sparsity-drop-rows"> {\n%s}\n'
_CPP = "lib/Transforms/Prune/DropRows.cpp"
_TEST = "test/Transforms/Prune/drop-rows.mlir"
_LONG = "void f() {\n" + "  g();\n" * 60 + "}\n"
CASES = {
    "clean": ({**_pass_tree(_TD % "", _CPP, _TEST),
               "lib/Format/A.cpp": "void f() {\n" + "  g();\n" * 58 + "}\n"}, []),
    "conversion": ({
        "include/sparse-opt/Conversion/Passes.td":
            'def ConvertSparsityToGPUPass : Pass<"convert-sparsity-to-gpu"> {\n}\n',
        "lib/Conversion/SparsityToGPU/SparsityToGPU.cpp": "",
        "test/Conversion/SparsityToGPU/sparsity-to-gpu.mlir": ""}, []),
    "flag": (_pass_tree(_TD.replace("drop-rows", "cut-rows") % "", _CPP),
             ["spell its name, got --sparsity-cut-rows"]),
    "suffix": (_pass_tree(_TD.replace("Pass :", " :") % "", _CPP, _TEST),
               ["expected 'def DropRowsPass'"]),
    "source": (_pass_tree(_TD % ""), [f"expected {_CPP}"]),
    "test": (_pass_tree(_TD % "", _CPP), [f"expected {_TEST}"]),
    "invalid test": ({**_pass_tree(_TD % "", _TEST), _CPP: "op.emitError(x);"},
                     ["expected test/Transforms/Prune/drop-rows-invalid.mlir"]),
    "option": (_pass_tree(_TD % 'Option<"a", "rowCount", "int", "0", "">\n',
                          _CPP, _TEST), ["kebab-case option, got 'rowCount'"]),
    "lengths": ({"lib/Format/A.cpp": "namespace a {\n" + _LONG + "}\n" * 440,
                 "tools/a.py": "def f():\n" + "  g()\n" * 60,
                 "include/sparse-opt/A.td": "\n" * 301,
                 "test/a.mlir": "\n" * 201},
                ["A.cpp: 503 lines", "A.cpp:2: function of 62 lines",
                 "a.py:1: function of 61 lines", "A.td: 301", "a.mlir: 201"]),
    "path": ({f"lib/{'a' * 72}.txt": ""}, ["path of 80 characters"]),
}

if __name__ == "__main__":
    sys.exit(checks.main(check, CASES))
