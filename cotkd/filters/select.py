"""Applies filters in order and counts every drop with its reason.

The funnel of one run, as written to `filter.json`:

    {"input": 1600, "kept": 700, "stages": [
      {"filter": "correct", "in": 1600, "kept": 1210, "dropped": {"wrong answer": 390}},
      {"filter": "distinct", "in": 1210, "kept": 700, "dropped": {"same equations": 510}}]}

Filters that weigh rationales with a model are handed one as `scorer`:

    select(rationales, ["correct", "contrastive"], questions=asked, scorer=engine)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from cotkd.errors import DataError, SettingError
from cotkd.filters.base import Filter, Weighed
from cotkd.filters.empty import Empty
from cotkd.types import Key, Question, Rationale, Scorer

Scorers = Scorer | Mapping[str, Scorer] | None


@dataclass(frozen=True)
class FunnelStage:
    """What one filter saw, kept, and dropped for which reason."""

    filter: str
    entered: int
    kept: int
    dropped: dict[str, int]


@dataclass(frozen=True)
class Funnel:
    """Counts through all filters: each stage keeps what it saw less what it dropped."""

    input: int
    kept: int
    stages: tuple[FunnelStage, ...]

    @property
    def dropped(self) -> dict[str, int]:
        """Drops by reason over all stages."""
        total: Counter[str] = Counter()
        for stage in self.stages:
            total.update(stage.dropped)
        return dict(total)

    @classmethod
    def total(cls, parts: Sequence[Funnel]) -> Funnel:
        """Return the funnel of several selections with the same filters together."""
        stages = []
        names = [stage.filter for stage in max((part.stages for part in parts), key=len)]
        for same in zip(*(part._through(names) for part in parts), strict=True):
            dropped: Counter[str] = Counter()
            for stage in same:
                dropped.update(stage.dropped)
            entered, kept = sum(s.entered for s in same), sum(s.kept for s in same)
            stages.append(FunnelStage(same[0].filter, entered, kept, dict(dropped.most_common())))
        return cls(sum(p.input for p in parts), sum(p.kept for p in parts), tuple(stages))

    def _through(self, names: Sequence[str]) -> list[FunnelStage]:
        """Return a stage for each name; one that this funnel lacks has dropped nothing."""
        found, count, own = [], self.input, iter(self.stages)
        stage = next(own, None)
        for name in names:
            if stage is not None and stage.filter == name:
                found.append(stage)
                count, stage = stage.kept, next(own, None)
            else:
                found.append(FunnelStage(name, count, count, {}))
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return the funnel as it is written to disk."""
        stages = [
            {"filter": s.filter, "in": s.entered, "kept": s.kept, "dropped": s.dropped}
            for s in self.stages
        ]
        return {"input": self.input, "kept": self.kept, "stages": stages}


class Selection(NamedTuple):
    """The kept rationales in their order, and (filter, reason) of every other."""

    kept: list[Rationale]
    dropped: dict[Key, tuple[str, str]]
    funnel: Funnel
    weighed: dict[Key, Weighed]
    """Scores that the filters gave to rationales, kept or dropped; kept rows carry them too."""

    def scored(self, rationales: Iterable[Rationale]) -> list[Rationale]:
        """Return the rows that were selected from with the scores that the filters gave them."""
        return [
            _with(row, self.weighed[row.key].scores) if row.key in self.weighed else row
            for row in rationales
        ]


