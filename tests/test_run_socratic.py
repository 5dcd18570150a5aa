"""Whole runs of Socratic CoT on gold sub-questions: two tokenizers, own history, what is marked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from cotkd.errors import DataError
from cotkd.evaluation.results import Results
from cotkd.measuring.reasons import concluding
from cotkd.measuring.settings import EvaluationConfig
from cotkd.methods.base import Method
from cotkd.pipeline import run
from cotkd.questions.load import QuestionsConfig
from cotkd.report.table import figure_tables, score_table
from cotkd.stages.settings import RunConfig
from cotkd.store.rows import read_rows
from cotkd.students.load import load_student
from cotkd.students.settings import StudentConfig
from cotkd.teachers.base import Request
from cotkd.teachers.scripted import ScriptedTeacher
from cotkd.training.settings import Training
from cotkd.types import Example, Prediction
from tests.methods.rows import QUESTIONS
from tests.tiny import CORPUS, build_tokenizer, save, tiny_llama, tiny_t5


def words_tokenizer() -> PreTrainedTokenizerFast:
    """Return a tokenizer of whole words: other pieces, other ids, and no line breaks."""
    tokenizer = Tokenizer(models.WordLevel(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.WordLevelTrainer(
        vocab_size=300, special_tokens=["<unk>", "<end>", "<fill>"], show_progress=False
    )
    texts = [text for q in QUESTIONS.values() for text in (q.text, *(each[0] for each in q.steps))]
    tokenizer.train_from_iterator([*CORPUS, *texts], trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<fill>", eos_token="<end>", unk_token="<unk>"
    )


def refuse(request: Request) -> str:
    raise AssertionError(f"the teacher was asked {request.prompt!r}")


def configured(folder: Path, method: dict[str, Any], *, steps: bool = True) -> RunConfig:
    rows = [
        {
            "id": q.id,
            "question": q.text,
            "answer": q.answer,
            "rationale": "\n".join(step for _, step in q.steps),
            **({"steps": q.steps} if steps else {}),
        }
        for q in QUESTIONS.values()
    ]
    path = folder / "questions.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    save(folder / "base", tiny_llama(seed=0), build_tokenizer())
    return RunConfig(
        method=Method.parse({"kind": "socratic", "data": "gold", **method}),
        questions=QuestionsConfig(name=str(path)),
        teacher=ScriptedTeacher(answer=refuse),
        student=StudentConfig(model=str(folder / "base"), most_unknown=1),
        training=Training(processed_tokens=6000, batch_tokens=512, learning_rate=5e-3),
        evaluation=EvaluationConfig(suites=(str(path),), max_tokens=24, teacher=False),
    )


def test_a_pair_of_two_tokenizers_is_trained_and_asked_without_a_teacher(tmp_path: Path) -> None:
    """Only text passes between them; a decomposer without line breaks is cut after its marks."""
    tokenizer = words_tokenizer()
    other = tiny_t5(
        seed=1,
        vocab_size=len(tokenizer),
        pad_token_id=2,
        eos_token_id=1,
        decoder_start_token_id=2,
    )
    decomposer = save(tmp_path / "other", other, tokenizer)
    out = tmp_path / "run"
    config = configured(tmp_path, {"decomposer": str(decomposer)})
    results = run(config, out=out)
    assert not list((out / "samples").glob("*.jsonl"))
    assert (results.data.sampled, results.tokens.completion) == (0, 0)
    pair = load_student(out / "rounds" / "000" / "student")
    sizes = [len(part.student.tokenizer) for part in pair.parts.values()]
    assert sizes == [len(build_tokenizer()), len(tokenizer)]
    assert set(results.models["student"].members) == {"solver", "decomposer"}
    (file,) = (out / "evaluation" / "student").glob("*.jsonl")
    assert all(" ** " in row.text for row in read_rows(file, Prediction))
    conclude = concluding(pair, config.method.prompting)
    assert conclude is not None
    assert len(conclude([QUESTIONS["q1"]] * 2, ["How many? ** 1*3=3", "Three."])) == 2


def test_what_was_told_gold_sub_questions_is_marked_and_figures_are_shown(tmp_path: Path) -> None:
    method = {"guidance": "steps", "scheme": "shared"}
    run(configured(tmp_path, method), out=tmp_path / "run")
    results = Results.read(tmp_path / "run")
    assert results.oracles == ("student:oracle", "student:guided")
    columns = score_table(results, further=True).columns
    assert set(columns[2:]) == {"student:oracle", "student:guided (oracle)"}
    titles = [table.title for table in figure_tables(results)]
    assert len(titles) == 3
    page = (tmp_path / "run" / "report.html").read_text()
    assert all(title in page for title in titles)
    (own, told) = (
        next(iter(results.scores[arm].values())).metrics for arm in ("student", "student:oracle")
    )
    assert own.keys() - told.keys() == {"same_number", "bleu", "rouge_l"}


@pytest.mark.parametrize("scheme", ["iterative", "shared"])
def test_half_of_a_training_is_on_the_solver_s_own_history(scheme: str, tmp_path: Path) -> None:
    config = configured(tmp_path, {"scheme": scheme, "own_history": 1.0})
    out = tmp_path / "run"
    results = run(config, out=out)
    folder = out / "rounds" / "000"
    first, second = (
        [
            row
            for row in read_rows(folder / "examples" / f"{name}.jsonl", Example)
            if row.task == "solve"
        ]
        for name in ("student", "student.second")
    )
    assert [row.target for row in first] == [row.target for row in second]
    assert [row.input for row in first] != [row.input for row in second]
    tokens = results.training["student"].processed_tokens
    assert tokens == pytest.approx(6000, rel=0.1)
    (out / "results.json").unlink()
    again = run(config, out=out)
    assert again.scores == results.scores


def test_gold_sub_questions_that_are_not_there_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="none of 5 questions comes with sub-questions"):
        run(configured(tmp_path, {}, steps=False), out=tmp_path / "run")
