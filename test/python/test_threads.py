"""Any number of threads and any place in memory give the same bits."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import sparse_opt as so
from programs import with_zeros

pytest.importorskip("sparse_opt._sparse_opt")

CLANG = shutil.which("clang-22") or shutil.which("clang", path="/usr/lib/llvm-22/bin")
INPUTS, OUTPUTS = 96, 80
#: A product, then a norm over its rows.
TEXT = f"""
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
func.func @f(%x: tensor<?x{INPUTS}xf32>) -> tensor<?x{OUTPUTS}xf32> {{
  %w = arith.constant dense_resource<w> : tensor<{OUTPUTS}x{INPUTS}xf32>
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x{INPUTS}xf32>
  %e = tensor.empty(%n) : tensor<?x{OUTPUTS}xf32>
  %p = sparsity.matmul ins(%x, %w : tensor<?x{INPUTS}xf32>, tensor<{OUTPUTS}x{INPUTS}xf32>)
      outs(%e : tensor<?x{OUTPUTS}xf32>) transpose_rhs -> tensor<?x{OUTPUTS}xf32>
  %r = tensor.empty(%n) : tensor<?xf32>
  %z = linalg.fill ins(%zero : f32) outs(%r : tensor<?xf32>) -> tensor<?xf32>
  %s = linalg.generic {{indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}}
      ins(%p : tensor<?x{OUTPUTS}xf32>) outs(%z : tensor<?xf32>) {{
  ^bb0(%a: f32, %sum: f32):
    %q = arith.mulf %a, %a : f32
    %t = arith.addf %sum, %q : f32
    linalg.yield %t : f32
  }} -> tensor<?xf32>
  %y = linalg.generic {{indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}}
      ins(%p, %s : tensor<?x{OUTPUTS}xf32>, tensor<?xf32>) outs(%e : tensor<?x{OUTPUTS}xf32>) {{
  ^bb0(%a: f32, %sum: f32, %out: f32):
    %one = arith.constant 1.0 : f32
    %t = arith.addf %sum, %one : f32
    %root = math.rsqrt %t : f32
    %v = arith.mulf %a, %root : f32
    linalg.yield %v : f32
  }} -> tensor<?x{OUTPUTS}xf32>
  return %y : tensor<?x{OUTPUTS}xf32>
}}"""


def weight(format):
    values = np.random.default_rng(0).standard_normal((OUTPUTS, INPUTS)).astype(np.float32)
    return with_zeros(values, format)


@pytest.fixture(scope="module", params=["dense", "nm", "bsr", "stream"])
def compiled(request):
    return so.compile_mlir(TEXT, {"w": weight(request.param)}, format=request.param), weight(request.param)


def expected(x, w):
    p = x.astype(np.float64) @ w.T
    return p / np.sqrt((p * p).sum(-1, keepdims=True) + 1)


@pytest.mark.parametrize("tokens", [1, 3, 17, 129, 700])
def test_threads(compiled, tokens):
    program, w = compiled
    x = np.random.default_rng(tokens).standard_normal((tokens, INPUTS)).astype(np.float32)
    one = program(x, threads=1)
    np.testing.assert_allclose(one, expected(x, w), atol=2e-6)
    for threads in (2, 3, 64):
        np.testing.assert_array_equal(program(x, threads=threads), one)


@pytest.mark.parametrize("tokens", [1, 17, 129])
def test_places_in_memory(compiled, tokens):
    """Every other row or column, transposed, turned around, and off by one element."""
    program, _ = compiled
    random = np.random.default_rng(tokens)
    x = random.standard_normal((tokens, INPUTS)).astype(np.float32)
    y = program(x)
    flat = np.zeros(tokens * INPUTS + 1, np.float32)
    wide = np.zeros((2 * tokens, 2 * INPUTS), np.float32)
    views = [flat[1:].reshape(tokens, INPUTS), wide[::2, ::2], wide[tokens - 1::-1, :INPUTS],
             wide[:tokens, INPUTS - 1::-1], np.zeros((INPUTS, tokens), np.float32).T]
    for view in views:
        view[...] = x
        np.testing.assert_array_equal(program(view), y)
    packed = np.zeros(x.nbytes + 1, np.uint8)[1:].view(np.float32).reshape(x.shape)
    packed[...] = x
    np.testing.assert_array_equal(program(packed), y)


def test_beside_another_runtime(compiled):
    """torch brings an OpenMP runtime of its own; both have threads at work at the same time."""
    torch = pytest.importorskip("torch")
    program, w = compiled
    random = np.random.default_rng(0)
    x = random.standard_normal((129, INPUTS)).astype(np.float32)
    one = program(x, threads=1)
    a = torch.from_numpy(random.standard_normal((512, 512)).astype(np.float32))
    wanted = a @ a
    stop, wrong = threading.Event(), []

    def multiply():
        while not stop.is_set():
            if not torch.allclose(a @ a, wanted, atol=1e-3):
                wrong.append(True)

    worker = threading.Thread(target=multiply)
    worker.start()
    try:
        for threads in (2, 3) * 20:
            np.testing.assert_array_equal(program(x, threads=threads), one)
    finally:
        stop.set()
        worker.join()
    assert not wrong


#: Another copy of the library that programs call, under another name, starts before or after it, or is there and starts
#: when it is used. Then both are used in a forked process, which the program's library may not be told of.
RELATIVE = """
import ctypes, os, sys
import numpy as np
import sparse_opt as so

