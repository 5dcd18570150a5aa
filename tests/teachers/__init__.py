"""Tests of `cotkd.teachers`."""
