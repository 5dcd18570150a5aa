"""The trainer: exact losses, exact resumption, the best checkpoint, honest counts."""

from __future__ import annotations

import copy
import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch

from cotkd.errors import DataError, EngineError, SettingError, SettingsChanged
from cotkd.formats.tokenize import tokenize_examples
from cotkd.students.load import load_student
from cotkd.students.lora import Lora, add_lora
from cotkd.students.student import Student
from cotkd.training.settings import Training
from cotkd.training.trainer import train
from cotkd.types import Example
from tests.training.arms import examples, student, weights
from tests.training.steps import assert_same
from tests.training.worker import first_step

EXACT = {"precision": "float32", "epochs": 2, "batch_size": 4, "learning_rate": 3e-3}
names = pytest.mark.parametrize("name", ["llama", "t5", "bart"])


def settings(**changes: Any) -> Training:
    return Training.parse({**EXACT, **changes})


def tokens(of: Student, rows: list[Example]) -> int:
    tokenized = tokenize_examples(rows, of.tokenizer, architecture=of.architecture)
    return sum(row.length for row in tokenized)


def assert_close(a: dict[str, Any], b: dict[str, Any], *, within: float) -> None:
    assert a.keys() == b.keys()
    for name, weight in a.items():
        torch.testing.assert_close(weight, b[name], rtol=0, atol=within, msg=name)


@names
def test_training_lowers_the_loss(name: str) -> None:
    learner = student(name)
    changes = settings(epochs=8, log_every=1, learning_rate=1e-2)
    result = train(learner, examples(8, learner.architecture), changes)
    assert result.losses[-1][1] < 0.8 * result.losses[0][1]
    assert result.steps == len(result.losses) == 16


@names
def test_pieces_of_a_step_change_neither_loss_nor_gradient(name: str) -> None:
    """8 x 1 = 4 x 2 = 1 x 8, two tasks with weights; for 2 processes x 4 see `test_processes`."""
    whole = first_step(name)
    for pieces in (2, 8):
        assert_same(whole, first_step(name, accumulation=pieces), within=1e-6)


@names
def test_first_loss_is_the_token_mean_of_a_plain_forward_pass(name: str) -> None:
    learner = student(name)
    rows = examples(4, learner.architecture)
    total = count = 0.0
    for row in tokenize_examples(rows, learner.tokenizer, architecture=learner.architecture):
        target = torch.tensor([row.target])
        if learner.architecture == "decoder":
            inputs = torch.tensor([row.prompt + row.target])
            logits = learner.model(input_ids=inputs).logits[:, len(row.prompt) - 1 : -1]
        else:
            logits = learner.model(input_ids=torch.tensor([row.prompt]), labels=target).logits
        total -= logits.log_softmax(-1).gather(-1, target.unsqueeze(-1)).sum().item()
        count += target.numel()
    result = train(learner, rows, settings(epochs=1, log_every=1))
    assert result.losses[0][1] == pytest.approx(total / count, abs=1e-5)


def test_padding_and_order_change_no_gradient() -> None:
    """The same eight examples in one step, whatever order they are given in."""
    learners = student(), student()
    for learner, rows in zip(learners, (examples(8), examples(8)[::-1]), strict=True):
        train(learner, rows, settings(batch_size=8, epochs=1))
    assert_close(*map(weights, learners), within=1e-6)


def test_weight_scales_a_task_and_zero_weight_is_no_training() -> None:
    heavy = [row.model_copy(update={"weight": 3.0}) for row in examples(4)]
    one, three = (
        train(student(), rows, settings(batch_size=4, epochs=1, log_every=1))
        for rows in (examples(4), heavy)
    )
    assert three.losses[0][1] == pytest.approx(3 * one.losses[0][1], rel=1e-5)
    learner = student()
    before = weights(learner)
    none = [row.model_copy(update={"weight": 0.0}) for row in examples(4)]
    train(learner, none, settings(batch_size=4, epochs=1))
    assert_close(weights(learner), before, within=0)