def select(
    rationales: Iterable[Rationale],
    filters: str | Sequence[Filter | str | Mapping[str, Any]] = ("correct",),
    *,
    questions: Iterable[Question] | Mapping[str, Question] = (),
    scorer: Scorers = None,
) -> Selection:
    """Apply `filters` one after the other, and drop rationales of blank text whatever they are.

    Args:
        rationales: Rows with distinct keys.
        filters: Filters, their names, or their settings; `"correct,distinct"` names two.
        questions: The questions that the rationales answer, by id or as rows.
        scorer: A teacher or student for filters that weigh rationales with a model, or one for each
            kind of filter: `{"contrastive": teacher, "simulatability": student}`. Without one, the
            scores that the rows carry from an earlier selection are used.

    Raises:
        DataError: Two rationales have the same key.
        SettingError: A filter is unknown, its settings are wrong, or it lacks a scorer.
    """
    if isinstance(filters, str):
        filters = [name.strip() for name in filters.split(",")]
    kept = list(rationales)
    _refuse_duplicates(kept)
    by_id = questions if isinstance(questions, Mapping) else {q.id: q for q in questions}
    chain = _with_empty([filter_of(value) for value in filters])
    kept, weighed = _observe(chain, kept, by_id)
    models = [_scorer_for(one, scorer, kept) for one in chain]
    dropped: dict[Key, tuple[str, str]] = {}
    stages = []
    entered = len(kept)
    for chosen, model in zip(chain, models, strict=True):
        if model is not None:
            kept = _weigh(chosen, model, kept, by_id, weighed)
        reasons = chosen.drop(kept, by_id)
        before = len(kept)
        kept = [row for row in kept if row.key not in reasons]
        assert before - len(kept) == len(reasons), f"{chosen.kind} dropped rows it was not given"
        dropped |= {key: (chosen.kind, reason) for key, reason in reasons.items()}
        counts = dict(Counter(map(_counted, reasons.values())).most_common())
        if chosen is _EMPTY and not reasons:
            continue  # nobody asked for it, and it has nothing to say
        stages.append(FunnelStage(chosen.kind, before, len(kept), counts))
    return Selection(kept, dropped, Funnel(entered, len(kept), tuple(stages)), weighed)


_EMPTY = Empty()


def _with_empty(chain: list[Filter]) -> list[Filter]:
    """Return the filters with `empty` behind those that look at single rationales.

    There it spares later ones a blank text among others of its question, and leaves those before it
    their reason for a drop.
    """
    if any(isinstance(chosen, Empty) for chosen in chain):
        return chain
    wide = (place for place, chosen in enumerate(chain) if chosen.scope != "row")
    place = next(wide, len(chain))
    return [*chain[:place], _EMPTY, *chain[place:]]


def _counted(reason: str) -> str:
    """Return the part of a reason that other rationales share."""
    return reason.partition(": ")[0]


def _observe(
    chain: Sequence[Filter], rows: list[Rationale], questions: Mapping[str, Question]
) -> tuple[list[Rationale], dict[Key, Weighed]]:
    """Return the rows with the scores that filters give them before any is dropped, and these."""
    found: dict[Key, dict[str, float]] = {}
    for chosen in chain:
        for key, scores in chosen.observe(rows, questions).items():
            found[key] = found.get(key, {}) | scores
    if found:
        rows = [_with(row, found.get(row.key, {})) for row in rows]
    return rows, {key: Weighed(scores) for key, scores in found.items()}


def _with(row: Rationale, scores: dict[str, float]) -> Rationale:
    return row.model_copy(update={"scores": row.scores | scores}) if scores else row


def _scorer_for(chosen: Filter, scorer: Scorers, rows: Sequence[Rationale]) -> Scorer | None:
    """Return the model that a filter weighs with; None where it needs none."""
    if not chosen.weighs:
        return None
    model = scorer.get(chosen.kind) if isinstance(scorer, Mapping) else scorer
    if model is None and not all(row.scores.keys() >= set(chosen.weighs) for row in rows):
        raise SettingError(
            f"filter {chosen.kind!r} weighs rationales with a model and has none: give an open "
            "teacher or a student, select(…, scorer=teacher)"
        )
    return model


def _weigh(
    chosen: Filter,
    model: Scorer,
    rows: Sequence[Rationale],
    questions: Mapping[str, Question],
    weighed: dict[Key, Weighed],
) -> list[Rationale]:
    """Return the rows with their new scores, and note these in `weighed`."""
    found = chosen.weigh(rows, questions, model)
    for key, new in found.items():
        before = weighed.get(key, Weighed({}))
        weighed[key] = Weighed(before.scores | new.scores, new.tokens or before.tokens)
    return [_with(row, found[row.key].scores) for row in rows]


def filter_of(value: Filter | str | Mapping[str, Any]) -> Filter:
    """Return the filter that a name or settings stand for."""
    if isinstance(value, Filter):
        return value
    return _named(value) if isinstance(value, str) else Filter.parse(value)


@lru_cache(maxsize=64)
def _named(kind: str) -> Filter:
    return Filter.parse({"kind": kind})


def _refuse_duplicates(rationales: Sequence[Rationale]) -> None:
    seen: set[Key] = set()
    for row in rationales:
        if row.key in seen:
            raise DataError(
                f"two rationales have the key {tuple(row.key)}: give each sample of a question "
                "its own sample_index"
            )
        seen.add(row.key)
