"""Speed ratios, as a pytest suite; see README.md."""
