"""Requests with a contrast through the local engine: planned as two rows, the same in any batch."""

from __future__ import annotations

import pytest

from cotkd.decoding.sampling import Sampling
from cotkd.errors import SettingError
from cotkd.teachers.base import Contrast, Request, load_teacher
from tests.tiny import CORPUS, build_tokenizer, save, tiny_llama, tiny_t5

SAMPLING = Sampling(max_tokens=8)
FAMILIES = {"llama": tiny_llama, "t5": tiny_t5}


def requests(*, strength=0.5, plausibility=0.0):
    prompts = [CORPUS[0][:n] for n in (12, 30, 12, 60, 44, 31)]
    return [
        Request(f"{p} 29.", row, contrast=Contrast(f"{p} {7**row}.", strength, plausibility))
        for row, p in enumerate(prompts)
    ]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    return {
        name: save(root / name, build(seed=2), build_tokenizer())
        for name, build in FAMILIES.items()
    }


def made(folder, batch_tokens):
    with load_teacher(folder, batch_tokens=batch_tokens) as engine:
        plan = engine.batches(requests(), SAMPLING)
        rows = [row for rows in plan for row in rows]
        some = [requests()[row] for row in rows]
        done = [
            one.token_ids
            for rows in plan
            for one in engine.complete([requests()[row] for row in rows], SAMPLING)
        ]
    assert sorted(rows) == list(range(len(some)))
    return len(plan), [done[rows.index(row)] for row in range(len(rows))]


@pytest.mark.parametrize("family", FAMILIES)
def test_batch_tokens_change_no_row(folders, family):
    plans, texts = zip(*(made(folders[family], size) for size in (30, 150, 10_000)), strict=True)
    assert plans[0] > plans[1] > plans[2] == 1
    assert texts[0] == texts[1] == texts[2]


def test_a_batch_has_room_for_both_rows_of_each_request(folders):
    engine = load_teacher(folders["llama"], batch_tokens=150)
    tokenizer = build_tokenizer()
    for rows in engine.batches(requests(), SAMPLING):
        texts = [t for r in rows for t in (requests()[r].prompt, requests()[r].contrast.prompt)]
        longest = max(len(tokenizer(text)["input_ids"]) for text in texts) + SAMPLING.max_tokens
        assert len(texts) * longest <= 150


def test_the_engine_says_that_it_can_contrast(folders):
    engine = load_teacher(folders["llama"])
    assert "contrast" in engine.abilities
    engine.refuse("contrast")


def test_requests_that_differ_in_their_contrast_are_refused(folders):
    engine = load_teacher(folders["llama"])
    mixed = [
        [requests()[0], *requests(strength=0.7)[1:]],
        [requests()[0], *requests(plausibility=0.1)[1:]],
        [requests()[0], requests()[1]._replace(contrast=None)],
    ]
    for some in mixed:
        with pytest.raises(SettingError, match="differ in their contrast"):
            engine.complete(some, SAMPLING)