program, library, order, visible = sys.argv[1:]
mode = ctypes.RTLD_GLOBAL if visible == "visible" else ctypes.RTLD_LOCAL
start = lambda: ctypes.CDLL(library, mode=mode).omp_get_max_threads()

if order == "dormant":
    ctypes.CDLL(library, mode=mode)
if order == "before":
    start()
compiled = so.load(program)
x = np.random.default_rng(0).standard_normal((129, 96)).astype(np.float32)
one, many = compiled(x, threads=1), compiled(x, threads=3)

def use_both():
    assert start() > 0
    for y in many, compiled(x, threads=1), compiled(x, threads=3):
        np.testing.assert_array_equal(y, one)

use_both()
child = os.fork()
if child == 0:
    use_both()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
use_both()
"""
LIBRARY = Path("/usr/lib/llvm-22/lib/libomp.so.5")


@pytest.mark.skipif(not LIBRARY.exists(), reason="LLVM's libomp is not where Debian has it")
@pytest.mark.parametrize("name", ["libiomp5.so", "libompX.so."])
@pytest.mark.parametrize("order", ["before", "after", "dormant"])
@pytest.mark.parametrize("visible", ["visible", "hidden"])
@pytest.mark.parametrize("at_fork", [None, "FALSE"])
def test_beside_a_relative(name, order, visible, at_fork, tmp_path):
    """Of libiomp5 and libomp, which are one implementation, only one may start in a process unless they are kept
    from knowing of each other."""
    (tmp_path / name).write_bytes(LIBRARY.read_bytes().replace(b"libomp.so.5\0", name.encode() + b"\0"))
    so.compile_mlir(TEXT, {"w": weight("dense")}).save(tmp_path / "p.so")
    # Not what other tests' packages have set.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("KMP_")}
    if at_fork:
        environment["KMP_INIT_AT_FORK"] = at_fork
    subprocess.run([sys.executable, "-c", RELATIVE, tmp_path / "p.so", tmp_path / name, order, visible],
                   check=True, timeout=60, env=environment)


#: Forks while other threads are in calls; the child calls, also from a thread of its own.
BUSY = """
import os, signal, sys, threading
import numpy as np
import sparse_opt as so

program, rows, threads = so.load(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
x = np.ones((rows, 96), np.float32)
wanted = program(x, threads=1)
stop = threading.Event()

def call(threads):  # without an import: the child may find its lock taken
    assert (program(x, threads=threads) == wanted).all()

def call_on():
    while not stop.is_set():
        call(threads)

workers = [threading.Thread(target=call_on) for _ in range(4)]
for worker in workers:
    worker.start()
failed = 0
for _ in range(40):
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        other = threading.Thread(target=call, args=(1,))
        other.start()
        other.join()
        call(threads)
        os._exit(0)
    failed += os.waitpid(child, 0)[1] != 0
    if failed > 1:
        break
stop.set()
for worker in workers:
    worker.join()
assert failed == 0
"""


@pytest.mark.parametrize("rows, threads", [(1, 1), (129, 1), (129, 2)])
def test_fork_while_others_call(rows, threads, tmp_path):
    so.compile_mlir(TEXT, {"w": weight("dense")}).save(tmp_path / "p.so")
    subprocess.run([sys.executable, "-W", "ignore", "-c", BUSY, tmp_path / "p.so", str(rows), str(threads)],
                   check=True, timeout=300)


@pytest.mark.skipif(CLANG is None, reason="clang is missing")
def test_without_library(tmp_path):
    """dlopen finds no OpenMP: an error when a program is loaded."""
    (tmp_path / "hide.c").write_text("""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>
void *dlopen(const char *name, int flags) {
  static void *(*next)(const char *, int);
  if (!next) *(void **)&next = dlsym(RTLD_NEXT, "dlopen");
  return name && strstr(name, "omp") && !strstr(name, "/proc/") ? 0 : next(name, flags);
}""")
    subprocess.run([CLANG, "-shared", "-fPIC", tmp_path / "hide.c", "-o", tmp_path / "hide.so"], check=True)
    so.compile_mlir(TEXT, {"w": weight("dense")}).save(tmp_path / "p.so")
    run = subprocess.run([sys.executable, "-c", "import sys, sparse_opt; sparse_opt.load(sys.argv[1])", tmp_path / "p.so"],
                         env={**os.environ, "LD_PRELOAD": str(tmp_path / "hide.so")}, capture_output=True, text=True)
    assert run.returncode == 1
    assert "expected an OpenMP library in the process or on the search path, found none" in run.stderr