def test_tasks_are_averaged_over_their_own_tokens() -> None:
    """A batch of two tasks costs the sum of what each costs alone, in any number of pieces."""
    first = [row.model_copy(update={"task": "a", "weight": 0.3}) for row in examples(4)]
    second = [
        Example(example_id=f"b{i}", question_id="q", task="b", input=row.input, target=" yes")
        for i, row in enumerate(first)
    ]
    both = first + second
    for pieces in (1, 4):
        changes = {"epochs": 1, "batch_size": 8, "accumulation": pieces, "log_every": 1}
        alone = [
            train(student(), rows, settings(**changes)).losses[0][1] for rows in (first, second)
        ]
        together = train(student(), both, settings(**changes)).losses[0][1]
        assert together == pytest.approx(sum(alone), abs=1e-5)


def test_counts_are_exact_and_a_budget_holds_for_arms_of_other_lengths() -> None:
    long = examples(8)
    short = [row.model_copy(update={"target": " 12", "answer_span": None}) for row in long]
    learner = student()
    whole = train(learner, long, settings(epochs=1))
    assert whole.processed_tokens == tokens(learner, long)
    assert whole.epochs == 1
    for rows in (long, short):
        result = train(student(), rows, settings(processed_tokens=3000))
        assert 2900 < result.processed_tokens <= 3000
        per_pass = tokens(learner, rows)
        assert result.epochs == pytest.approx(3000 / per_pass, rel=0.1)
    assert whole.supervised_tokens < whole.processed_tokens
    assert 0 <= whole.padding < 1


