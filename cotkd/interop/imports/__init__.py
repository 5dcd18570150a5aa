"""Formats in which other tools leave samples, one class each; `cotkd import --from KIND`."""
