"""Recipes for real models: valid, dry-run, and run on tiny models of their architectures."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from transformers import AutoConfig

from cotkd.cli import main
from cotkd.estimate import estimate, hardware_of
from cotkd.estimate.known import known_config
from cotkd.evaluation.results import Results
from cotkd.settings.recipe import recipes, resolve
from cotkd.stages.settings import RunConfig
from cotkd.store.rows import read_rows
from cotkd.types import Completion
from tests.teachers.chat_models import chat_model, chat_tokenizer
from tests.tiny import build_tokenizer, save, tiny_llama, tiny_qwen2, tiny_qwen3, tiny_t5

REAL = [recipe for recipe in recipes() if recipe.name.startswith("gsm8k_")]
QUESTIONS = [
    {
        "question": f"Ann has {n} eggs and gets {7 - n} more. How many?",
        "answer": f"She has {n}+{7 - n}=<<{n}+{7 - n}=7>>7 eggs.\n#### 7",
    }
    for n in range(1, 5)
]
SOCRATIC = [
    row | {"answer": f"How many eggs does she have? ** {row['answer']}"} for row in QUESTIONS
]
named = pytest.mark.parametrize("recipe", REAL, ids=lambda recipe: recipe.name)


def family(model: str) -> str:
    config = known_config(model)
    assert config is not None, f"{model} is not among the known configurations"
    return str(config["model_type"])


def student(folder: Path, model: str) -> Path:
    """Write random weights of the architecture of a real model."""
    kind = family(model)
    if kind == "t5":
        return save(folder, tiny_t5(feed_forward_proj="gated-gelu"), build_tokenizer())
    build = {"qwen2": tiny_qwen2, "qwen3": tiny_qwen3, "llama": tiny_llama}[kind]
    return save(folder, build(), build_tokenizer())


def teacher(folder: Path, config: RunConfig) -> Path:
    """Write a chat model of the architecture of a real teacher; it thinks where it is let."""
    thinks = getattr(config.method.elicitation, "thinking", None)
    trace = ["<think>", "s", "u", "m", "</think>"] if thinks else []
    return chat_model(folder, family(config.teacher.model), reply=[*trace, "y", "e", "a", "#", "7"])


@named
def test_a_recipe_is_valid_and_names_known_models(recipe: Any) -> None:
    config = resolve(recipe)
    assert RunConfig.parse(config.dump()) == config
    assert config.method.elicitation.kind == "chat"
    assert {family(config.teacher.model), family(config.student.model)} <= {
        "qwen2",
        "qwen3",
        "llama",
        "t5",
    }


@named
def test_its_header_states_what_it_takes(recipe: Any) -> None:
    text = (Path(str(files("cotkd"))) / "recipes" / f"{recipe.name}.yaml").read_text()
    stated = re.search(r"about (\S+) GB of memory, (\S+) GB of disk, (\S+) hours of an A100", text)
    assert stated is not None
    found = estimate(resolve(recipe), hardware_of("A100"))
    hours = sum(seconds.expected for seconds in found.seconds.values()) / 3600
    assert float(stated[1]) == pytest.approx(found.memory.peak / 1e9, rel=0.03)
    assert float(stated[2]) == pytest.approx(sum(found.disk.values()) / 1e9, rel=0.03)
    assert float(stated[3]) == pytest.approx(hours, rel=0.05)
    (advised,) = re.findall(r"one GPU of (\d+) GB", recipe.summary)
    assert found.memory.peak < int(advised) * 1e9


@named
def test_a_dry_run_prints_a_recipe_with_its_estimate(
    recipe: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", recipe.name, "--dry-run", "--gpu", "H100"]) == 0
    out = capsys.readouterr().out
    assert RunConfig.parse(yaml.safe_load(out)) == resolve(recipe)
    for word in ("one H100", "tokens written", "GPU hours", "memory", "disk", "6 N D"):
        assert word in out
    assert "more than the device has" not in out


def test_seeds_multiply_an_estimate_and_a_device_goes_with_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["run", "gsm8k_qwen3", "--dry-run", "--seeds", "0,1,2"]) == 0
    assert "# All of this 3 times" in capsys.readouterr().out
    assert main(["run", "gsm8k_qwen3", "--gpu", "A100"]) == 2
    assert "--gpu goes with --dry-run" in capsys.readouterr().err


@named
def test_a_recipe_runs_on_tiny_models_of_its_architectures(recipe: Any, tmp_path: Path) -> None:
    config = resolve(recipe)
    data = tmp_path / "gsm8k"
    data.mkdir()
    for name, rows in (("train", QUESTIONS), ("test", QUESTIONS), ("train_socratic", SOCRATIC)):
        (data / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    flags = {
        "teacher.model": str(teacher(tmp_path / "teacher", config)),
        "teacher.dtype": "float32",
        "student.model": str(student(tmp_path / "student", config.student.model)),
        "questions.path": str(data),
        "evaluation.suites": f"{data / 'test.jsonl'}[:2]",
        "evaluation.max-tokens": "8",
        "sampling.max-tokens": "48",
        "samples": "2",
        "training.batch-tokens": "256",
        "training.processed-tokens": "800",
    }
    words = [word for name, value in flags.items() for word in (f"--{name}", value)]
    out = tmp_path / "run"
    assert main(["run", recipe.name, "--out", str(out), *words]) == 0
    results = Results.read(out)
    sampled = 8 if config.method.uses_teacher else 0
    assert (results.data.questions, results.data.sampled) == (4, sampled)
    assert results.data.correct == sampled
    assert bool(results.data.kept) == bool(sampled)
    assert results.training["student"].steps > 1
    thinks = getattr(config.method.elicitation, "thinking", None)
    shards = list((out / "samples").glob("*.jsonl"))
    assert len(shards) == bool(sampled)
    for row in (row for shard in shards for row in read_rows(shard, Completion)):
        assert row.elicitation == "chat"
        assert row.reasoning == ("sum" if thinks else None)
        assert row.text.strip() == "yea#7"
    folder = out / "rounds" / "000" / "student"
    for member in [folder / member.name for member in config.method.members] or [folder]:
        assert AutoConfig.from_pretrained(member).model_type == family(config.student.model)
    for scores in results.scores["student"].values():
        assert scores.n == 2


def test_qwen3_is_asked_with_its_thinking_switched(tmp_path: Path) -> None:
    """The template closes the trace at once where thinking is off, and leaves it to the model."""
    render = chat_tokenizer("qwen3").apply_chat_template
    turns = [{"role": "user", "content": "hi"}]
    off, on = (
        render(turns, tokenize=False, add_generation_prompt=True, enable_thinking=mode)
        for mode in (False, True)
    )
    assert off == on + "<think>\n\n</think>\n\n"
