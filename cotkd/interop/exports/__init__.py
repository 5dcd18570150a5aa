"""Formats in which other trainers read data, one class each; `cotkd export --to KIND`."""
