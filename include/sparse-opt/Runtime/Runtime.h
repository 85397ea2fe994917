/*===- Runtime.h - Loading and calling compiled programs --------*- C -*-===*\
 *
 * The C interface of libsparse_opt_runtime: loads a program and its weights,
 * checks arguments, calls, hands out results. No MLIR and no LLVM is needed to
 * run a program. The last part is what generated code calls.
 *
 * A program is a shared library `m.so` with the exported string
 * `sparse_opt_metadata` (JSON, see Metadata.h) and a file `m.weights` beside it
 * (Checkpoint/PackedFile.h). Its entries take `void **args`: pointers to memref
 * descriptors {allocated, aligned, offset, sizes.., strides..} of the results,
 * then the inputs, then the storage buffers of the parameters.
 *
 * Functions that return a status return SPARSE_OPT_OK or the kind of an error;
 * sparse_opt_last_error() then has one line of text. All functions may be
 * called from several threads at once, also on one program. A forked child may
 * go on with what its parent has loaded. Constructors and destructors of
 * libraries may not load or unload programs or fork: the dynamic linker's lock
 * and that of this library would wait for each other.
 *
\*===----------------------------------------------------------------------===*/

#ifndef SPARSE_OPT_RUNTIME_RUNTIME_H
#define SPARSE_OPT_RUNTIME_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SPARSE_OPT_API __attribute__((visibility("default")))

/* The largest rank of an input or result. */
#define SPARSE_OPT_MAX_RANK 16

typedef enum SparseOptStatus {
  SPARSE_OPT_OK = 0,
  /* A file is missing, unreadable, unwritable or broken. */
  SPARSE_OPT_FILE_ERROR = 1,
  /* A name or index that the program does not have. */
  SPARSE_OPT_NAME_ERROR = 2,
  /* An element type other than the expected one. */
  SPARSE_OPT_TYPE_ERROR = 3,
  /* A count, rank, extent, pointer or value other than expected. */
  SPARSE_OPT_VALUE_ERROR = 4,
  /* The program itself reported an error. */
  SPARSE_OPT_PROGRAM_ERROR = 5,
  SPARSE_OPT_MEMORY_ERROR = 6
} SparseOptStatus;

/* Element types, in the order of Format's ElementKind. */
typedef enum SparseOptType {
  SPARSE_OPT_F64,
  SPARSE_OPT_F32,
  SPARSE_OPT_F16,
  SPARSE_OPT_BF16,
  SPARSE_OPT_I64,
  SPARSE_OPT_I32,
  SPARSE_OPT_I16,
  SPARSE_OPT_I8,
  SPARSE_OPT_U64,
  SPARSE_OPT_U32,
  SPARSE_OPT_U16,
  SPARSE_OPT_U8,
  SPARSE_OPT_BOOL
} SparseOptType;

/* A tensor in memory. `data` points to the element with all indices 0; strides
 * are in elements and may be 0 or negative for inputs. `owner` is the block
 * that sparse_opt_release gives back: null for tensors of the caller. */
typedef struct SparseOptTensor {
  void *data;
  void *owner;
  int32_t type;
  int32_t rank;
  int64_t shape[SPARSE_OPT_MAX_RANK];
  int64_t strides[SPARSE_OPT_MAX_RANK];
} SparseOptTensor;

/* What an input, a result or a parameter is; an extent of -1 may be anything.
 * `format` is the storage format of a parameter, "" for a plain tensor, and
 * `bytes` what its buffers take. An input with `is_updated` is read and written
 * where it is; `statistic` is the kind of what the program adds to it ("gram",
 * ...), "" for other tensors. The strings live as long as the program. */
typedef struct SparseOptTensorInfo {
  const char *name;
  const char *format;
  int32_t type;
  int32_t rank;
  int64_t shape[SPARSE_OPT_MAX_RANK];
  int64_t bytes;
  int32_t is_updated;
  const char *statistic;
} SparseOptTensorInfo;

/* Memory of one storage buffer that the caller owns. */
typedef struct SparseOptBuffer {
  const void *data;
  int64_t bytes;
} SparseOptBuffer;

typedef struct SparseOptProgram SparseOptProgram;

/* The message of this thread's last failure; valid until its next one. */
SPARSE_OPT_API const char *sparse_opt_last_error(void);

