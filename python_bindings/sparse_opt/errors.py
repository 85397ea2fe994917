"""The error of compilation."""


class CompileError(Exception):
    """A program, its weights, its recipe or its target cannot be compiled.

    `diagnostics` has all errors and notes, one a line: file:line:column: error: text."""

    def __init__(self, diagnostics: str):
        self.diagnostics = diagnostics.rstrip("\n")
        super().__init__(self.diagnostics)
