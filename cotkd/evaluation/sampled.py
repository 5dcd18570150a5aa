"""What several sampled answers to each question of a suite are worth.

evaluation/LABEL/samples/SUITE.jsonl    k rows per question, told apart by `sample_index`

score_samples(rows, temperature=0.7)
-> SampledAnswers(k=8, majority=…, weighted=…, pass_at={"1": 0.52, "8": 0.81}, …)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from cotkd.errors import DataError
from cotkd.evaluation.calibration import calibration
from cotkd.evaluation.results import SampledAnswers
from cotkd.evaluation.run import suite_file
from cotkd.evaluation.statistics import proportion
from cotkd.evaluation.vote import majority, majority_right, pass_at_k
from cotkd.store.rows import read_rows
from cotkd.types import Prediction

FOLDER = "samples"


def samples_file(out: Path, label: str, suite: str) -> Path:
    """Return where the sampled answers of `label` to a suite lie."""
    return suite_file(out / label, FOLDER, suite)


def read_samples(path: Path) -> list[Prediction]:
    """Return sampled answers from a file; raises `DataError` for one that is there twice."""
    rows: dict[tuple[str, int], Prediction] = {}
    for row in read_rows(path, Prediction):
        key = (row.question_id, row.sample_index)
        if key in rows:
            raise DataError(f"{path}: answer {key[1]} to question {key[0]!r} is there twice")
        rows[key] = row
    return list(rows.values())


def score_samples(rows: Sequence[Prediction], *, temperature: float) -> SampledAnswers:
    """Return maj@k, pass@k and the calibration of vote shares.

    The share of votes is of all k answers: one that cannot be read speaks against the winner.
    Questions of which no answer can be read count as wrong, and are left out of the calibration.

    Args:
        rows: k answers to each question.
        temperature: What they were drawn with; it is written down beside them.

    Raises:
        DataError: questions have different numbers of answers, or there are none.
    """
    groups: dict[str, list[Prediction]] = {}
    for row in sorted(rows, key=lambda row: row.sample_index):
        groups.setdefault(row.question_id, []).append(row)
    sizes = {len(group) for group in groups.values()}
    if len(sizes) != 1:
        raise DataError(f"needs as many answers to each question, got {sorted(sizes)}")
    (k,) = sizes
    each = [[row.verdict for row in group] for group in groups.values()]
    outcomes = [majority_right(verdicts) for verdicts in each]
    winners = [majority([verdict.extracted for verdict in verdicts]) for verdicts in each]
    read = [place for place, winner in enumerate(winners) if winner.answer is not None]
    right = [sum(verdict.status == "correct" for verdict in verdicts) for verdicts in each]
    weighted = None
    if all(row.logprob is not None and row.tokens for row in rows):
        won = [majority_right(v, _weights(g)) for v, g in zip(each, groups.values(), strict=True)]
        weighted = proportion(sum(ok for ok, _ in won), len(won))
    return SampledAnswers(
        k=k,
        temperature=temperature,
        majority=proportion(sum(ok for ok, _ in outcomes), len(outcomes)),
        weighted=weighted,
        pass_at={str(n): fmean(pass_at_k(k, c, k=n) for c in right) for n in _sizes(k)},
        ties=sum(tied for _, tied in outcomes),
        calibration=calibration(
            [winners[place].votes / k for place in read], [outcomes[place][0] for place in read]
        ),
    )


def _weights(rows: Sequence[Prediction]) -> list[float]:
    """Return the geometric mean of the probability of each answer's tokens."""
    return [math.exp((row.logprob or 0.0) / (row.tokens or 1)) for row in rows]


def _sizes(k: int) -> list[int]:
    """Return 1, 2, 4, … and k."""
    return sorted({2**power for power in range(k.bit_length()) if 2**power <= k} | {k})
