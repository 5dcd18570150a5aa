"""How alike written texts are to gold ones: BLEU and ROUGE-L, of the packages that papers quote.

    bleu(["How many eggs? And left?"], ["How many eggs? And left?"])      1.0

Both are shares of one and need `pip install 'cotkd[overlap]'`.
"""

from __future__ import annotations

from collections.abc import Sequence

from cotkd.errors import MissingDependency


def bleu(written: Sequence[str], gold: Sequence[str]) -> float:
    """Return corpus BLEU (Papineni et al. 2002) by sacrebleu's default tokens and smoothing.

    Raises:
        MissingDependency: sacrebleu is not installed.
    """
    try:
        from sacrebleu import corpus_bleu
    except ImportError:
        raise _missing("BLEU", "sacrebleu") from None
    return float(corpus_bleu(list(written), [list(gold)]).score) / 100


def rouge_l(written: Sequence[str], gold: Sequence[str]) -> float:
    """Return the mean F1 of the longest common subsequence of words (Lin 2004), without stemming.

    Raises:
        MissingDependency: rouge-score is not installed.
    """
    try:
        from rouge_score.rouge_scorer import RougeScorer
    except ImportError:
        raise _missing("ROUGE", "rouge-score") from None
    scorer = RougeScorer(["rougeL"])
    pairs = zip(gold, written, strict=True)
    values = [scorer.score(one, other)["rougeL"].fmeasure for one, other in pairs]
    return float(sum(values) / len(values))


def _missing(what: str, package: str) -> MissingDependency:
    return MissingDependency(f"{what} needs {package}: pip install 'cotkd[overlap]'")
