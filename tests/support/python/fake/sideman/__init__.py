"""Stands in for the real package in the throwaway venvs of tests/backends; needs no numpy."""
