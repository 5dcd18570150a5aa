"""Tests of `cotkd.teachers.decoding`."""
