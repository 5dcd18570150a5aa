"""Models that cannot be used: one line on the command line, and it is the user's to mend."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from transformers import BertConfig, BertForMaskedLM, BertModel, PreTrainedModel
from transformers.utils import logging

from cotkd.cli import main
from tests.tiny import build_tokenizer, save, tiny_bart, tiny_llama, tiny_t5

BERT = BertConfig(
    vocab_size=320,
    hidden_size=16,
    num_hidden_layers=1,
    num_attention_heads=2,
    intermediate_size=16,
)


def mixed(folder: Path, model: PreTrainedModel, weights: PreTrainedModel) -> Path:
    """Return a folder with the configuration of one model and the weights of another."""
    save(folder, weights, build_tokenizer())
    model.config.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("part", ["student", "teacher"])
@pytest.mark.parametrize(
    ("model", "weights", "reason"),
    [
        (tiny_llama(), tiny_t5(), "not those of a 'llama' model"),
        (tiny_bart(), tiny_t5(), "not those of a 'bart' model"),
        (tiny_llama(), tiny_llama(hidden_size=16), "missing or of another size"),
        (BertModel(BERT), tiny_llama(), "a 'bert' model writes no text"),
        (BertModel(BERT), BertForMaskedLM(BERT), "a 'bert' model writes no text"),
    ],
)
def test_a_model_that_cannot_be_used_is_one_line_and_exit_code_two(
    part: str,
    model: PreTrainedModel,
    weights: PreTrainedModel,
    reason: str,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    folder = mixed(tmp_path / "model", model, weights)
    questions = tmp_path / "questions.jsonl"
    questions.write_text(json.dumps({"id": "q", "text": "What is 1+1?", "answer": "2"}) + "\n")
    asked = {
        "student": ["evaluate", "--student.model", str(folder), "--suites", str(questions)],
        "teacher": ["sample", "--teacher.model", str(folder), "--questions", str(questions)],
    }
    level = logging.get_verbosity()
    capfd.readouterr()
    assert main([*asked[part], "--out", str(tmp_path / "out")]) == 2
    shown = capfd.readouterr()
    assert len(shown.err.splitlines()) == 1, shown.err
    assert reason in shown.err
    assert logging.get_verbosity() == level
