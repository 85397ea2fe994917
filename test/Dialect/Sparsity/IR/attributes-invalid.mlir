// Parameters that no attribute of the dialect may have.

// RUN: sparse-opt %s -split-input-file -verify-diagnostics

// expected-error@+1 {{expected 1 <= n <= m, got 5:4}}
func.func private @nm_n_above_m() attributes {a = #sparsity.nm<5:4>}

// -----

// expected-error@+1 {{expected 1 <= n <= m, got 0:4}}
func.func private @nm_n_zero() attributes {a = #sparsity.nm<0:4>}

// -----

// expected-error@+1 {{expected 1 <= n <= m, got 0:0}}
func.func private @nm_m_zero() attributes {a = #sparsity.nm<0:0>}

// -----

// expected-error@+1 {{expected axis 0 or 1, got 2}}
func.func private @nm_axis() attributes {a = #sparsity.nm<2:4, axis = 2>}

// -----

// expected-error@+1 {{expected m <= }}
func.func private @nm_m_large() attributes {a = #sparsity.nm<1:9223372036854775807>}

// -----

// expected-error@+1 {{expected ':'}}
func.func private @nm_no_colon() attributes {a = #sparsity.nm<2, 4>}

// -----

// expected-error@+1 {{expected 'axis'}}
func.func private @nm_unknown_key() attributes {a = #sparsity.nm<2:4, dim = 0>}

// -----

// expected-error@+1 {{expected '<'}}
func.func private @nm_bare() attributes {a = #sparsity.nm}

// -----

// expected-error@+1 {{expected a block size of at least 1x1, got 0x4}}
func.func private @block_zero() attributes {a = #sparsity.block<[0, 4]>}

// -----

// expected-error@+1 {{expected a block size of at most}}
func.func private @block_large() attributes {a = #sparsity.block<[1, 9223372036854775807]>}

// -----

// expected-error@+1 {{expected a fraction of zeros in [0, 1], got 1.5}}
func.func private @block_zeros() attributes {a = #sparsity.block<[4, 4], zeros = 1.5>}

// -----

// expected-error@+1 {{expected 'zeros'}}
func.func private @block_unknown_key() attributes {a = #sparsity.block<[4, 4], zero = 0.5>}

// -----

// expected-error@+1 {{expected a fraction of zeros in [0, 1], got -0.5}}
func.func private @unstructured_negative() attributes {a = #sparsity.unstructured<-0.5>}

// -----

// expected-error@+1 {{expected a fraction of zeros in [0, 1], got 2}}
func.func private @unstructured_integer() attributes {a = #sparsity.unstructured<2>}

// -----

// expected-error@+1 {{expected a fraction of zeros in [0, 1], got}}
func.func private @unstructured_nan() attributes {a = #sparsity.unstructured<0x7FF8000000000000>}

// -----

// expected-error@+1 {{expected a fraction, got "half"}}
func.func private @unstructured_word() attributes {a = #sparsity.unstructured<"half">}

// -----

// expected-error@+2 {{expected the name of an importance, got ''}}
func.func private @request_importance() attributes {
  a = #sparsity.request<#sparsity.nm<2:4>, importance = "">}

// -----

// expected-error@+2 {{expected a target sparsity in [0, 1], got 1.5}}
func.func private @request_target() attributes {
  a = #sparsity.request<#sparsity.unstructured, importance = "magnitude", target_sparsity = 1.5>}

// -----

// expected-error@+2 {{expected either 'importance' or 'mask', got both}}
func.func private @request_both() attributes {
  a = #sparsity.request<#sparsity.nm<2:4>, importance = "magnitude", mask = "m">}

// -----

// expected-error@+2 {{expected either 'importance' or 'mask', got none}}
func.func private @request_none() attributes {
  a = #sparsity.request<#sparsity.unstructured, target_sparsity = 0.5>}

// -----

// expected-error@+2 {{expected the name of a file for 'mask', got ''}}
func.func private @request_mask() attributes {
  a = #sparsity.request<#sparsity.nm<2:4>, mask = "">}

// -----

// expected-error@+2 {{expected no 'target_sparsity' with 'mask'}}
func.func private @request_mask_target() attributes {
  a = #sparsity.request<#sparsity.unstructured, mask = "m", target_sparsity = 0.5>}

// -----

// expected-error@+3 {{invalid kind of attribute specified}}
// expected-error@+2 {{failed to parse Sparsity_RequestAttr parameter 'pattern'}}
func.func private @request_no_pattern() attributes {
  a = #sparsity.request<#sparsity.stream_format, importance = "magnitude">}

// -----

// expected-error@+1 {{expected a panel that is a multiple of 16 up to 1024, got 24}}
func.func private @dense_panel() attributes {a = #sparsity.dense_format<panel = 24>}

// -----

// expected-error@+1 {{expected 1 <= n <= m <= 16, got 2:17}}
func.func private @nm_format_m() attributes {a = #sparsity.nm_format<2:17>}

// -----

// expected-error@+1 {{expected a block size of 1x1 to 1024x1024, got 16x0}}
func.func private @bsr_zero() attributes {a = #sparsity.bsr_format<[16, 0]>}

// -----

// expected-error@+1 {{expected a block size of 1x1 to 1024x1024, got 2048x1}}
func.func private @bsr_large() attributes {a = #sparsity.bsr_format<[2048, 1]>}

// -----

// expected-error@+2 {{expected a register tile of 1 to 64 vectors, got 13x5}}
func.func private @kernel_tile() attributes {
  a = #sparsity.kernel<#sparsity.stream_format, tile = [13, 5]>}

// -----

// The product of these wraps to 0.
// expected-error@+2 {{expected a register tile of 1 to 64 vectors, got 4611686018427387904x4}}
func.func private @kernel_overflow() attributes {
  a = #sparsity.kernel<#sparsity.stream_format, tile = [4611686018427387904, 4]>}

// -----

// expected-error@+1 {{expected a pattern as 'sparsity.pattern', got "2:4"}}
func.func private @argument_pattern(tensor<8x4xf32> {sparsity.pattern = "2:4"})

// -----

// expected-error@+1 {{expected a symbol as 'sparsity.parameter', got "w"}}
func.func private @argument_parameter(tensor<8xf32> {sparsity.parameter = "w"})

// -----

// expected-error@+1 {{expected an i64 >= 0 as 'sparsity.buffer', got -1 : i64}}
func.func private @argument_buffer(tensor<8xf32> {sparsity.buffer = -1})

// -----

// expected-error@+1 {{expected an i64 >= 0 as 'sparsity.buffer', got 1 : i32}}
func.func private @argument_buffer_type(tensor<8xf32> {sparsity.buffer = 1 : i32})

// -----

// expected-error@+1 {{expected a string as 'sparsity.name', got 1 : i64}}
func.func private @argument_name(tensor<8xf32> {sparsity.name = 1})

// -----

// expected-error@+1 {{expected a unit attribute as 'sparsity.unsigned', got true}}
func.func private @result_sign() -> (tensor<8xi8> {sparsity.unsigned = true})
