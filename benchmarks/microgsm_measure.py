"""Measure the MicroGSM checkpoints: every figure with its n and a Wilson 95 % interval.

Called by `microgsm_checkpoints.py measure`. Decoding is greedy unless a figure says otherwise; each
figure counts questions: `{"n": 1000, "correct": 880, "rate": 0.88, "ci95": [0.858, 0.899]}`.
"""

import json
import math
import re
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from microgsm.base_corpus import facts as facts_of
from microgsm.corpus import Corpus, held_out
from torch.nn import functional

from cotkd.questions.microgsm.problems import SHIFTS, World, pick, stream

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = ROOT / "data" / "microgsm"
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
Row = dict[str, Any]
Figure = dict[str, Any]
_EQUATION = re.compile(r"<<([^<>]*)>>")


def questions(name: str, limit: int | None = None) -> list[Row]:
    """The rows of a question file."""
    lines = (QUESTIONS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines[:limit]]


def rate(correct: int, n: int) -> Figure:
    """A share with its Wilson 95 % interval."""
    z, share = 1.959964, correct / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    bounds = [round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)]
    return {"n": n, "correct": correct, "rate": round(share, 4), "ci95": bounds}


class Model:
    """A checkpoint with its tokenizer."""

    def __init__(self, folder: Path) -> None:
        from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

        config = json.loads((folder / "config.json").read_text())
        self.encoder = bool(config.get("is_encoder_decoder"))
        kind = AutoModelForSeq2SeqLM if self.encoder else AutoModelForCausalLM
        self.model = kind.from_pretrained(folder, dtype=torch.float32).to(DEVICE).eval()
        self.tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")

    @torch.no_grad()
    def answers(
        self,
        prompts: Sequence[str],
        *,
        samples: int = 1,
        temperature: float | None = None,
        limit: int = 200,
    ) -> list[list[str]]:
        """The completions of every prompt; greedy, or sampled where a temperature is given."""
        order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
        out: list[list[str]] = [[] for _ in prompts]
        size = 250 // samples
        for start in range(0, len(order), size):
            chosen = order[start : start + size]
            batch = self.tokenizer(
                [prompts[i] for i in chosen], padding=True, return_tensors="pt"
            ).to(DEVICE)
            batch.pop("token_type_ids", None)
            decoding: dict[str, Any] = {
                "do_sample": False,
                "temperature": None,
                "top_k": None,
                "top_p": None,
            }
            if temperature is not None:
                torch.manual_seed(start)
                decoding = {
                    "do_sample": True,
                    "temperature": temperature,
                    "top_k": 0,
                    "num_return_sequences": samples,
                }
            with torch.autocast(DEVICE, torch.bfloat16):
                ids = self.model.generate(**batch, max_new_tokens=limit, **decoding)
            if not self.encoder:
                ids = ids[:, batch["input_ids"].shape[1] :]
            texts = self.tokenizer.batch_decode(ids, skip_special_tokens=True)
            for place, i in enumerate(chosen):
                out[i] = texts[place * samples : (place + 1) * samples]
        return out


def final(text: str, marker: str) -> str:
    """What follows the last marker, without blanks and full stop; empty without a marker."""
    return text.rpartition(marker)[2].strip().rstrip(".") if marker in text else ""


def last_number(text: str) -> str:
    """The last number of a text."""
    found = re.findall(r"\d+", text)
    return found[-1] if found else ""


def solved(model: Model, rows: Sequence[Row]) -> list[bool]:
    """Which questions the plain prompt solves."""
    texts = model.answers([f"Q: {row['text']}\nA:" for row in rows])
    return [final(t[0], "####") == row["answer"] for t, row in zip(texts, rows, strict=True)]


def plain(model: Model, rows: Sequence[Row]) -> Figure:
    """Accuracy of the plain prompt."""
    return rate(sum(solved(model, rows)), len(rows))


def two_calls(model: Model, rows: Sequence[Row]) -> Figure:
    """Accuracy of zero-shot chain of thought: a rationale first, then the answer."""
    firsts = [f"Q: {row['text']}\nA: Let's think step by step." for row in rows]
    seconds = [
        f"{p}{t[0]}\nTherefore, the answer is"
        for p, t in zip(firsts, model.answers(firsts), strict=True)
    ]
    texts = model.answers(seconds, limit=8)
    return rate(
        sum(t[0].strip().rstrip(".") == row["answer"] for t, row in zip(texts, rows, strict=True)),
        len(rows),
    )


def socratic(model: Model, rows: Sequence[Row]) -> Figure:
    """Accuracy with sub-questions."""
    texts = model.answers(
        [f"Q: {row['text']}\nA: Let's break it into sub-questions." for row in rows], limit=256
    )
    return rate(
        sum(final(t[0], "####") == row["answer"] for t, row in zip(texts, rows, strict=True)),
        len(rows),
    )


