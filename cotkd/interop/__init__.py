"""Data of other tools: what `cotkd export` writes for them and `cotkd import` reads from them."""
