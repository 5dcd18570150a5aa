"""Students: what can be loaded, what is refused, what is saved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from cotkd.decoding.sampling import Sampling
from cotkd.errors import DataError, EngineError, SettingError
from cotkd.students.load import load_student
from cotkd.students.lora import Lora, add_lora
from cotkd.students.student import Student
from cotkd.students.tokenizer import check_tokenizer
from tests.disk import full_disk
from tests.tiny import build_tokenizer, save, tiny_bart, tiny_llama, tiny_t5

PROMPTS = ["Ann has 3 boxes. ###", "She sells 7 eggs ###", "A:"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return save(tmp_path / "model", tiny_llama(), build_tokenizer())


@pytest.mark.parametrize(
    ("build", "architecture"),
    [(tiny_llama, "decoder"), (tiny_t5, "encoder-decoder"), (tiny_bart, "encoder-decoder")],
)
def test_architecture_and_size_are_those_of_the_model(
    build: Any, architecture: str, tmp_path: Path
) -> None:
    model = build()
    student = load_student(save(tmp_path / "m", model, build_tokenizer()))
    assert student.architecture == architecture
    assert student.parameters == student.trainable == model.num_parameters()
    assert {weight.dtype for weight in student.model.parameters()} == {torch.float32}


def test_saving_and_loading_keeps_every_weight(folder: Path, tmp_path: Path) -> None:
    student = load_student(folder)
    again = load_student(student.save(tmp_path / "again"))
    for weight, other in zip(student.model.parameters(), again.model.parameters(), strict=True):
        assert torch.equal(weight, other)
    assert not list(tmp_path.glob(".*"))


def test_saving_replaces_a_student_but_no_other_folder(folder: Path, tmp_path: Path) -> None:
    student = load_student(folder)
    with torch.no_grad():
        student.model.lm_head.weight.zero_()
    student.save(folder)
    assert load_student(folder).model.lm_head.weight.eq(0).all()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep")
    with pytest.raises(DataError, match="holds other files than a model"):
        student.save(tmp_path / "mine")
    assert (tmp_path / "mine" / "notes.txt").read_text() == "keep"


def test_a_full_disk_leaves_what_was_there(folder: Path) -> None:
    student = load_student(folder)
    before = (folder / "model.safetensors").read_bytes()
    with full_disk(1000), pytest.raises(DataError, match=r"cannot write .*: free some") as caught:
        student.save(folder)
    assert "\n" not in str(caught.value)
    assert (folder / "model.safetensors").read_bytes() == before
    assert [path.name for path in folder.parent.iterdir()] == ["model"]
    student.save(folder)


def test_a_name_that_cannot_be_taken_leaves_what_was_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    student, plain = load_student(folder), Path.replace

    def replace(self: Path, target: Path) -> Path:
        if self.name.endswith(".new"):
            raise OSError(5, "Input/output error")
        return plain(self, target)

    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace)
        with pytest.raises(DataError, match="Input/output error"):
            student.save(folder)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert [file.name for file in folder.parent.iterdir()] == [folder.name]


def test_generation_is_greedy_in_order_and_independent_of_the_batch(folder: Path) -> None:
    student = load_student(folder)
    together = student.generate(PROMPTS, max_tokens=8)
    alone = [student.generate([prompt], max_tokens=8)[0] for prompt in PROMPTS]
    assert [g.token_ids for g in together] == [g.token_ids for g in alone]
    assert all(len(g.token_ids) <= 8 for g in together)


def test_generation_draws_when_it_is_told_to(folder: Path) -> None:
    student = load_student(folder)
    sampling = Sampling(temperature=3.0, max_tokens=8)
    drawn = [
        student.generate(PROMPTS, sampling=sampling, seeds=[seed, 1, 2])[0].token_ids
        for seed in (0, 0, 5)
    ]
    assert drawn[0] == drawn[1] != drawn[2]


def test_fresh_adapters_change_no_output_and_are_reproducible(folder: Path) -> None:
    plain = load_student(folder)
    first, second, other = (load_student(folder, lora=Lora(rank=2, seed=s)) for s in (0, 0, 1))
    ids = torch.tensor([[5, 9, 30]])
    assert torch.equal(first.model(input_ids=ids).logits, plain.model(input_ids=ids).logits)
    assert first.parameters == plain.parameters + first.trainable
    states = [
        {n: w.clone() for n, w in s.model.named_parameters() if "lora_A" in n}
        for s in (first, second, other)
    ]
    assert all(torch.equal(w, states[1][n]) for n, w in states[0].items())
    assert not all(torch.equal(w, states[2][n]) for n, w in states[0].items())


def test_adapters_merge_on_saving_or_stay_apart(folder: Path, tmp_path: Path) -> None:
    student = load_student(folder, lora=Lora(rank=2))
    student.save(tmp_path / "merged")
    student.save(tmp_path / "apart", merge=False)
    assert (tmp_path / "merged" / "model.safetensors").exists()
    assert (tmp_path / "apart" / "adapter_model.safetensors").exists()
    assert student.trainable < student.parameters


def test_unknown_adapter_targets_are_named() -> None:
    with pytest.raises(SettingError, match=r"lora.targets=\('nosuch',\)"):
        add_lora(tiny_llama(), Lora(targets=("nosuch",)))


def test_unknown_names_are_refused() -> None:
    with pytest.raises(SettingError, match="did you mean 'microgsm-student'"):
        load_student("microgsm-studnet")


def test_models_that_write_no_text_are_refused(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    for kind, message in (("vit", "writes no text"), ("no-such-model", "unknown architecture")):
        changed = {"model_type": kind} if kind == "vit" else config | {"model_type": kind}
        (folder / "config.json").write_text(json.dumps(changed))
        with pytest.raises(SettingError, match=message):
            load_student(folder)


@pytest.mark.parametrize(("build", "other"), [(tiny_llama, tiny_t5), (tiny_bart, tiny_t5)])
def test_weights_of_another_architecture_are_one_line(
    build: Any, other: Any, tmp_path: Path
) -> None:
    folder = save(tmp_path / "model", build(), build_tokenizer())
    wrong = save(tmp_path / "other", other(), build_tokenizer())
    (folder / "model.safetensors").write_bytes((wrong / "model.safetensors").read_bytes())
    with pytest.raises(SettingError, match=r"its weights are not those of a") as caught:
        load_student(folder)
    assert "\n" not in str(caught.value)


def test_damaged_weights_are_one_line(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"half")
    with pytest.raises(EngineError, match="cannot be loaded") as caught:
        load_student(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("token", "message"), [("pad_token", "no padding token"), ("eos_token", "no end token")]
)
def test_missing_special_tokens_are_named(token: str, message: str) -> None:
    tokenizer = build_tokenizer().__class__(
        tokenizer_object=build_tokenizer().backend_tokenizer,
        **{
            name: value
            for name, value in (("pad_token", "<pad>"), ("eos_token", "</s>"))
            if name != token
        },
    )
    with pytest.raises(SettingError, match=message):
        check_tokenizer(Student("x", tiny_llama(), tokenizer))


def test_a_tokenizer_larger_than_the_embedding_is_refused() -> None:
    with pytest.raises(SettingError, match="has 320 tokens and its embedding 100"):
        check_tokenizer(Student("x", tiny_llama(vocab_size=100), build_tokenizer()))
