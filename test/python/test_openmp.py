"""Programs beside other users of OpenMP, and in forked processes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sparse_opt as so

pytest.importorskip("sparse_opt._sparse_opt")

CLANG = shutil.which("clang-22") or shutil.which("clang", path="/usr/lib/llvm-22/bin")
LIBRARY = Path("/usr/lib/llvm-22/lib/libomp.so.5")
#: KMP_INIT_AT_FORK: scikit-learn and joblib set it.
AT_FORK = (None, "FALSE")
TEXT = """
func.func @f(%x: tensor<?x96xf32>) -> tensor<?x80xf32> {
  %w = arith.constant dense_resource<w> : tensor<80x96xf32>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x96xf32>
  %e = tensor.empty(%n) : tensor<?x80xf32>
  %y = sparsity.matmul ins(%x, %w : tensor<?x96xf32>, tensor<80x96xf32>) outs(%e : tensor<?x80xf32>)
      transpose_rhs -> tensor<?x80xf32>
  return %y : tensor<?x80xf32>
}"""


def save_program(path):
    weight = np.random.default_rng(0).standard_normal((80, 96)).astype(np.float32)
    so.compile_mlir(TEXT, {"w": weight}).save(path)


def environment(at_fork):
    """Not what other tests' packages have set."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("KMP_")}
    return kept | ({"KMP_INIT_AT_FORK": at_fork} if at_fork else {})


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


@pytest.mark.skipif(not LIBRARY.exists(), reason="LLVM's libomp is not where Debian has it")
@pytest.mark.parametrize("name", ["libiomp5.so", "libompX.so."])
@pytest.mark.parametrize("order", ["before", "after", "dormant"])
@pytest.mark.parametrize("visible", ["visible", "hidden"])
@pytest.mark.parametrize("at_fork", AT_FORK)
def test_beside_a_relative(name, order, visible, at_fork, tmp_path):
    """Of libiomp5 and libomp, which are one implementation, only one may start in a process unless they are kept
    from knowing of each other."""
    (tmp_path / name).write_bytes(LIBRARY.read_bytes().replace(b"libomp.so.5\0", name.encode() + b"\0"))
    save_program(tmp_path / "p.so")
    subprocess.run([sys.executable, "-c", RELATIVE, tmp_path / "p.so", tmp_path / name, order, visible],
                   check=True, timeout=60, env=environment(at_fork))


#: Forks while other threads run `busy()` again and again; the child runs `in_child()`.
FORKING = """
import os, signal, sys, threading
import numpy as np
import sparse_opt as so

stop = threading.Event()
threading.excepthook = lambda what: (sys.excepthook(*what[:3]), os._exit(1))
rounds = [0] * 4

def go_on(number):
    while not stop.is_set():
        busy()
        rounds[number] += 1

def fork_meanwhile():
    workers = [threading.Thread(target=go_on, args=(number,)) for number in range(len(rounds))]
    for worker in workers:
        worker.start()
    failed = 0
    for _ in range(40):
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            in_child()
            os._exit(0)
        failed += os.waitpid(child, 0)[1] != 0
        if failed > 1:
            break
    stop.set()
    for worker in workers:
        worker.join()
    assert failed == 0 and min(rounds) > 0, (failed, rounds)
"""
#: All call; the child also from a thread of its own.
BUSY = FORKING + """
program, rows, threads = so.load(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
x = np.ones((rows, 96), np.float32)
wanted = program(x, threads=1)

def call(threads):  # without an import: the child may find its lock taken
    assert (program(x, threads=threads) == wanted).all()

def busy():
    call(threads)

def in_child():
    other = threading.Thread(target=call, args=(1,))
    other.start()
    other.join()
    call(threads)

fork_meanwhile()
"""


@pytest.mark.parametrize("rows, threads", [(1, 1), (129, 1), (129, 2)])
@pytest.mark.parametrize("at_fork", AT_FORK)
def test_fork_while_others_call(rows, threads, at_fork, tmp_path):
    save_program(tmp_path / "p.so")
    subprocess.run([sys.executable, "-W", "ignore", "-c", BUSY, tmp_path / "p.so", str(rows), str(threads)],
                   check=True, timeout=300, env=environment(at_fork))


#: All load and unload; the child also calls.
LOADING = FORKING + """
path, x = sys.argv[1], np.ones((3, 96), np.float32)
load = so.load
wanted = load(path)(x, threads=1)

def busy():
    load(path)

def in_child():
    assert (load(path)(x, threads=2) == wanted).all()

fork_meanwhile()
assert len(os.listdir("/proc/self/fd")) < 20  # a file that is loaded twice is one library
"""


@pytest.mark.parametrize("at_fork", AT_FORK)
def test_fork_while_others_load(at_fork, tmp_path):
    save_program(tmp_path / "p.so")
    subprocess.run([sys.executable, "-W", "ignore", "-c", LOADING, tmp_path / "p.so"],
                   check=True, timeout=300, env=environment(at_fork))


#: Somebody else uses OpenMP; the first program is loaded in a forked child.
LATE = """
import ctypes, os, signal, sys
import numpy as np
import sparse_opt as so

region = ctypes.CDLL(sys.argv[2], mode=ctypes.RTLD_GLOBAL if sys.argv[3] == "visible" else ctypes.RTLD_LOCAL).region
region()
child = os.fork()
if child == 0:
    signal.alarm(20)
    program = so.load(sys.argv[1])
    x = np.ones((129, 96), np.float32)
    assert (program(x, threads=1) == program(x, threads=3)).all()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
region()
"""


@pytest.mark.skipif(CLANG is None or not LIBRARY.exists(), reason="clang or LLVM's libomp is missing")
@pytest.mark.parametrize("visible", ["visible", "hidden"])
@pytest.mark.parametrize("at_fork", AT_FORK)
def test_first_load_in_a_child(visible, at_fork, tmp_path):
    (tmp_path / "region.c").write_text("""
static int ran;
void region(void) {
#pragma omp parallel num_threads(3)
#pragma omp atomic
  ran++;
}""")
    subprocess.run([CLANG, "-fopenmp", "-shared", "-fPIC", tmp_path / "region.c", "-o", tmp_path / "region.so",
                    f"-L{LIBRARY.parent}", f"-Wl,-rpath,{LIBRARY.parent}"], check=True)
    save_program(tmp_path / "p.so")
    subprocess.run([sys.executable, "-W", "ignore", "-c", LATE, tmp_path / "p.so", tmp_path / "region.so", visible],
                   check=True, timeout=60, env=environment(at_fork))


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
    save_program(tmp_path / "p.so")
    run = subprocess.run([sys.executable, "-c", "import sys, sparse_opt; sparse_opt.load(sys.argv[1])", tmp_path / "p.so"],
                         env={**environment(None), "LD_PRELOAD": str(tmp_path / "hide.so")}, capture_output=True, text=True)
    assert run.returncode == 1
    assert "expected an OpenMP library in the process or on the search path, found none" in run.stderr
