r"""Students asked by lm-evaluation-harness, on tasks made from our suites.

    harness = Harness(student, folder=Path("scores/lm_eval"), max_tokens=256)
    harness.answer("microgsm", questions, prompts)      one text for each question

A task is two files that the harness reads anywhere, with its own command:

    cotkd_microgsm.jsonl   {"id": "microgsm-test-0000", "prompt": "Maria has … ###", "answer": "69"}
    cotkd_microgsm.yaml    greedy, `strict-match` and `flexible-extract` as in its task gsm8k

    lm_eval --model hf --model_args pretrained=STUDENT --include_path scores/lm_eval \
        --tasks cotkd_microgsm

What it makes of the answers is kept in `cotkd_microgsm.results.json`.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from cotkd.decoding.text import encode_prompts
from cotkd.errors import MissingDependency, SettingError
from cotkd.store.atomic import replacing
from cotkd.store.rows import write_json
from cotkd.types import Question
from cotkd.verify.lm_eval import FLEXIBLE, STRICT

if TYPE_CHECKING:
    from cotkd.students.student import Student

BATCH = 16
"""Prompts that the harness reads at once."""
METRIC = {
    "metric": "exact_match",
    "aggregation": "mean",
    "higher_is_better": True,
    "ignore_case": True,
    "ignore_punctuation": False,
    "regexes_to_ignore": [",", "\\$", "(?s).*#### ", "\\.$"],
}
"""The metric of the harness's task gsm8k."""
CACHE = ".cache"
"""What `datasets` makes of a task's questions."""


class Harness:
    """Asks a student through lm-evaluation-harness, in this process and with these weights."""

    def __init__(self, student: Student, *, folder: Path, max_tokens: int = 256) -> None:
        """Take a loaded student; raises `MissingDependency` where the harness is not installed."""
        if find_spec("lm_eval") is None:
            raise MissingDependency("lm_eval is not installed: pip install 'cotkd[lm-eval]'")
        self._student = student
        self._folder = folder
        self._max_tokens = max_tokens

    def answer(
        self, suite: str, questions: Sequence[Question], prompts: Sequence[str]
    ) -> list[str]:
        """Return what the student says to each prompt; writes task and results to the folder.

        Raises:
            SettingError: The harness would not give the model the tokens that it was trained on.
        """
        self._check(prompts)
        task = task_name(suite)
        decoder = self._student.architecture == "decoder"
        write_task(
            self._folder, task, questions, prompts, max_tokens=self._max_tokens, decoder=decoder
        )
        found = self._evaluate(task)
        samples = sorted(found["samples"][task], key=lambda row: int(row["doc_id"]))
        texts = [row["resps"][0][0] for row in samples if row["filter"] == "strict-match"]
        assert len(texts) == len(questions), f"{len(texts)} answers to {len(questions)} questions"
        shutil.rmtree(self._folder / CACHE, ignore_errors=True)
        document = {"lm_eval": version("lm_eval"), "task": task, "results": found["results"][task]}
        write_json(self._folder / f"{task}.results.json", document)
        return texts

    def _evaluate(self, task: str) -> dict[str, Any]:
        from lm_eval import simple_evaluate
        from lm_eval.models.huggingface import HFLM
        from lm_eval.tasks import TaskManager

        student = self._student
        model = student.for_task(None)
        model.eval()
        backend = "causal" if student.architecture == "decoder" else "seq2seq"
        lm = HFLM(model, backend=backend, tokenizer=student.tokenizer, batch_size=BATCH)
        manager = TaskManager(include_path=str(self._folder), include_defaults=False)
        with _own_limit(model):
            found: dict[str, Any] | None = simple_evaluate(
                lm, tasks=[task], task_manager=manager, bootstrap_iters=0, log_samples=True
            )
        assert found is not None, "only the first of several processes gets results"
        return found

    def _check(self, prompts: Sequence[str]) -> None:
        """Raise `SettingError` where the harness's tokens of a prompt are not those of training."""
        tokenizer, architecture = self._student.tokenizer, self._student.architecture
        ours = encode_prompts(tokenizer, prompts[:1], architecture=architecture)
        theirs = [tokenizer.encode(prompt) for prompt in prompts[:1]]
        if ours != theirs:
            raise SettingError(
                f"the tokenizer of {self._student.name} adds tokens that lm-eval would not take "
                f"off a prompt ({theirs[0][-1:]}): evaluate with --engine cotkd"
            )


@contextmanager
def _own_limit(model: Any) -> Iterator[None]:
    """Take the limit on new tokens out of a model's settings, which go before the harness's."""
    settings = model.generation_config
    before = settings.max_new_tokens
    settings.max_new_tokens = None
    try:
        yield
    finally:
        settings.max_new_tokens = before


def task_name(suite: str) -> str:
    """Return the name of a suite's task: `cotkd_svamp_all`."""
    return "cotkd_" + re.sub(r"\W+", "_", suite).strip("_").lower()


def write_task(
    folder: Path,
    task: str,
    questions: Sequence[Question],
    prompts: Sequence[str],
    *,
    max_tokens: int,
    decoder: bool = True,
) -> Path:
    """Write a task and its questions; return the path of the task.

    Args:
        folder: Where `TASK.yaml` and `TASK.jsonl` go; the first names the second's full path.
        task: Its name.
        questions: The questions; gold answers are compared as the harness's gsm8k does.
        prompts: What the model is given for each, to the letter.
        max_tokens: Most tokens of an answer.
        decoder: Whether the model is one; the harness counts an encoder's tokens as an answer's.
    """
    import yaml

    folder = folder.resolve()
    with replacing(folder / f"{task}.jsonl") as file:
        for question, prompt in zip(questions, prompts, strict=True):
            row = {"id": question.id, "prompt": prompt, "answer": question.answer}
            file.write(to_json(row) + b"\n")
    limit = {"max_gen_toks": max_tokens} | ({} if decoder else {"max_length": max_tokens + 1})
    settings = {
        "task": task,
        "dataset_path": "json",
        "dataset_kwargs": {
            "data_files": {"test": str(folder / f"{task}.jsonl")},
            "cache_dir": str(folder / CACHE),
        },
        "test_split": "test",
        "output_type": "generate_until",
        "doc_to_text": "prompt",
        "doc_to_target": "answer",
        "num_fewshot": 0,
        "generation_kwargs": {"until": [], "do_sample": False, **limit},
        "filter_list": [
            _filter("strict-match", {"regex_pattern": STRICT}),
            _filter("flexible-extract", {"group_select": -1, "regex_pattern": FLEXIBLE}),
        ],
        "metric_list": [METRIC],
        "metadata": {"version": 1.0},
    }
    path = folder / f"{task}.yaml"
    with replacing(path) as file:
        file.write(yaml.safe_dump(settings, sort_keys=False, allow_unicode=True).encode())
    return path


def _filter(name: str, regex: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "filter": [{"function": "regex", **regex}, {"function": "take_first"}],
    }
