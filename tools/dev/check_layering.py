#!/usr/bin/env python3
"""Checks who includes and links whom: the layer table of lib/README.md.

    tools/dev/check_layering.py [--self-test]

One check per room; what a room does with upstream is not looked at, except that
the rooms without MLIR must not include it.
"""

import os
import re
import sys
from pathlib import PurePosixPath

import checks

# A room may use itself and these. "Transforms" stands for every family; no
# family may use another. The reasons are in lib/README.md.
_DATA = ["IR", "Format", "Checkpoint", "Target"]
ALLOWED = {
    "Format": [],
    "Target": ["Format"],
    "Emulator": [],
    "Checkpoint": ["Format"],
    "Runtime": ["Format", "Checkpoint"],
    "IR": ["Format"],
    "Recipe": ["IR"],
    "Analysis": _DATA,
    "Transforms": _DATA + ["Recipe", "Analysis"],
    "Report": ["IR", "Analysis"],
    "Conversion": ["IR", "Format", "Target"],
    "Pipelines": _DATA + ["Recipe", "Transforms", "Conversion"],
    "InitAll": _DATA + ["Recipe", "Analysis", "Transforms", "Report", "Conversion",
                        "Pipelines"],
    "Plugin": ["Pipelines", "InitAll"],
    "tools": ["InitAll", "Pipelines", "Analysis", "Report", "Runtime",
              "Checkpoint"],
}
WITHOUT_MLIR = {"Format", "Checkpoint", "Runtime", "Emulator"}
_INCLUDE = re.compile(r'^\s*#?\s*include\s*[<"]([^">]+)[">]', re.M)
_LIBRARY = re.compile(r"sparse_opt_library\(\s*(\w+)([^)]*)\)")


def room_of(path):
    """The room of a file, with its family ("Transforms/Prune"), or None."""
    parts = PurePosixPath(path).parts
    if parts[0] in ("tools", "python_bindings"):
        return "tools"
    parts = parts[2:] if parts[:2] == ("include", "sparse-opt") else parts[1:]
    if parts[:3] == ("Dialect", "Sparsity", "IR"):
        return "IR"
    if parts[0] == "Transforms" and len(parts) > 2:
        return "/".join(parts[:2])
    room = parts[0].removesuffix(".h")
    return room if room in ALLOWED and room != "Transforms" else None


def may_use(user, used):
    return user == used or used.split("/")[0] in ALLOWED[user.split("/")[0]]


def included_path(file, include):
    """Where an include of ours leads, as if it were a file in include/ or lib/."""
    if include.startswith("sparse-opt/"):
        return "include/" + include
    beside = os.path.normpath(file.parent / include)
    return beside if beside.startswith(("lib/", "tools/")) else None


def check_file(root, file, room):
    text = (root / file).read_text()
    for match in _INCLUDE.finditer(text):
        include, line = match[1], text.count("\n", 0, match.start(1)) + 1
        if room in WITHOUT_MLIR and include.startswith(("mlir/", "llvm/")):
            yield f"{file}:{line}: a room without MLIR includes {include}"
        local = "../" in include or include.startswith("sparse-opt/")
        used = local and included_path(file, include)
        used_room = used and room_of(used)
        if used and not used_room:
            yield f"{file}:{line}: {include} is in no known room"
        elif used_room and not may_use(room, used_room):
            yield f"{file}:{line}: {room} must not include {include}"


def check_links(root, checked):
    """The LINK lists of sparse_opt_library in lib/ obey the same table."""
    lists, homes = {}, {}
    for file in checks.files(root, ["lib"], ["CMakeLists.txt"]):
        for match in _LIBRARY.finditer((root / file).read_text()):
            lists[match[1]] = (file, match[2].partition("LINK")[2].split())
            homes[match[1]] = room_of(file)
    for name, (file, linked) in lists.items():
        for other in linked:
            if homes[name] and homes.get(other) and \
                    not may_use(homes[name], homes[other]):
                checked.setdefault(homes[name], []).append(
                    f"{file}: {name} must not link {other}")


def check(root):
    checked = {}
    suffixes = [".h", ".cpp", ".td", ".inc"]
    folders = ["include", "lib", "tools", "python_bindings"]
    for file in checks.files(root, folders, suffixes):
        room = room_of(file)
        if room is None:
            checked.setdefault("rooms", []).append(f"{file} is in no known room")
            continue
        checked.setdefault(room, []).extend(check_file(root, file, room))
    check_links(root, checked)
    return checked


CASES = {
    "clean": ({"lib/Format/A.cpp": '#include "sparse-opt/Format/A.h"\n',
               "lib/Transforms/Prune/P.cpp":
                   '#include "sparse-opt/Transforms/Prune/Passes.h"\n'
                   '#include "sparse-opt/Analysis/Cost.h"\n'}, []),
    "upward": ({"lib/Conversion/SparsityToLinalg/C.cpp":
                '#include "sparse-opt/Analysis/Cost.h"\n'},
               ["Conversion must not include sparse-opt/Analysis/Cost.h"]),
    "family": ({"lib/Transforms/Prune/P.cpp":
                '\n#include "sparse-opt/Transforms/MoE/Passes.h"\n'},
               ["P.cpp:2: Transforms/Prune must not include"]),
    "td": ({"include/sparse-opt/Dialect/Sparsity/IR/A.td":
            'include "sparse-opt/Transforms/MoE/Passes.td"\n'},
           ["IR must not include"]),
    "relative": ({"lib/Format/A.cpp": '#include "../Checkpoint/B.h"\n'},
                 ["Format must not include ../Checkpoint/B.h"]),
    "no MLIR": ({"lib/Runtime/A.cpp": '#include "mlir/IR/Builders.h"\n'},
                ["a room without MLIR includes mlir/IR/Builders.h"]),
    "unknown room": ({"lib/Utils/A.cpp": ""}, ["in no known room"]),
    "links": ({"lib/Format/CMakeLists.txt":
               "sparse_opt_library(SparsityFormat A.cpp LINK SparsityIR)",
               "lib/Dialect/Sparsity/IR/CMakeLists.txt":
               "sparse_opt_library(SparsityIR B.cpp\n  LINK SparsityFormat)"},
              ["SparsityFormat must not link SparsityIR"]),
    "tools": ({"tools/sparse-opt/m.cpp":
               '#include "sparse-opt/Transforms/Prune/Passes.h"\n'},
              ["tools must not include"]),
}

if __name__ == "__main__":
    sys.exit(checks.main(check, CASES))
