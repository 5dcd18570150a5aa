"""Tests of `cotkd`; the folders mirror the package."""
