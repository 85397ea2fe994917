// Statistics that no memref may have.

// RUN: sparse-opt %s -split-input-file -verify-diagnostics

// expected-error@+1 {{expected a static type of rank 2, got 'tensor<?x4xf32>'}}
func.func private @observed_dynamic() attributes {a = #sparsity.observed<"w", tensor<?x4xf32>, axis = 1, hash = "">}

// -----

// expected-error@+1 {{expected axis 0 or 1, got 2}}
func.func private @observed_axis() attributes {a = #sparsity.observed<"w", tensor<8x4xf32>, axis = 2, hash = "">}

// -----

// expected-error@+1 {{expected one of the statistics 'rows', 'gram', 'magnitudes', 'squares', 'zeros', got 'sums'}}
func.func private @statistic_kind() attributes {a = #sparsity.statistic<"sums", [<"w", tensor<8x4xf32>, axis = 1, hash = "">]>}

// -----

// expected-error@+2 {{expected parameters of 4 inputs, got 8 of "v"}}
func.func private @statistic_inputs() attributes {
    a = #sparsity.statistic<"gram", [<"w", tensor<8x4xf32>, axis = 1, hash = "">, <"v", tensor<8x4xf32>, axis = 0, hash = "">]>}

// -----

// expected-error@+1 {{expected a statistic as 'sparsity.statistic', got "gram"}}
func.func private @argument_statistic(memref<8xf64> {sparsity.statistic = "gram"})