/*-- Programs ---------------------------------------------------------------*/

/* Loads `path` and the weights file beside it, both checked completely. */
SPARSE_OPT_API SparseOptStatus sparse_opt_load(const char *path,
                                               SparseOptProgram **program);
/* Loads `path` with the storage buffers given in memory, in the order of the
 * metadata. They are borrowed and must outlive the program. The file may be
 * removed after loading. */
SPARSE_OPT_API SparseOptStatus
sparse_opt_load_with_buffers(const char *path, const SparseOptBuffer *buffers,
                             int64_t count, SparseOptProgram **program);
/* No call may be running. Results stay valid. Null is allowed. */
SPARSE_OPT_API void sparse_opt_unload(SparseOptProgram *program);

/* Writes the program with its present weights: `path` (which should end in
 * ".so"), and beside it the weights and a C header, each written beside and
 * renamed. */
SPARSE_OPT_API SparseOptStatus sparse_opt_save(SparseOptProgram *program,
                                               const char *path);

/* What the code that runs is compiled for: of the program's targets, the first
 * whose instruction sets this machine has. */
SPARSE_OPT_API const char *sparse_opt_target(const SparseOptProgram *program);
/* The compiler's report as JSON, "null" without one. */
SPARSE_OPT_API const char *sparse_opt_report(const SparseOptProgram *program);

SPARSE_OPT_API int64_t
sparse_opt_function_count(const SparseOptProgram *program);
SPARSE_OPT_API const char *
sparse_opt_function_name(const SparseOptProgram *program, int64_t function);
/* -1 when there is no such function. */
SPARSE_OPT_API int64_t sparse_opt_find_function(const SparseOptProgram *program,
                                                const char *name);
/* The counts are -1 for a function that does not exist. */
SPARSE_OPT_API int64_t sparse_opt_input_count(const SparseOptProgram *program,
                                              int64_t function);
SPARSE_OPT_API int64_t sparse_opt_result_count(const SparseOptProgram *program,
                                               int64_t function);
SPARSE_OPT_API SparseOptStatus
sparse_opt_input_info(const SparseOptProgram *program, int64_t function,
                      int64_t index, SparseOptTensorInfo *info);
SPARSE_OPT_API SparseOptStatus
sparse_opt_result_info(const SparseOptProgram *program, int64_t function,
                       int64_t index, SparseOptTensorInfo *info);

/*-- Calls ------------------------------------------------------------------*/

/* Calls a function. Inputs are checked against its signature; one that is not
 * row-major is copied first. Inputs that the program updates must be row-major
 * and share no memory with other inputs; calls that update the same memory may
 * not overlap, and one that fails leaves anything there. `results` is filled
 * with tensors for sparse_opt_release; after an error there are none. `threads`
 * = 0 leaves the number of threads as it is (OMP_NUM_THREADS, else all cores).
 */
SPARSE_OPT_API SparseOptStatus sparse_opt_call(
    SparseOptProgram *program, int64_t function, const SparseOptTensor *inputs,
    int64_t input_count, SparseOptTensor *results, int64_t result_count,
    int32_t threads);
/* The number of operations that a program can time: loops, products and copies,
 * in the order of the report's rows. */
SPARSE_OPT_API int64_t
sparse_opt_operation_count(const SparseOptProgram *program);
/* What an operation did in one call. */
typedef struct SparseOptOperation {
  /* How long it took; 0 if it did not run. */
  double microseconds;
  /* Floating-point operations, a multiply-add as two, and the bytes that it had
   * to read or write at least; 0 where that is not known. */
  double flops, bytes;
} SparseOptOperation;
/* As sparse_opt_call; sets operations[i] to what operation i did in this call.
 * `operation_count` is the room there. */
SPARSE_OPT_API SparseOptStatus sparse_opt_call_timed(
    SparseOptProgram *program, int64_t function, const SparseOptTensor *inputs,
    int64_t input_count, SparseOptTensor *results, int64_t result_count,
    int32_t threads, SparseOptOperation *operations, int64_t operation_count);
/* Gives back the memory of a tensor that has an owner, and clears it. */
SPARSE_OPT_API void sparse_opt_release(SparseOptTensor *tensor);

/*-- Calibration ------------------------------------------------------------*/