def conditioned(model: Model, rows: Sequence[Row], given: Sequence[str]) -> Figure:
    """How often a rationale asked for a given answer ends in it."""
    prompts = [
        f"Q: {row['text']}\nA: The answer is {answer}."
        for row, answer in zip(rows, given, strict=True)
    ]
    texts = model.answers(prompts)
    return rate(
        sum(last_number(t[0]) == answer for t, answer in zip(texts, given, strict=True)), len(rows)
    )


def sampled(model: Model, rows: Sequence[Row], temperature: float) -> Figure:
    """Four samples a question: wrong share, solved at least once, and how different they are."""
    groups = model.answers(
        [f"Q: {row['text']}\nA:" for row in rows], samples=4, temperature=temperature
    )
    right = [
        [final(t, "####") == row["answer"] for t in texts]
        for texts, row in zip(groups, rows, strict=True)
    ]
    equations = [len({tuple(_EQUATION.findall(t)) for t in texts}) for texts in groups]
    return {
        "temperature": temperature,
        "right": rate(sum(map(sum, right)), 4 * len(rows)),
        "solved_once": rate(sum(map(any, right)), len(rows)),
        "distinct_texts": round(sum(len(set(texts)) for texts in groups) / len(rows), 2),
        "distinct_equation_lists": round(sum(equations) / len(rows), 2),
    }


def wrong_answers(rows: Sequence[Row], kind: str) -> list[str]:
    """One wrong answer a question: `nearby`, or `earlier` (the result of the step before)."""
    given = []
    for row in rows:
        rng = stream("wrong", kind, row["id"])
        answer = int(row["answer"])
        if kind == "earlier":
            results = [e.split("=")[1] for e in _EQUATION.findall(row["rationale"])]
            given.append(results[-2] if results[-2] != row["answer"] else str(answer + 1))
        else:
            given.append(
                str(
                    answer
                    + pick(
                        rng, [d for d in (-10, -5, -3, -2, -1, 1, 2, 3, 5, 10) if answer + d > 0]
                    )
                )
            )
    return given


def teacher(folder: Path, n: int | None) -> Figure:
    """Every figure of the teacher."""
    model, some = Model(folder), n or 500
    rows = questions("test", n)
    right = solved(model, rows)
    report: Figure = {"in_distribution": rate(sum(right), len(rows)), "by_steps": {}}
    for steps in (2, 3, 4):
        flags = [f for f, row in zip(right, rows, strict=True) if row["meta"]["steps"] == steps]
        report["by_steps"][str(steps)] = rate(sum(flags), len(flags))
    for name in (*SHIFTS, "yesno-test", "choice-test"):
        report[name] = plain(model, questions(name, n))
    rows = questions("test", some)
    report["zero_shot_two_calls"] = two_calls(model, rows)
    report["sub_questions"] = socratic(model, rows)
    report["given_right_answer"] = conditioned(model, rows, [row["answer"] for row in rows])
    for kind in ("nearby", "earlier"):
        report[f"given_wrong_answer_{kind}"] = conditioned(model, rows, wrong_answers(rows, kind))
    report["samples"] = sampled(model, questions("train", some), 1.0)
    return report


@torch.no_grad()
def copying(model: Model, n: int = 300) -> Figure:
    """Cross-entropy (nats) of the digits of a problem's facts, written after it."""
    rng, world = stream("copying"), Corpus(held_out())
    total, count = 0.0, 0
    digits = [model.tokenizer.convert_tokens_to_ids(d) for d in "0123456789"]
    for _ in range(n):
        problem = world.problem(rng, World())
        facts = facts_of(problem)
        if model.encoder:
            ids = torch.tensor([model.tokenizer(f"Facts: {problem.text}")["input_ids"]])
            labels = torch.tensor([[*model.tokenizer(facts)["input_ids"], 1]])
            logits = model.model(input_ids=ids, labels=labels).logits[0]
            targets = labels[0]
        else:
            prompt = model.tokenizer(problem.text)["input_ids"]
            ids = torch.tensor([[*prompt, *model.tokenizer(f" Facts: {facts}")["input_ids"]]])
            logits = model.model(input_ids=ids).logits[0, len(prompt) - 1 : -1]
            targets = ids[0, len(prompt) :]
        losses = functional.cross_entropy(logits, targets, reduction="none")
        chosen = torch.isin(targets, torch.tensor(digits))
        total, count = total + float(losses[chosen].sum()), count + int(chosen.sum())
    return {"digits": count, "cross_entropy": round(total / count, 4)}


def student_prompt(model: Model, row: Row) -> str:
    """The fine-tuning input of a question."""
    return str(row["text"]) if model.encoder else f"{row['text']} ###"


def fine_tuned_accuracy(model: Model, rows: Sequence[Row]) -> Figure:
    """Greedy accuracy with the fine-tuning strings."""
    texts = model.answers([student_prompt(model, row) for row in rows])
    return rate(
        sum(final(t[0], "-->") == row["answer"] for t, row in zip(texts, rows, strict=True)),
        len(rows),
    )