@names
def test_truncated_examples_are_counted_and_told(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    learner = student(name)
    rows = examples(6, learner.architecture)
    lengths = [tokens(learner, [row]) for row in rows]
    limit = sorted(lengths)[3]
    result = train(learner, rows, settings(epochs=1, max_length=limit))
    assert result.truncated == sum(length > limit for length in lengths) > 0
    assert f"{result.truncated} of 6 rationales are cut" in caplog.text


def test_no_side_of_an_encoder_decoder_exceeds_its_positions() -> None:
    rows = examples(4, "encoder-decoder")
    sides = tokenize_examples(rows, student().tokenizer, architecture="encoder-decoder")
    longest = max(max(len(row.prompt), len(row.target)) for row in sides)
    assert (
        train(student("bart", max_position_embeddings=longest), rows, settings(epochs=1)).truncated
        == 0
    )
    short = student("bart", max_position_embeddings=longest - 2)
    assert train(short, rows, settings(epochs=1)).truncated > 0
    with pytest.raises(DataError, match="does not fit positions of a side=9: its prompt has"):
        train(student("bart", max_position_embeddings=9), rows, settings(epochs=1))


class Interrupted(Exception):
    pass


def interrupting(at: int) -> Any:
    """Return a score that grows, and ends the training when it is asked for the `at`th time."""
    seen: list[int] = []

    def score(_: Student) -> float:
        seen.append(1)
        if len(seen) == at:
            raise Interrupted
        return float(len(seen))

    return score


@pytest.mark.parametrize(("name", "optimizer"), [("llama", "adamw"), ("t5", "muon")])
def test_resumed_training_equals_an_undisturbed_one(
    name: str, optimizer: str, tmp_path: Path
) -> None:
    changes = {"save_every": 2, "epochs": 3, "eval_every": 3, "optimizer": optimizer}
    dropout = {"attention_dropout": 0.1} if name == "llama" else {"dropout_rate": 0.1}

    def run(out: Path, dev: Any) -> tuple[Student, Any]:
        learner = student(name, **dropout)
        rows = examples(10, learner.architecture)
        result = train(learner, rows, settings(accumulation=2, **changes), out=out, dev=dev)
        return learner, result

    undisturbed, expected = run(tmp_path / "a", interrupting(99))
    with pytest.raises(Interrupted):
        run(tmp_path / "b", interrupting(2))
    left = tmp_path / "b.training"
    assert [path.name for path in left.glob("checkpoint-*")] == ["checkpoint-4"]
    resumed, result = run(tmp_path / "b", interrupting(99))
    assert_close(weights(resumed), weights(undisturbed), within=0)
    assert result.losses == expected.losses
    assert not left.exists()


def test_a_checkpoint_that_was_not_finished_is_passed_over(tmp_path: Path) -> None:
    changes = settings(epochs=4, save_every=1, eval_every=5)
    undisturbed = student()
    train(undisturbed, examples(), changes, dev=interrupting(9))
    with pytest.raises(Interrupted):
        train(student(), examples(), changes, out=tmp_path / "s", dev=interrupting(1))
    (only,) = (tmp_path / "s.training").glob("checkpoint-*")
    (only / "complete.json").unlink()
    (only / "model.safetensors").write_bytes(b"half")
    resumed = student()
    train(resumed, examples(), changes, out=tmp_path / "s", dev=interrupting(9))
    assert_close(weights(resumed), weights(undisturbed), within=0)


def test_another_training_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    changes = {"epochs": 4, "save_every": 1, "eval_every": 3}
    out = tmp_path / "s"
    with pytest.raises(Interrupted):
        train(student(), examples(), settings(**changes), out=out, dev=interrupting(1))
    with pytest.raises(SettingsChanged, match="delete it to start anew"):
        train(student(), examples(), settings(seed=1, **changes), out=out, dev=interrupting(9))
    with pytest.raises(SettingsChanged, match="delete it to start anew"):
        train(student(seed=1), examples(), settings(**changes), out=out, dev=interrupting(9))
    train(student(), examples(), settings(**changes), out=out, dev=interrupting(9))
    with pytest.raises(SettingsChanged, match="delete it to train anew"):
        train(student(), examples(7), settings(**changes), out=out, dev=interrupting(9))


@pytest.mark.parametrize("adapters", [False, True])
def test_a_finished_training_is_read_not_repeated(adapters: bool, tmp_path: Path) -> None:
    def learner() -> Student:
        base = student()
        if not adapters:
            return base
        return Student(base.name, add_lora(base.model, Lora(rank=2)), base.tokenizer)

    first = learner()
    result = train(first, examples(), settings(), out=tmp_path / "s")
    again = learner()
    assert train(again, examples(), settings(), out=tmp_path / "s") == result
    assert_close(weights(again), weights(first), within=0)


def test_best_score_decides_which_weights_are_left(tmp_path: Path) -> None:
    seen: list[dict[str, Any]] = []
    scores = iter([0.1, 0.5, 0.5, 0.2])

    def dev(learner: Student) -> float:
        assert not torch.is_grad_enabled()
        torch.rand(3)  # what a score draws does not reach the training
        seen.append(weights(learner))
        return next(scores)

    learner = student()
    result = train(
        learner, examples(8), settings(epochs=2, eval_every=1), out=tmp_path / "s", dev=dev
    )
    assert (result.best_step, result.best_score) == (2, 0.5)
    assert result.scores == ((1, 0.1), (2, 0.5), (3, 0.5), (4, 0.2))
    assert_close(weights(learner), seen[1], within=0)
    assert_close(weights(load_student(tmp_path / "s")), seen[1], within=0)
    assert not (tmp_path / "s.training").exists()


def test_saved_student_answers_like_the_trained_one(tmp_path: Path) -> None:
    for name in ("llama", "t5"):
        learner = student(name)
        rows = examples(8, learner.architecture)
        train(learner, rows, settings(epochs=4), out=tmp_path / name)
        prompts = [row.input for row in rows]
        saved = load_student(tmp_path / name)
        assert [g.token_ids for g in saved.generate(prompts, max_tokens=12)] == [
            g.token_ids for g in learner.generate(prompts, max_tokens=12)
        ]
        document = json.loads((tmp_path / name / "training.json").read_text())
        assert document["steps"] == 8


def test_adapters_leave_the_base_weights_alone_and_merge_on_saving(tmp_path: Path) -> None:
    base = student()
    before = weights(base)
    learner = Student("x", add_lora(base.model, Lora(rank=4)), base.tokenizer)
    assert learner.trainable < learner.parameters
    result = train(learner, examples(), settings(epochs=6, log_every=1), out=tmp_path / "s")
    assert result.losses[-1][1] < result.losses[0][1]
    for name, weight in learner.model.base_model.model.named_parameters():
        if "lora" not in name:
            assert torch.equal(weight, before[name.replace(".base_layer", "")])
    ids = torch.tensor([[5, 9, 30, 7]])
    merged = load_student(tmp_path / "s").model(input_ids=ids).logits
    torch.testing.assert_close(merged, learner.model(input_ids=ids).logits, atol=1e-4, rtol=1e-4)


@names
def test_bfloat16_arithmetic_leaves_float32_weights_and_nearly_the_same_loss(name: str) -> None:
    losses = []
    for precision in ("float32", "bfloat16"):
        learner = student(name)
        rows = examples(4, learner.architecture)
        result = train(learner, rows, settings(precision=precision, log_every=1, epochs=1))
        assert result.precision == precision
        assert {weight.dtype for weight in weights(learner).values()} == {torch.float32}
        losses.append(result.losses[0][1])
    assert losses[1] == pytest.approx(losses[0], rel=0.02)
    assert losses[1] != losses[0]


def test_a_source_makes_its_examples_from_the_student() -> None:
    class Own:
        def examples(self, student: Student) -> list[Example]:
            return examples(4 if student.parameters > 1000 else 2)

    assert train(student(), Own(), settings(epochs=1)).examples == 4


@names
def test_activation_checkpointing_computes_again_and_changes_nothing(name: str) -> None:
    plain, twice = (first_step(name, gradient_checkpointing=on) for on in (False, True))
    assert_same(plain, twice, within=1e-9)
    assert twice.layer_calls > plain.layer_calls > 0


def test_trackers_get_their_files(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    train(student(), examples(), settings(report_to=["tensorboard"]), out=tmp_path / "s")
    assert list((tmp_path / "s.training").rglob("events.out.tfevents.*"))


def test_nothing_is_written_without_a_folder(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    train(student(), examples(), settings(epochs=1), dev=lambda _: 1.0)
    assert list(tmp_path.iterdir()) == []


def test_a_diverging_loss_ends_the_training_with_one_line(tmp_path: Path) -> None:
    learner = student()
    with torch.no_grad():
        learner.model.lm_head.weight.fill_(math.nan)
    with pytest.raises(EngineError, match="diverged: the loss is nan at step 1; lower"):
        train(learner, examples(), settings(log_every=1), out=tmp_path / "s")
    assert not (tmp_path / "s").exists()


def test_bad_input_is_one_clear_line(tmp_path: Path, monkeypatch: Any) -> None:
    with pytest.raises(DataError, match="no training examples"):
        train(student(), [], settings())
    with pytest.raises(DataError, match="does not fit max_length=9"):
        train(student(), examples(), settings(max_length=9))
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(DataError, match="holds other files than a model"):
        train(student(), examples(), settings(epochs=1), out=tmp_path)
    assert (tmp_path / "notes.txt").exists()
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for said in ("True", "False"):  # accelerate launch --cpu, and without it
        monkeypatch.setenv("ACCELERATE_USE_CPU", said)
        with pytest.raises(SettingError, match="use `torchrun"):
            train(student(), examples(), settings())


def test_a_checkpoint_of_another_architecture_is_refused(tmp_path: Path) -> None:
    train(student("llama"), examples(), settings(), out=tmp_path / "s")
    with pytest.raises(SettingsChanged, match="holds a student trained from another base"):
        train(student("t5"), examples(8, "encoder-decoder"), settings(), out=tmp_path / "s")


@names
def test_a_padding_token_tied_to_the_end_token_changes_nothing(name: str) -> None:
    """What is trained is known by place, never by looking for the padding token."""
    losses = []
    for pad in ("<pad>", "</s>"):
        learner = student(name)
        tokenizer = copy.deepcopy(learner.tokenizer)
        tokenizer.pad_token = pad
        learner = Student(name, learner.model, tokenizer)
        rows = examples(8, learner.architecture)
        losses.append(dict(train(learner, rows, settings(log_every=1, epochs=1)).losses))
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)


def test_model_settings_are_as_before() -> None:
    learner = student()
    train(learner, examples(), settings(epochs=1))
    assert learner.model.config.use_cache
    assert not learner.model.training
    assert all(weight.grad is None for weight in learner.model.parameters())
