"""sparse-opt, a sparsity compiler. Importing the package imports neither torch nor MLIR."""