def untuned(model: Model, rows: Sequence[Row]) -> Figure:
    """How often an untuned base ends in the right number; the better one of two prompts."""
    prompts: tuple[Callable[[Row], str], ...] = (
        lambda row: student_prompt(model, row),
        lambda row: f"Q: {row['text']}\nA:",
    )
    counts = []
    for prompt in prompts:
        texts = model.answers([prompt(row) for row in rows])
        counts.append(
            sum(last_number(t[0]) == row["answer"] for t, row in zip(texts, rows, strict=True))
        )
    return rate(max(counts), len(rows))


def fine_tune(
    model: Model,
    rows: Sequence[Row],
    budget: int,
    *,
    lr: float,
    seed: int,
    batch: int = 16,
    answer_only: bool = False,
) -> int:
    """Fine-tune on gold solutions with AdamW to a budget of tokens (no padding); return them."""
    encode = model.tokenizer
    pairs = []
    for row in rows:
        lead = " " if not model.encoder else ""
        target = (
            f"{lead}{row['answer']}"
            if answer_only
            else f"{lead}{row['rationale']} --> {row['answer']}"
        )
        pairs.append(
            (encode(student_prompt(model, row))["input_ids"], [*encode(target)["input_ids"], 1])
        )
    optimiser = torch.optim.AdamW(
        model.model.parameters(), lr=lr, betas=(0.9, 0.98), weight_decay=0.01
    )
    rng, done = stream("fine-tune", seed), 0
    model.model.train()
    while done < budget:
        order = sorted(range(len(pairs)), key=lambda _: rng.random())
        for start in range(0, len(order), batch):
            chosen = [pairs[i] for i in order[start : start + batch]]
            progress = done / budget
            for group in optimiser.param_groups:
                group["lr"] = lr * min(1.0, progress / 0.05 + 0.02, max(0.02, 1.0 - progress))
            loss = _fine_tune_loss(model, chosen)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.model.parameters(), 1.0)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            done += sum(len(p) + len(c) for p, c in chosen)
            if done >= budget:
                break
    model.model.eval()
    return done


def _rows_tensor(rows: Iterable[list[int]], fill: int) -> torch.Tensor:
    rows = list(rows)
    length = max(map(len, rows))
    return torch.tensor([row + [fill] * (length - len(row)) for row in rows], device=DEVICE)


def _fine_tune_loss(model: Model, chosen: Sequence[tuple[list[int], list[int]]]) -> torch.Tensor:
    with torch.autocast(DEVICE, torch.bfloat16):
        if model.encoder:
            inputs = {
                "input_ids": _rows_tensor((p for p, _ in chosen), 0),
                "attention_mask": _rows_tensor(([1] * len(p) for p, _ in chosen), 0),
                "decoder_input_ids": _rows_tensor(([0, *c[:-1]] for _, c in chosen), 0),
            }
            logits = model.model(**inputs, use_cache=False).logits
            labels = _rows_tensor((c for _, c in chosen), -100)
        else:
            ids = _rows_tensor((p + c for p, c in chosen), 0)
            logits = model.model(input_ids=ids[:, :-1], use_cache=False).logits
            labels = _rows_tensor(([-100] * len(p) + c for p, c in chosen), -100)[:, 1:]
    return functional.cross_entropy(
        logits.float().flatten(0, 1), labels.flatten(), ignore_index=-100
    )


def student(folder: Path, n: int | None, *, budget: int, lr: float, seeds: Sequence[int]) -> Figure:
    """Every figure of a base: copying, untuned, fine-tuned on 1,000 solutions or answers."""
    rows, train = questions("test", n), questions("train", 1000)
    base = Model(folder)
    report: Figure = {
        "copied_digits": copying(base),
        "untuned": untuned(base, questions("test", n or 500)),
    }
    runs = []
    for seed in seeds:
        model, begun = Model(folder), time.time()
        done = fine_tune(model, train, budget, lr=lr, seed=seed)
        run: Figure = {
            "seed": seed,
            "tokens": done,
            "lr": lr,
            "seconds": round(time.time() - begun),
        }
        run["in_distribution"] = fine_tuned_accuracy(model, rows)
        if seed == seeds[0]:
            run |= {name: fine_tuned_accuracy(model, questions(name, n)) for name in SHIFTS}
        runs.append(run)
    report["fine_tuned"] = runs
    model = Model(folder)
    done = fine_tune(model, train, budget, lr=lr, seed=0, answer_only=True)
    report["fine_tuned_answer_only"] = {
        "tokens": done,
        "in_distribution": fine_tuned_accuracy_bare(model, rows),
    }
    return report


def fine_tuned_accuracy_bare(model: Model, rows: Sequence[Row]) -> Figure:
    """Greedy accuracy where the target was the answer alone."""
    texts = model.answers([student_prompt(model, row) for row in rows], limit=6)
    return rate(
        sum(t[0].strip() == row["answer"] for t, row in zip(texts, rows, strict=True)), len(rows)
    )
