"""TRL trains on what is exported: one real step of SFT and of DPO on a tiny random Llama."""

import math
from pathlib import Path
from typing import Any

import pytest

from cotkd.cli import main
from tests.interop.runs import write_run
from tests.teachers.chat_models import chat_tokenizer
from tests.tiny import save, tiny_llama


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    tokenizer = chat_tokenizer("qwen2")
    llama = tiny_llama(seed=0, vocab_size=len(tokenizer), initializer_range=0.02)
    return str(save(tmp_path_factory.mktemp("model"), llama, tokenizer))


def exported(run: Path, kind: str, out: Path) -> Any:
    import datasets

    assert main(["export", str(run), "--to", kind, "--out", str(out)]) == 0
    return datasets.load_dataset("json", data_files=str(out), split="train", cache_dir=out.parent)


def arguments(out: Path) -> dict[str, Any]:
    quiet = {"report_to": [], "disable_tqdm": True, "save_strategy": "no", "use_cpu": True}
    return {"output_dir": str(out), "max_steps": 1, "learning_rate": 0.01, "bf16": False, **quiet}


def changed_by_one_step(trainer: Any) -> float:
    """Train, and return the loss of the step; the weights have changed."""
    before = {name: w.detach().clone() for name, w in trainer.model.named_parameters()}
    result = trainer.train()
    assert result.global_step == 1
    after = dict(trainer.model.named_parameters())
    assert any(not w.equal(after[name]) for name, w in before.items())
    return float(result.training_loss)


@pytest.mark.parametrize("kind", ["prompt_completion", "messages"])
def test_sft_runs_a_step(kind: str, run: Path, model: str, tmp_path: Path) -> None:
    from trl import SFTConfig, SFTTrainer

    rows = exported(run, kind, tmp_path / "train.jsonl")
    settings = SFTConfig(**arguments(tmp_path / "out"), max_length=256)
    trainer = SFTTrainer(model=model, args=settings, train_dataset=rows)
    if kind == "prompt_completion":  # nothing of the prompt is trained
        (batch,) = list(trainer.get_train_dataloader())
        labels = [[label for label in row if label >= 0] for row in batch["labels"].tolist()]
        trained = trainer.processing_class.batch_decode(labels, skip_special_tokens=True)
        assert sorted(trained) == sorted(rows["completion"])
    assert math.isclose(
        changed_by_one_step(trainer), math.log(len(trainer.processing_class)), rel_tol=0.2
    )


@pytest.mark.parametrize("kind", ["dpo", "dpo_messages"])
def test_dpo_runs_a_step(kind: str, run: Path, model: str, tmp_path: Path) -> None:
    from trl import DPOConfig, DPOTrainer

    rows = exported(run, kind, tmp_path / "train.jsonl")
    settings = DPOConfig(**arguments(tmp_path / "out"), max_length=256)
    trainer = DPOTrainer(model=model, args=settings, train_dataset=rows)
    # policy and reference are equal before the first step: -log sigmoid(0)
    assert math.isclose(changed_by_one_step(trainer), math.log(2), rel_tol=1e-3)
