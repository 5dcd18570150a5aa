"""What `cotkd sample` says in the end."""

from __future__ import annotations

from cotkd.teachers.tally import Tally


def print_tally(tally: Tally, *, questions: int) -> None:
    """Print what a call of the sampler did; parts that are nothing are left out."""
    total = tally.there + tally.reused + tally.made
    parts = [f"{tally.made} made now"]
    parts += [f"{tally.there} there before"] if tally.there else []
    parts += [f"{tally.reused} reused from other runs"] if tally.reused else []
    parts += [f"{tally.failed} failed"] if tally.failed else []
    print(f"{total} samples of {questions} questions: {', '.join(parts)}")
    used = [f"{tally.tokens:,} tokens"] if tally.tokens else []
    used += [f"cost {tally.cost:.4f}"] if tally.cost else []
    if used:
        print("used: " + ", ".join(used))
    if tally.spared:
        share = tally.spared / (tally.spared + total)
        print(f"spared: {tally.spared} samples ({share:.0%}), their questions had enough")
    for kind, count in sorted(tally.errors.items(), key=lambda item: -item[1]):
        print(f"asked again: {count} times after {kind}")
    if tally.stopped:
        print(f"stopped at the budget of {tally.stopped}: a larger one goes on from here")
