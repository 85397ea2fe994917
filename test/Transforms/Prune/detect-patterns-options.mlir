// RUN: not sparse-opt %s --sparsity-detect-patterns='nm=5:4' 2>&1 | FileCheck %s --check-prefix=ORDER
// RUN: not sparse-opt %s --sparsity-detect-patterns='nm=2x4' 2>&1 | FileCheck %s --check-prefix=FORM
// RUN: not sparse-opt %s --sparsity-detect-patterns='nm=dense' 2>&1 | FileCheck %s --check-prefix=KIND
// RUN: not sparse-opt %s --sparsity-detect-patterns='block-sizes=4x4,0x4' 2>&1 | FileCheck %s --check-prefix=SIZE
// RUN: not sparse-opt %s --sparsity-detect-patterns='block-sizes=4' 2>&1 | FileCheck %s --check-prefix=BLOCK

// Candidates that are none.

// ORDER: error: expected 1 <= n <= m, got 5:4
// FORM: error: expected a pattern ({{.*}}), got '2x4'
// KIND: error: expected n:m in option 'nm', got 'dense'
// SIZE: error: expected a block size of at least 1x1, got 0x4
// BLOCK: error: expected a pattern ({{.*}}), got 'block 4'
module {}