/* What a program that is compiled to collect statistics has added up. Threads
 * that use one at once wait for each other; a forked child begins its own. */
typedef struct SparseOptCalibration SparseOptCalibration;

/* Begins with statistics of 0 for a function, which must have some. The program
 * must outlive the calibration. */
SPARSE_OPT_API SparseOptStatus
sparse_opt_begin_calibration(SparseOptProgram *program, int64_t function,
                             SparseOptCalibration **calibration);
/* Adds what one call sees. `inputs` are all of the function's but the
 * statistics. A NaN in them is an error that adds nothing; after an error of
 * the program itself the calibration is of no more use. */
SPARSE_OPT_API SparseOptStatus sparse_opt_calibrate(
    SparseOptCalibration *calibration, const SparseOptTensor *inputs,
    int64_t input_count, int32_t threads);
/* Writes the statistics as a profile (Checkpoint/Profile.h), without those of
 * weights that no row has met; they stay, and may grow. NaN, Inf or no data at
 * all are an error. */
SPARSE_OPT_API SparseOptStatus sparse_opt_save_profile(
    const SparseOptCalibration *calibration, const char *path);
/* Null is allowed. */
SPARSE_OPT_API void
sparse_opt_end_calibration(SparseOptCalibration *calibration);

/*-- Parameters -------------------------------------------------------------*/

SPARSE_OPT_API int64_t
sparse_opt_parameter_count(const SparseOptProgram *program);
SPARSE_OPT_API SparseOptStatus sparse_opt_parameter_info(
    const SparseOptProgram *program, int64_t index, SparseOptTensorInfo *info);
/* Replaces parameters by dense tensors of the same shape and element type,
 * packed as the program stores them; the values are copied. All or none: calls
 * that run meanwhile see the old weights, later ones see all new ones. A value
 * that the format of a parameter cannot hold is an error. */
SPARSE_OPT_API SparseOptStatus
sparse_opt_set_parameters(SparseOptProgram *program, const char *const *names,
                          const SparseOptTensor *values, int64_t count);

/*-- Tensors ----------------------------------------------------------------*/

/* .npy files, row-major. */
SPARSE_OPT_API SparseOptStatus sparse_opt_read_npy(const char *path,
                                                   SparseOptTensor *tensor);
SPARSE_OPT_API SparseOptStatus
sparse_opt_write_npy(const char *path, const SparseOptTensor *tensor);

/* How far two tensors of one shape and type are apart. NaN in both or the same
 * infinity is no difference; NaN or infinity in one of them is an infinite one.
 * Relative errors are to the largest |expected|. */
typedef struct SparseOptDifference {
  double max_abs;
  double max_rel;
} SparseOptDifference;
SPARSE_OPT_API SparseOptStatus sparse_opt_compare(
    const SparseOptTensor *actual, const SparseOptTensor *expected,
    SparseOptDifference *difference);

/*-- What generated code calls ----------------------------------------------*/

/* Memory of tensors: aligned to 64 bytes or more; large blocks are kept for the
 * next call (at most 512 MiB of them) until sparse_opt_trim. Results are made
 * with these. */
SPARSE_OPT_API void *_mlir_memref_to_llvm_alloc(uint64_t size);
SPARSE_OPT_API void *_mlir_memref_to_llvm_aligned_alloc(uint64_t alignment,
                                                        uint64_t size);
SPARSE_OPT_API void _mlir_memref_to_llvm_free(void *block);
/* Gives all cached blocks back to the system. */
SPARSE_OPT_API void sparse_opt_trim(void);

/* Makes the running call fail. The first message of a call counts. Outside of
 * parallel regions the call ends at once: this function does not return, and
 * the memory that the program has is given back. Inside, it returns and may be
 * called from any thread; a program that several threads call at once fails all
 * of its running calls then, unless the message comes from a calling thread
 * itself. */
SPARSE_OPT_API void sparse_opt_report_error(const char *message);

/* What the program did since the last call of this function, or since it
 * began, was operation number `operation`: `flops` floating-point operations on
 * `bytes` of memory. From the calling thread only. */
SPARSE_OPT_API void sparse_opt_operation_done(int64_t operation, int64_t flops,
                                              int64_t bytes);

#ifdef __cplusplus
}
#endif

#endif /* SPARSE_OPT_RUNTIME_RUNTIME_H */
