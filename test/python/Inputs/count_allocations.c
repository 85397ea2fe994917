/* count_allocations PROGRAM EXTENT...
 *
 * Calls the first function of a program ten times, after three calls to warm
 * up, with inputs whose dynamic extents are the given ones, in order, again for
 * every input. Prints how often memory was asked for meanwhile (malloc, mmap),
 * and how many results there were. */

#define _GNU_SOURCE
#include "sparse-opt/Runtime/Runtime.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { kWarm = 3, kCounted = 10, kMost = 8 };

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
static long requests;

static void note(void) { __atomic_add_fetch(&requests, 1, __ATOMIC_RELAXED); }

void *malloc(size_t size) {
  note();
  return __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
  note();
  return __libc_calloc(count, size);
}
void *realloc(void *memory, size_t size) {
  note();
  return __libc_realloc(memory, size);
}
void *mmap(void *at, size_t bytes, int rights, int flags, int file,
           off_t offset) {
  typedef void *(*Map)(void *, size_t, int, int, int, off_t);
  static Map next;
  note();
  if (!next)
    next = (Map)dlsym(RTLD_NEXT, "mmap");
  return next(at, bytes, rights, flags, file, offset);
}

static void check(SparseOptStatus status) {
  if (status == SPARSE_OPT_OK)
    return;
  fprintf(stderr, "%s\n", sparse_opt_last_error());
  exit(1);
}

/* Zeros of the input's type, as rows. */
static SparseOptTensor makeInput(const SparseOptTensorInfo *info,
                                 char **extents) {
  SparseOptTensor tensor = {.type = info->type, .rank = info->rank};
  int64_t count = 1;
  for (int32_t i = 0; i < info->rank; ++i) {
    tensor.shape[i] = info->shape[i] < 0 ? atoll(*extents++) : info->shape[i];
    count *= tensor.shape[i];
  }
  for (int64_t i = info->rank, stride = 1; i-- > 0; stride *= tensor.shape[i])
    tensor.strides[i] = stride;
  tensor.data = calloc(count, 8);
  return tensor;
}

int main(int argc, char **argv) {
  SparseOptProgram *program;
  if (argc < 2)
    return 1;
  check(sparse_opt_load(argv[1], &program));
  SparseOptTensor inputs[kMost], results[kMost];
  int64_t count = sparse_opt_input_count(program, 0);
  int64_t outputs = sparse_opt_result_count(program, 0);
  for (int64_t i = 0; i < count; ++i) {
    SparseOptTensorInfo info;
    check(sparse_opt_input_info(program, 0, i, &info));
    inputs[i] = makeInput(&info, argv + 2);
  }
  long before = 0;
  for (int call = 0; call < kWarm + kCounted; ++call) {
    if (call == kWarm)
      before = requests;
    check(sparse_opt_call(program, 0, inputs, count, results, outputs, 2));
    for (int64_t i = 0; i < outputs; ++i)
      sparse_opt_release(&results[i]);
  }
  printf("%ld %ld\n", requests - before, kCounted * (long)outputs);
  return 0;
}
