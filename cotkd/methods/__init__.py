"""One file per paper: which parts it uses, and the few lines that are its own.

Every method is the same sentence with other words in it:

| method          | teacher is asked  | kept           | student learns | asked for |
|-----------------|-------------------|----------------|----------------|-----------|
| `answer_only`   | (not asked)       | same questions | q → a          | a         |
| `fine_tune_cot` | for D rationales  | right answers  | q → r, a       | r, a      |

A new row is a new file here: a subclass of `Method` with a `kind`.
"""

from __future__ import annotations

from cotkd.methods.base import Method

__all__ = ["Method"]
