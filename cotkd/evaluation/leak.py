"""Evaluation questions that stand in what a student was trained on.

    find_leaks(texts, {"gsm8k": questions})["gsm8k"]
    Leak(n=1319, words=13, exact=2, overlap=3, share=0.0023, questions=("gsm8k-test-00017", …))

Texts are compared as `cotkd.filters.overlap` compares them: words, case and punctuation aside. A
question overlaps where `words` of its words in a row stand in a training text, of a shorter one all
of its words; it is there exactly where the whole question stands in a training text. Questions of
fewer than `SHORT` words, which might stand anywhere, count only where they are a whole line. Gold
solutions of the suite are not looked for. Time and memory are linear in both.

Reworded questions and changed numbers are not found: no overlap is no proof of independence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cotkd.errors import DataError
from cotkd.evaluation.results import Leak
from cotkd.filters.overlap import SHORT, Words, words
from cotkd.store.rows import read_json
from cotkd.store.tables import tables_of
from cotkd.types import Question

SPAN = 13
"""Words in a row that make an overlap, as in Brown et al. 2020, arXiv:2005.14165."""
SHOWN = 20
"""Questions that a `Leak` names at most."""
TRAINED_ON = "trained_on.json"
"""In a student's folder: where its training examples are."""


class _Index:
    """The hashed word sequences of suites' questions, and where each comes from."""

    def __init__(self, questions: Sequence[Question], span: int) -> None:
        self.said = [words(question.text) for question in questions]
        self.short: dict[Words, list[int]] = {}
        self.grams: dict[int, dict[int, list[int]]] = {}
        self.starts: dict[int, list[int]] = {}
        for place, said in enumerate(self.said):
            self._add(place, said, span)
        self.exact: set[int] = set()
        self.overlap: set[int] = set()

    def _add(self, place: int, said: Words, span: int) -> None:
        size = min(span, len(said))
        if size < SHORT:
            self.short.setdefault(said, []).append(place)
            return
        grams = self.grams.setdefault(size, {})
        for at in range(len(said) - size + 1):
            grams.setdefault(hash(said[at : at + size]), []).append(place)
        self.starts.setdefault(hash(said[:size]), []).append(place)

    def look(self, text: str) -> None:
        """Note the questions that stand in a training text, in whole or in part."""
        if self.short:
            for line in text.splitlines():
                self.exact.update(self.short.get(words(line), ()))
        said = words(text)
        for size, grams in self.grams.items():
            for at in range(len(said) - size + 1):
                found = grams.get(key := hash(said[at : at + size]))
                if found is None:
                    continue
                self.overlap.update(found)
                for place in self.starts.get(key, ()):
                    whole = self.said[place]
                    if place not in self.exact and said[at : at + len(whole)] == whole:
                        self.exact.add(place)


def find_leaks(
    texts: Iterable[str], suites: Mapping[str, Sequence[Question]], *, span: int = SPAN
) -> dict[str, Leak]:
    """Return for each suite how many of its questions stand in the training texts.

    Args:
        texts: What was trained on; texts that are there several times are looked at once.
        suites: Evaluation questions by name of the suite.
        span: Words in a row that make an overlap, at least `SHORT`.
    """
    assert span >= SHORT, f"spans of fewer than {SHORT} words are found anywhere, asked for {span}"
    every = [question for questions in suites.values() for question in questions]
    index = _Index(every, span)
    seen: set[int] = set()
    for text in texts:
        if (key := hash(text)) not in seen:
            seen.add(key)
            index.look(text)
    found, start = {}, 0
    for name, questions in suites.items():
        places = range(start, start + len(questions))
        start += len(questions)
        overlap = [place for place in places if place in index.overlap or place in index.exact]
        found[name] = Leak(
            n=len(questions),
            words=span,
            exact=sum(place in index.exact for place in places),
            overlap=len(overlap),
            share=len(overlap) / len(questions) if questions else 0.0,
            questions=tuple(every[place].id for place in overlap[:SHOWN]),
        )
    return found


def trained_texts(files: Iterable[Path]) -> Iterator[str]:
    """Yield every text in files of any format: training examples, messages, questions.

    Raises:
        DataError: A file cannot be read, or a row of it is broken.
    """
    for table in tables_of(files):
        for _, row in table.rows():
            yield from _texts(row)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


def training_note(student: Path, examples: Sequence[Path]) -> dict[str, Any]:
    """Return the file, with its content, that says where a student's training examples are.

    The examples are told relative to the student's folder, so that both can be moved together.
    """
    where = [str(file.resolve().relative_to(student.resolve().parent)) for file in examples]
    return {TRAINED_ON: {"examples": where}}


def training_data(student: str | Path) -> list[Path]:
    """Return the files of a student's training examples; none where it does not say or have them.

    Raises:
        DataError: The note in its folder is damaged.
    """
    folder = Path(student)
    note = folder / TRAINED_ON
    if not note.is_file():
        return []
    values = read_json(note)
    names = values.get("examples") if isinstance(values, dict) else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise DataError(f"{note}: expected the object {{'examples': [files]}}: delete it")
    files = [folder.parent / name for name in names]
    return files if all(file.is_file() for file in files) else []


def lines(leaks: Mapping[str, Leak]) -> Iterator[str]:
    """Yield a line for each suite with questions that were trained on, and one for the others."""
    partly = {suite: leak for suite, leak in leaks.items() if leak.overlap and not leak.exact}
    for suite, leak in leaks.items():
        if leak.exact:
            names = ", ".join(leak.questions[:3]) + (" …" if leak.overlap > 3 else "")
            yield (
                f"leak: {leak.exact} of {leak.n} questions of {suite} stand in the training "
                f"examples, {leak.overlap} share {leak.words} words in a row with them ({names})"
            )
    if partly:
        span = next(iter(partly.values())).words
        counts = ", ".join(f"{suite} {leak.overlap} of {leak.n}" for suite, leak in partly.items())
        yield f"overlap: {span} words in a row are shared with training examples by {counts}"
