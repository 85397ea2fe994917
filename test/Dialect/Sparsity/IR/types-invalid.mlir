// Packed types that name no storage.

// RUN: sparse-opt %s -split-input-file -verify-diagnostics

// expected-error@+1 {{expected a shape of rank 2, got rank 1}}
func.func private @rank(!sparsity.packed<8xf32, #sparsity.stream_format>)

// -----

// expected-error@+1 {{expected static shape}}
func.func private @dynamic(!sparsity.packed<?x4xf32, #sparsity.stream_format>)

// -----

// expected-error@+1 {{expected an element type that weights can have, got 'i32'}}
func.func private @element_type(!sparsity.packed<8x4xi32, #sparsity.stream_format>)

// -----

// expected-error@+1 {{expected an element type that weights can have, got 'index'}}
func.func private @index(!sparsity.packed<8x4xindex, #sparsity.stream_format>)

// -----

// expected-error@+1 {{invalid kind of attribute specified}}
func.func private @format(!sparsity.packed<8x4xf32, #sparsity.nm<2:4>>)

// -----

// expected-error@+1 {{elements, got 4294967296x4294967296}}
func.func private @overflow(!sparsity.packed<4294967296x4294967296xf32, #sparsity.dense_format<panel = 16>>)
