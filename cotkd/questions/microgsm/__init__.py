"""MicroGSM: a small, seeded world of word problems, the embedded default of every recipe."""
