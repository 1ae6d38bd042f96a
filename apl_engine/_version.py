"""The version of the package, for all that needs it without the package's face."""

__version__ = "0.1.0"
