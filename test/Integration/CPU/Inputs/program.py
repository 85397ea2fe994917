"""Modules of many small cases, each of which counts its own wrong elements."""

import os
import subprocess
import sys
from dataclasses import dataclass, field

from elements import dense_attr, tensor

# Upstream's own way to LLVM; the dialect must be gone before it.
LOWER = ("builtin.module(func.func(linalg-generalize-named-ops),"
         "one-shot-bufferize{bufferize-function-boundaries=true "
         "function-boundary-type-conversion=identity-layout-map},"
         "func.func(convert-linalg-to-loops),convert-scf-to-cf,"
         "expand-strided-metadata,lower-affine,convert-arith-to-llvm,"
         "convert-index-to-llvm,finalize-memref-to-llvm,convert-func-to-llvm,"
         "convert-cf-to-llvm,reconcile-unrealized-casts)")


@dataclass
class Program:
    """Functions `@case_i() -> i64` and what to call each of them."""

    globals: list[str] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def add(self, name: str, body: str, kind: str, shape: list,
            expected: list[int]) -> None:
        """A case whose body defines %y : shape x kind."""
        index, rank = len(self.names), len(shape)
        type_ = tensor(kind, shape)
        differ = "arith.cmpi ne" if kind[0] == "i" else "arith.cmpf une"
        loops = ", ".join(f"d{dim}" for dim in range(rank))
        maps = ", ".join(f"affine_map<({loops}) -> ({to})>"
                         for to in (loops, loops, ""))
        kinds = ", ".join(['"reduction"'] * rank)
        self.names.append(name)
        self.functions.append(f"""
func.func @case_{index}() -> i64 {{
{body}
  %zero = arith.constant dense<0> : tensor<i64>
  %expected = arith.constant {dense_attr(kind, shape, expected)}
  %count = linalg.generic {{indexing_maps = [{maps}], iterator_types = [{kinds}]}}
      ins(%y, %expected : {type_}, {type_}) outs(%zero : tensor<i64>) {{
  ^bb0(%a: {kind}, %b: {kind}, %sum: i64):
    %differ = {differ}, %a, %b : {kind}
    %one = arith.extui %differ : i1 to i64
    %next = arith.addi %sum, %one : i64
    linalg.yield %next : i64
  }} -> tensor<i64>
  %wrong = tensor.extract %count[] : tensor<i64>
  return %wrong : i64
}}""")

    def text(self) -> str:
        calls = "".join(f"""
  %{i} = func.call @case_{i}() : () -> i64
  func.call @printI64(%{i}) : (i64) -> ()
  func.call @printNewline() : () -> ()""" for i in range(len(self.names)))
        return "\n".join(self.globals + self.functions + [
            "func.func private @printI64(i64)",
            "func.func private @printNewline()",
            f"func.func @main() {{{calls}\n  return\n}}\n"])

    def run(self, *passes: str, lower: str = LOWER) -> int:
        """Runs all cases after `passes`; prints the wrong ones."""
        text = tool(["sparse-opt", *passes], self.text())
        text = tool(["mlir-opt", f"--pass-pipeline={lower}"], text)
        library = os.path.join(sys.argv[1], "libmlir_c_runner_utils.so")
        output = tool(["mlir-runner", "-e", "main", "-O1",
                       "--entry-point-result=void",
                       f"--shared-libs={library}"], text).split()
        wrong = [f"{name}: {count} wrong" for name, count
                 in zip(self.names, output) if count != "0"]
        if len(output) != len(self.names):
            wrong.append(f"expected {len(self.names)} counts, got {len(output)}")
        print("\n".join(wrong) or f"{len(self.names)} cases, none wrong")
        return 1 if wrong else 0


def tool(command: list[str], text: str) -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command[0]}: {done.stderr[:4000]}")
    return done.stdout
