"""Sideman: a live accompanist for Max and Pure Data. Importing this package loads no torch."""

__all__ = ["__version__"]

__version__ = "0.1.0"
