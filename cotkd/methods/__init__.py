r"""One file per paper: which parts it uses, and the few lines that are its own.

Every method is the same sentence with other words in it:

| method          | teacher is asked        | kept           | student learns       | asked for    |
|-----------------|-------------------------|----------------|----------------------|--------------|
| `answer_only`   | (not asked)             | same questions | q → a                | a            |
| `fine_tune_cot` | for D rationales        | right answers  | q → r, a             | r, a         |
| `mt_re`         | CROP: reason, else why  | right answers  | q → a \| q → r       | a, or r      |
| `mt_ra`         | the same                | right answers  | q → a \| q → a, r    | a, or a, r   |
| `mt_cot`        | the same                | right answers  | q → a \| q → r, a    | a, or r, a   |
| `step_by_step`  | for rationales          | all            | q → a \| q → r       | a, or r      |
| `scott`         | why a; why a wrong a'   | sound pairs    | q → r, a; q, r' → a' | r, a         |
| `cascod`        | for rationales          | right answers  | q → r; q, r → a      | r, then a    |
| `socratic`      | for sub-questions       | sound pairs    | q → q_j; q, q_j → s  | q_j, then s  |
| `mcc_kd`        | for several rationales  | diverse ones   | q → r, a; a alike    | r, a         |

A new row is a new file here: a subclass of `Method` with a `kind`.
"""

from __future__ import annotations

from cotkd.methods.base import Method

__all__ = ["Method"]
