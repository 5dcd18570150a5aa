"""Tests of `cotkd.decoding`."""
