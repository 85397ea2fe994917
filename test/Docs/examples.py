#!/usr/bin/env python3
"""Runs every example in the .td files, and finds what lacks one.

    test/Docs/examples.py SOURCE_DIR LLVM_INCLUDE_DIR

An example is a ```mlir block of a description. Those of ops, attributes and types
are modules that parse. Those of passes are input, run through the pass; what
follows a line "// becomes" is what comes out, up to canonicalisation. A first line
"// sparse-opt ARGUMENTS" replaces the default, which is the pass alone.
Needs sparse-opt and llvm-tblgen on the path.
"""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

_BLOCK = re.compile(r"^ *```mlir\n(.*?)^ *```$", re.M | re.S)
_COMMAND = re.compile(r"\s*// sparse-opt (.*)\n")
_BECOMES = re.compile(r"^ *// becomes\n", re.M)


class Failure(Exception):
    """An example that is missing or does not do what it says."""


def records(td, include_dirs):
    """The definitions of a .td file: (name, record, its classes)."""
    flags = [flag for folder in include_dirs for flag in ("-I", str(folder))]
    dump = subprocess.run(["llvm-tblgen", "--dump-json", *flags, str(td)],
                          check=True, capture_output=True, text=True).stdout
    definitions = json.loads(dump)
    for name, record in definitions.items():
        if not name.startswith("!") and not record["!anonymous"]:
            yield name, record, set(record["!superclasses"])


def sparse_opt(arguments, text):
    done = subprocess.run(["sparse-opt", *arguments], input=text,
                          capture_output=True, text=True)
    if done.returncode:
        raise Failure(f"sparse-opt {shlex.join(arguments)}:\n{done.stderr}")
    return done.stdout


def run_parsed(block, word):
    """The example of an op, attribute or type: it parses and has the word."""
    sparse_opt(["--verify-roundtrip"], block)
    return re.search(rf"(?<![\w.]){re.escape(word)}\b", block) is not None


def run_pass(block, flag):
    """The example of a pass: it changes, to what is written if that is."""
    command = _COMMAND.match(block)
    arguments = shlex.split(command[1]) if command else [f"--{flag}"]
    if not any(a.split("=")[0] == f"--{flag}" for a in arguments):
        raise Failure(f"expected --{flag} among {arguments}")
    before, *after = _BECOMES.split(block)
    others = [a for a in arguments if a == "--allow-unregistered-dialect"]
    printed = sparse_opt(arguments, before)
    if printed == sparse_opt(others, before):
        raise Failure("the pass changes nothing")
    tidy = ["--canonicalize", "--cse"]
    if len(after) > 1 or after and \
            sparse_opt(tidy, printed) != sparse_opt(tidy, after[0]):
        raise Failure(f"expected another output; it becomes\n{printed}")
    return True


def runner(record, classes):
    """How examples of this definition are run, or None if it needs none."""
    if "PassBase" in classes:
        return run_pass, record["argument"]
    if "Op" in classes:
        return run_parsed, "sparsity." + record["opName"]
    sigil = "#" if "AttrDef" in classes else "!" if "TypeDef" in classes else None
    return sigil and (run_parsed, f"{sigil}sparsity.{record['mnemonic']}")


def check(name, record, classes):
    """Runs the examples of one definition; how many blocks there were."""
    blocks = _BLOCK.findall(record.get("description") or "")
    run = runner(record, classes)
    if run is None:
        if blocks:
            raise Failure("expected examples on ops, attributes, types and passes")
        return 0
    shown = [run[0](block, run[1]) for block in blocks]
    if not any(shown):
        raise Failure(f"expected an example of {run[1]}")
    return len(blocks)


def main(source, llvm_include):
    include = Path(source, "include")
    found = failed = 0
    tds = sorted([*include.rglob("Passes.td"), *include.rglob("*Ops.td")])
    seen = set()
    for td in tds:
        for name, record, classes in records(td, (llvm_include, include)):
            if name in seen:
                continue
            seen.add(name)
            try:
                found += check(name, record, classes)
            except Failure as failure:
                failed += 1
                print(f"{td.name}: {name}: {failure}")
    written = sum(len(_BLOCK.findall(td.read_text())) for td in include.rglob("*.td"))
    if not failed and found != written:
        failed += 1
        print(f"expected to run {written} examples, ran {found}")
    print(f"{found} examples, {failed} failures")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
