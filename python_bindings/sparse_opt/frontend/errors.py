"""The error of this package."""


class ExportError(ValueError):
    """A module, its example arguments or its dynamic shapes cannot become a program."""
