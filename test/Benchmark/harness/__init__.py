"""How benchmarks are run and written down: turns of pinned worker processes, rows, tables."""
