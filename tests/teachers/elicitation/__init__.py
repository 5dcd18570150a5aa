"""Tests of `cotkd.teachers.elicitation`."""
