/* Loads the program that the first argument names and calls it with ones. */
#include "model.h"
#include "sparse-opt/Runtime/Runtime.h"

#include <stdio.h>

int main(int argc, char **argv) {
  float ones[] = {1, 1, 1};
  SparseOptTensor x = {ones, 0, SPARSE_OPT_F32, 2, {1, 3}, {3, 1}}, y;
  SparseOptProgram *program;
  if (argc < 2 || sparse_opt_load(argv[1], &program) ||
      sparse_opt_call(program, MODEL_MAIN, &x, MODEL_MAIN_INPUTS, &y,
                      MODEL_MAIN_RESULTS, 0)) {
    puts(sparse_opt_last_error());
    return 1;
  }
  printf("%g %g\n", ((float *)y.data)[0], ((float *)y.data)[1]);
  sparse_opt_release(&y);
  sparse_opt_unload(program);
  return 0;
}
