"""MicroGSM: a small, seeded world of grade-school word problems, the embedded default of every recipe."""
