"""The loop: phases, devices, and what a checkpoint holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest
import torch
from accelerate.state import PartialState

from cotkd.decoding.session import decoder_start
from cotkd.errors import SettingError
from cotkd.methods.mcc_kd import MccKd
from cotkd.objectives import Agreement, CrossEntropy
from cotkd.students.student import Student
from cotkd.training.checkpoints import find_checkpoint
from cotkd.training.data import PlannedBatches
from cotkd.training.devices import accelerator
from cotkd.training.loop import Loop, Phase
from cotkd.training.passes import Passes
from cotkd.training.progress import Bar
from cotkd.training.rhythm import Rhythm
from cotkd.training.settings import Training
from cotkd.training.trainer import train
from tests.methods.rows import BOTH, QUESTIONS
from tests.objectives.scaled import Scaled
from tests.tiny import PAD
from tests.training.arms import examples, student, weights
from tests.training.steps import Outcome, assert_same, ids, learner, passes, planned, tasks

SETTINGS = Training(precision="float32", learning_rate=1e-2, log_every=1, save_every=1)
STEPS = [(0, 3, 1), (2, 5), (4, 7, 6), (1, 2, 0)]


def batches(of: Student, steps: list[tuple[int, ...]]) -> PlannedBatches:
    two_stacks = of.architecture == "encoder-decoder"
    return PlannedBatches(
        ids(of, examples(8, of.architecture)),
        steps,
        architecture=of.architecture,
        pad=PAD,
        decoder_start=decoder_start(of.model) if two_stacks else None,
    )


def loop(of: Student, folder: Path) -> Loop:
    return Loop(
        of,
        [CrossEntropy()],
        SETTINGS,
        processes=accelerator(SETTINGS, folder),
        steps=len(STEPS),
        rhythm=Rhythm(SETTINGS, len(STEPS), scored=False, saved=True),
        dev=None,
        folder=folder,
        identity="phases",
        bar=Bar("", len(STEPS)),
    )


def phases(of: Student, *sizes: int) -> list[Phase]:
    made, first = [], 0
    for size in sizes:
        made.append(Phase(size, lambda at=STEPS[first : first + size]: batches(of, at)))
        first += size
    return made


@pytest.mark.parametrize("name", ["llama", "t5"])
def test_phases_train_what_one_plan_trains(name: str, tmp_path: Path) -> None:
    """One optimizer and one schedule go through all of them."""
    whole, cut = student(name), student(name)
    loop(whole, tmp_path / "a").run(phases(whole, 4))
    several = loop(cut, tmp_path / "b")
    several.run(phases(cut, 1, 2, 1))
    assert [step for step, _ in several.history.losses] == [1, 2, 3, 4]
    for key, weight in weights(whole).items():
        assert torch.equal(weight, weights(cut)[key])


def test_a_training_goes_on_in_the_middle_of_a_phase(tmp_path: Path) -> None:
    """Phases before it are not made again."""
    whole, resumed = student(), student()
    loop(whole, tmp_path / "a").run(phases(whole, 1, 3))
    made: list[int] = []

    def phase(number: int, of: Student) -> Phase:
        one = phases(of, 1, 3)[number]

        def make() -> PlannedBatches:
            made.append(number)
            return one.batches()

        return Phase(one.steps, make)

    class Killed(Exception):
        pass

    broken = student()
    first = loop(broken, tmp_path / "b")
    save = first._save
    first._save = lambda: (save(), _raise(Killed) if first.history.step == 2 else None)  # type: ignore[method-assign]
    with pytest.raises(Killed):
        first.run([phase(0, broken), phase(1, broken)])
    assert made == [0, 1]
    again = loop(resumed, tmp_path / "b")
    again.run([phase(0, resumed), phase(1, resumed)], find_checkpoint(tmp_path / "b", "phases"))
    assert made == [0, 1, 1]
    for key, weight in weights(whole).items():
        assert torch.equal(weight, weights(resumed)[key])


def _raise(error: type[Exception]) -> None:
    raise error


def test_one_process_uses_one_device_whatever_is_visible(monkeypatch: Any, tmp_path: Path) -> None:
    """A box that shows two devices trains the same, on the first; nothing is wrapped."""
    alone = student()
    expected = train(alone, examples(), SETTINGS, epochs=1)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda *_: False)
    monkeypatch.setattr(torch.cuda, "get_rng_state_all", list)
    monkeypatch.setattr(torch.cuda, "manual_seed_all", lambda _: None)
    monkeypatch.setattr(
        PartialState, "set_device", lambda self: setattr(self, "device", torch.device("cpu"))
    )
    wrapped: list[torch.nn.Module] = []
    forward = Passes.forward

    def seen(self: Passes, *given: Any) -> torch.Tensor:
        wrapped.append(self)
        return forward(self, *given)

    monkeypatch.setattr(Passes, "forward", seen)
    monkeypatch.setattr(
        torch.nn, "DataParallel", lambda *_, **__: pytest.fail("wrapped for several devices")
    )
    one = student()
    assert train(one, examples(), SETTINGS, epochs=1).losses == expected.losses
    assert len({id(module) for module in wrapped}) == 1
    for key, weight in weights(alone).items():
        assert torch.equal(weight, weights(one)[key])


def test_a_checkpoint_is_read_without_pickle(tmp_path: Path) -> None:
    of = student()
    loop(of, tmp_path).run(phases(of, 4))
    (folder,) = tmp_path.glob("checkpoint-*")
    assert folder.name == "checkpoint-3"
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "weights.safetensors",
        "optimizer.pt",
        "process-0.pt",
        "state.json",
        "complete.json",
    }
    for name in ("optimizer.pt", "process-0.pt"):
        assert torch.load(folder / name, weights_only=True)


def test_records_of_a_resumed_training_are_those_of_an_undisturbed_one(tmp_path: Path) -> None:
    class Killed(Exception):
        pass

    scored: list[int] = []

    def dies(_: object) -> float:
        scored.append(1)
        if len(scored) == 3:
            raise Killed
        return 0.5

    settings = SETTINGS.model_copy(
        update={"log_every": 4, "save_every": 2, "eval_every": 1, "batch_size": 4, "epochs": 3}
    )
    whole = train(student(), examples(), settings, dev=lambda _: 0.5)
    with pytest.raises(Killed):
        train(student(), examples(), settings, out=tmp_path / "s", dev=dies)
    resumed = train(student(), examples(), settings, out=tmp_path / "s", dev=lambda _: 0.5)
    assert resumed.losses == whole.losses
    assert resumed.scores == whole.scores


def test_an_unknown_tracker_is_one_line_before_anything_is_trained() -> None:
    with pytest.raises(SettingError, match=r"unknown tracker 'tensorbored': known: .*tensorboard"):
        train(student(), examples(), SETTINGS, report_to=["tensorbored"])


@pytest.mark.parametrize("name", ["llama", "t5", "bart"])
def test_a_large_vocabulary_is_computed_in_tiles_to_the_same_gradient(
    name: str, monkeypatch: Any
) -> None:
    """Cross-entropy, agreement at places of its own, and an objective with a parameter."""
    of = learner(name)
    rows = MccKd(agreement_weight=3.0).examples(QUESTIONS, BOTH, architecture=of.architecture)
    objectives = (CrossEntropy(weight=0.7), Agreement(weight=1.3), Scaled())
    (batch,) = passes(planned(of, rows, objectives=objectives))
    found = []
    for tile in (None, 1, 5, 10_000):
        monkeypatch.setattr("cotkd.training.passes.tile_rows", lambda *_, tile=tile: tile)
        computed = Passes(of.model, objectives)
        computed.zero_grad()
        loss = computed(batch)
        loss.backward()
        found.append(
            Outcome(loss.item(), {key: w.grad.clone() for key, w in computed.named_parameters()})
        )
    for tiled in found[1:]:
        assert_same(found[0], tiled, within=1e-6)


class Whole(CrossEntropy):
    """An objective that needs all logits at once."""

    separable: ClassVar[bool] = False

    kind: Literal["test_whole"] = "test_whole"  # type: ignore[assignment]


def test_what_a_tile_cannot_compute_is_computed_whole(monkeypatch: Any) -> None:
    """An objective that is not separable, and a model whose logits are not those of its layer."""
    of = learner("llama")
    batch, *_ = passes(planned(of, tasks("decoder")))
    expected = Passes(of.model, [CrossEntropy()])(batch).item()
    monkeypatch.setattr("cotkd.training.passes.tile_rows", lambda *_: 2)
    monkeypatch.setattr(
        "cotkd.training.passes.tiled_sum", lambda *_, **__: pytest.fail("computed in tiles")
    )
    assert Passes(of.model, [Whole()])(batch).item() == expected
    monkeypatch.setattr("cotkd.training.passes.OutputLayer.of", lambda _: None)
    assert Passes(of.model, [CrossEntropy()])(batch).item() == expected


def test_a_pass_that_nothing_reads_is_zero_in_tiles_too(monkeypatch: Any) -> None:
    of = learner("llama")
    nobody = [CrossEntropy(roles=("nobody",))]
    batch, *_ = passes(planned(of, tasks("decoder"), objectives=nobody))
    monkeypatch.setattr("cotkd.training.passes.tile_rows", lambda *_: 2)
    loss = Passes(of.model, nobody)(batch)
    loss.backward()
    assert loss.item() == 0
    assert all(weight.grad is not None for weight in of.model.parameters())
