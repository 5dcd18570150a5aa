"""The local engine: loading, planning, completing and scoring."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cotkd.decoding import generate, score
from cotkd.decoding.sampling import Sampling
from cotkd.errors import EngineError, SettingError
from cotkd.teachers.base import Request, load_teacher
from cotkd.teachers.sample import sample
from cotkd.teachers.transformers import TransformersTeacher, load_model
from cotkd.types import Question
from tests.tiny import CORPUS, build_tokenizer, save, tiny_llama, tiny_t5

FAMILIES = {"llama": (tiny_llama, "decoder"), "t5": (tiny_t5, "encoder-decoder")}
SAMPLING = Sampling(max_tokens=12)
REQUESTS = [
    Request(text[:n], seed)
    for seed, (text, n) in enumerate((text, n) for text in CORPUS for n in (12, 30, 12))
]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    return {
        name: save(root / name, build(), build_tokenizer()) for name, (build, _) in FAMILIES.items()
    }


@pytest.fixture(params=FAMILIES)
def family(request):
    return request.param


def test_an_opened_teacher_says_what_it_is(folders, family):
    build, architecture = FAMILIES[family]
    with load_teacher(folders[family]) as engine:
        assert engine.architecture == architecture
        assert engine.parameters == build().num_parameters()
        assert engine.name == str(folders[family])


def test_completing_the_plan_is_generating_at_once(folders, family):
    engine = load_teacher(folders[family], batch_tokens=100)
    plan = engine.batches(REQUESTS, SAMPLING)
    assert len(plan) > 1
    assert sorted(row for rows in plan for row in rows) == list(range(len(REQUESTS)))
    found = {}
    for rows in plan:
        made = engine.complete([REQUESTS[row] for row in rows], SAMPLING)
        found |= dict(zip(rows, made, strict=True))
    model, tokenizer = load_model(str(folders[family]))
    prompts = [request.prompt for request in REQUESTS]
    seeds = [request.seed for request in REQUESTS]
    whole = generate(model, tokenizer, prompts, sampling=SAMPLING, seeds=seeds)
    assert [found[row].text for row in range(len(REQUESTS))] == [one.text for one in whole]


def test_scores_are_those_of_the_decode_loop(folders, family):
    engine = load_teacher(folders[family])
    model, tokenizer = load_model(str(folders[family]))
    prompts, texts = list(CORPUS[:2]), [" 12 eggs", " 7"]
    assert engine.score(prompts, texts) == score(model, tokenizer, prompts, texts)


def test_the_batch_size_is_no_part_of_the_identity_and_the_precision_is(folders):
    teachers = [
        TransformersTeacher(model=str(folders["llama"]), **settings)
        for settings in ({}, {"batch_tokens": 64}, {"dtype": "bfloat16"})
    ]
    first, second, third = (teacher.open().identity for teacher in teachers)
    assert first == second != third


def test_batch_tokens_change_no_row(folders):
    questions = [Question(id=f"q{i}", text=CORPUS[0][: 20 + 5 * i], answer="1") for i in range(6)]
    rows = [
        sample(
            questions,
            TransformersTeacher(model=str(folders["llama"]), batch_tokens=size),
            n=3,
            sampling=SAMPLING,
            elicitation="zero_shot_cot",
        )
        for size in (60, 300, 10_000)
    ]
    texts = [[row.text for row in some] for some in rows]
    assert texts[0] == texts[1] == texts[2]
    assert all("\nTherefore, the answer is" in text for text in texts[0])


def test_a_damaged_checkpoint_is_an_engine_error(folders, tmp_path):
    (tmp_path / "config.json").write_text((folders["llama"] / "config.json").read_text())
    with pytest.raises(EngineError, match="cannot be loaded"):
        load_teacher(tmp_path)


def test_a_gpu_that_is_not_there_is_named(folders, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(SettingError, match="device 'cuda'"):
        load_teacher(folders["llama"], device="cuda")


def test_loading_shows_no_bars_and_leaves_them_switched_on(folders, capfd):
    from transformers.utils import logging

    load_model(str(folders["llama"]))
    assert capfd.readouterr() == ("", "")
    assert logging.is_progress_bar_enabled()


def test_unknown_settings_and_engines_are_refused(folders):
    with pytest.raises(SettingError, match="did you mean 'dtype'"):
        load_teacher(folders["llama"], dtyp="float32")
    with pytest.raises(SettingError, match="did you mean 'transformers'"):
        load_teacher("x", engine="transformer")
    with pytest.raises(SettingError, match="given twice"):
        load_teacher(TransformersTeacher(), dtype="bfloat16")


def test_listing_engines_and_ways_of_asking_imports_no_torch():
    code = (
        "import sys\n"
        "from cotkd.teachers.base import Teacher\n"
        "from cotkd.teachers.elicitation import Elicitation\n"
        "from cotkd.teachers.sample import sample\n"
        "assert {'replay', 'scripted', 'transformers'} <= set(Teacher.kinds())\n"
        "assert len(Elicitation.kinds()) >= 5\n"
        "assert not {'torch', 'transformers', 'rich'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, timeout=60)
    assert done.returncode == 0


def test_other_weights_under_one_name_are_another_teacher(tmp_path):
    identities = []
    for seed in (1, 2, 1):
        folder = save(tmp_path / "model", tiny_llama(seed=seed), build_tokenizer())
        with TransformersTeacher(model=str(folder)).open() as engine:
            identities.append(engine.identity)
    assert identities[0] != identities[1]
    assert identities[0] == identities[2]


def test_pieces_are_what_score_numbers(folders, family):
    engine = load_teacher(folders[family])
    texts = ["Ann has 3 eggs.", "", " Bob"]
    pieces, scores = engine.pieces(texts), engine.score(["Q:"] * 3, texts)
    assert [len(row) for row in pieces] == [len(row) for row in scores]
    assert all(isinstance(piece, str) for row in pieces for piece in row)
