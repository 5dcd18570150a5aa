"""Train the MicroGSM checkpoints from scratch, and measure them.

    python benchmarks/microgsm_checkpoints.py teacher|student|student-t5
        [--tokens N] [--out DIR] [--resume]
    python benchmarks/microgsm_checkpoints.py measure [--only NAME] [--questions N]

Training is seeded; it saves its state every two minutes under `runs/checkpoints/` and `--resume`
goes on from there. It uses an accelerator where there is one. On CPU one thread per process is the
efficient choice: `OMP_NUM_THREADS=1`.
"""

import argparse
import dataclasses
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
from microgsm import base_corpus as base
from microgsm import corpus as text
from microgsm import tokenizer as tokens
from torch import Tensor
from torch.nn import functional

from cotkd.questions.microgsm.problems import stream

ROOT = Path(__file__).resolve().parents[1]
CHECKPOINTS = ROOT / "data" / "checkpoints"
STATES = ROOT / "runs" / "checkpoints"
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"

LABELS = frozenset(map(tokens.vocabulary().index, (" yes", " no", " A", " B", " C", " D")))


@dataclass(frozen=True)
class Recipe:
    """How one checkpoint is trained.

    The weights are loss weights of prompts and of label tokens; `stages` are other documents from
    a chunk (of 4,000 documents) on.
    """

    name: str
    width: int
    layers: int
    heads: int
    hidden: int
    document: Callable[..., text.Document]
    tokens: int
    batch_tokens: int = 4096
    muon: float = 6e-3
    adamw: float = 3e-3
    prompt_weight: float = 1.0
    label_weight: float = 1.0
    encoder: bool = False
    stages: tuple[tuple[int, Callable[..., text.Document]], ...] = ()
    temperature: float | None = None
    seed: int = 0


RECIPES = {
    "teacher": Recipe(
        "microgsm-teacher",
        192,
        5,
        6,
        512,
        text.teacher_document,
        16_000_000,
        prompt_weight=0.1,
        label_weight=4.0,
        temperature=1.0,
    ),
    "student": Recipe("microgsm-student", 128, 4, 4, 352, base.base_document, 10_000_000),
    "student-t5": Recipe(
        "microgsm-student-t5",
        128,
        3,
        4,
        256,
        base.early_pair_document,
        20_000_000,
        encoder=True,
        stages=((15, base.pair_document), (67, base.late_pair_document)),
    ),
}

FINE_TUNING: dict[str, dict[str, Any]] = {
    "student": {"budget": 1_000_000, "lr": 1e-3},
    "student-t5": {"budget": 1_500_000, "lr": 1e-3},
}
"""How a base is fine-tuned to be measured: tokens of gold solutions of 1,000 questions, AdamW."""


def new_model(recipe: Recipe) -> Any:
    """A freshly initialised `transformers` model for a recipe."""
    from transformers import LlamaConfig, LlamaForCausalLM, T5Config, T5ForConditionalGeneration

    torch.manual_seed(recipe.seed)
    shared: dict[str, Any] = {
        "vocab_size": len(tokens.vocabulary()) + 256,
        "pad_token_id": 0,
        "eos_token_id": 1,
    }
    if recipe.encoder:
        config = T5Config(
            d_model=recipe.width,
            d_kv=recipe.width // recipe.heads,
            d_ff=recipe.hidden,
            num_layers=recipe.layers,
            num_heads=recipe.heads,
            relative_attention_num_buckets=64,
            relative_attention_max_distance=128,
            dropout_rate=0.0,
            feed_forward_proj="gated-gelu",
            decoder_start_token_id=0,
            attn_implementation="eager",
            **shared,
        )
        return T5ForConditionalGeneration(config).to(DEVICE)
    config = LlamaConfig(
        hidden_size=recipe.width,
        intermediate_size=recipe.hidden,
        num_hidden_layers=recipe.layers,
        num_attention_heads=recipe.heads,
        num_key_value_heads=recipe.heads,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        bos_token_id=None,
        attn_implementation="eager",
        **shared,
    )
    return LlamaForCausalLM(config).to(DEVICE)


Batch = tuple[Tensor, ...]


def _padded(rows: list[list[float]], fill: float, dtype: torch.dtype) -> Tensor:
    length = max(map(len, rows))
    return torch.tensor([row + [fill] * (length - len(row)) for row in rows], dtype=dtype)


def _decoder_batch(rows: list[tuple[list[int], list[int]]], recipe: Recipe) -> Batch:
    """Right-padded ids and each position's weight as a target; a causal model needs no mask."""
    weights = [
        [recipe.prompt_weight] * len(p) + [recipe.label_weight if t in LABELS else 1.0 for t in c]
        for p, c in rows
    ]
    return _padded([p + c for p, c in rows], 0, torch.long), _padded(weights, 0.0, torch.float)


def _encoder_batch(rows: list[tuple[list[int], list[int]]]) -> Batch:
    return (
        _padded([p for p, _ in rows], 0, torch.long),
        _padded([[1] * len(p) for p, _ in rows], 0, torch.long),
        _padded([[0, *c[:-1]] for _, c in rows], 0, torch.long),
        _padded([c for _, c in rows], -100, torch.long),
    )


def batches(recipe: Recipe, start: int) -> Iterator[tuple[int, int, Batch]]:
    """(index, tokens, batch) from a batch index on; each chunk of documents has its own stream."""
    encoder, world = tokens.tokenizer(), text.Corpus(text.held_out())
    index = 0
    for chunk in range(10**9):
        rng = stream("corpus", recipe.name, recipe.seed, chunk)
        document = recipe.document
        for first, other in recipe.stages:
            document = other if chunk >= first else document
        documents = [document(rng, world) for _ in range(4000)]
        prompts = [e.ids for e in encoder.encode_batch([p for p, _ in documents])]
        completions = [[*e.ids, 1] for e in encoder.encode_batch([c for _, c in documents])]
        rows = sorted(
            zip(prompts, completions, strict=True), key=lambda r: (len(r[0]) + len(r[1]), len(r[1]))
        )
        groups: list[list[tuple[list[int], list[int]]]] = [[]]
        for row in rows:
            if (len(groups[-1]) + 1) * (len(row[0]) + len(row[1])) > recipe.batch_tokens:
                groups.append([])
            groups[-1].append(row)
        groups.sort(key=lambda _: rng.random())
        for group in groups:
            if index >= start:
                size = sum(len(p) + len(c) for p, c in group)
                yield (
                    index,
                    size,
                    _encoder_batch(group) if recipe.encoder else _decoder_batch(group, recipe),
                )
            index += 1


def batch_loss(recipe: Recipe, model: Any, batch: Batch) -> Tensor:
    """The mean loss per weighted target token."""
    batch = tuple(part.to(DEVICE, non_blocking=True) for part in batch)
    with torch.autocast(DEVICE, torch.bfloat16):
        if recipe.encoder:
            ids, mask, inputs, labels = batch
            logits = model(
                input_ids=ids, attention_mask=mask, decoder_input_ids=inputs, use_cache=False
            ).logits
            return functional.cross_entropy(
                logits.float().flatten(0, 1), labels.flatten(), ignore_index=-100
            )
        ids, weights = batch
        logits = model(input_ids=ids[:, :-1], use_cache=False).logits
        losses = functional.cross_entropy(
            logits.float().flatten(0, 1), ids[:, 1:].flatten(), reduction="none"
        )
        targets = weights[:, 1:].flatten()
        return (losses * targets).sum() / targets.sum()


def optimisers(recipe: Recipe, model: Any) -> list[torch.optim.Optimizer]:
    """Muon for the weight matrices, AdamW for embeddings, norms and position biases."""
    named = list(model.named_parameters())
    flat = [
        p
        for n, p in named
        if p.ndim != 2 or "embed" in n or "shared" in n or "relative" in n or "lm_head" in n
    ]
    matrices = [p for _, p in named if all(p is not q for q in flat)]
    return [
        torch.optim.Muon(
            matrices, lr=recipe.muon, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"
        ),
        torch.optim.AdamW(flat, lr=recipe.adamw, betas=(0.9, 0.98), weight_decay=0.0),
    ]


def rate(progress: float) -> float:
    """The learning-rate factor: 2 % warm-up, flat until 40 %, then down to 2 %."""
    return min(1.0, progress / 0.02, max(0.02, (1.0 - progress) / 0.6))


def save_state(path: Path, state: dict[str, Any]) -> None:
    """Write a state so that an interruption leaves the one before it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(state, path.with_suffix(".tmp"))
    path.with_suffix(".tmp").replace(path)


def export(recipe: Recipe, model: Any, out: Path) -> None:
    """Save model, tokenizer and generation settings as `transformers` reads them, in bfloat16."""
    import copy

    from transformers import GenerationConfig

    folder = out / recipe.name
    saved = copy.deepcopy(model).to("cpu", torch.bfloat16)
    settings: dict[str, Any] = {"pad_token_id": 0, "eos_token_id": 1, "max_new_tokens": 256}
    if recipe.encoder:
        settings["decoder_start_token_id"] = 0
    if recipe.temperature is not None:
        settings |= {"do_sample": True, "temperature": recipe.temperature, "top_k": 0, "top_p": 1.0}
    saved.generation_config = GenerationConfig(**settings)
    saved.save_pretrained(folder)
    tokens.save(folder)


def train(recipe: Recipe, out: Path, resume: bool, minutes_between_exports: float = 10.0) -> None:
    """Train a checkpoint to its budget of tokens and export it, now and then already on the way."""
    model = new_model(recipe)
    parts = optimisers(recipe, model)
    state_path = STATES / f"{recipe.name}.pt"
    done, first, seconds = 0, 0, 0.0
    if resume and state_path.exists():
        state = torch.load(state_path, weights_only=True, map_location=DEVICE)
        model.load_state_dict(state["model"])
        for part, saved in zip(parts, state["optimisers"], strict=True):
            part.load_state_dict(saved)
        done, first, seconds = state["tokens"], state["index"], state["seconds"]
    count = sum(p.numel() for p in model.parameters())
    goal = f"{recipe.tokens:,} tokens from {done:,} on {DEVICE}"
    print(f"{recipe.name}: {count:,} parameters, {goal}", flush=True)
    peaks = [
        part.param_groups[0]["lr"] if not done else lr
        for part, lr in zip(parts, (recipe.muon, recipe.adamw), strict=True)
    ]
    begun, saved_at, logged, running = time.time() - seconds, time.time(), done, []
    for index, size, batch in batches(recipe, first):
        for part, peak in zip(parts, peaks, strict=True):
            part.param_groups[0]["lr"] = peak * rate((done + size) / recipe.tokens)
        loss = batch_loss(recipe, model, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for part in parts:
            part.step()
        model.zero_grad(set_to_none=True)
        done += size
        running.append(loss.item())
        if done - logged > 100_000 or done >= recipe.tokens:
            elapsed = time.time() - begun
            mean, speed = sum(running) / len(running), done / elapsed
            print(f"tokens {done:,} loss {mean:.4f} {speed:,.0f} tok/s", flush=True)
            logged, running = done, []
        if time.time() - saved_at > 90 or done >= recipe.tokens:
            saved_at = time.time()
            state = {
                "model": model.state_dict(),
                "optimisers": [part.state_dict() for part in parts],
                "tokens": done,
                "index": index + 1,
                "seconds": time.time() - begun,
            }
            save_state(state_path, state)
        if done >= recipe.tokens:
            break
    export(recipe, model, out)


def measure(checkpoints: Path, names: list[str], n: int | None, seeds: list[int]) -> None:
    """Measure some checkpoints and write the figures of all."""
    import microgsm_measure as figures
    import microgsm_report

    path = checkpoints / "figures.json"
    report = json.loads(path.read_text()) if path.exists() else {}
    for name in names:
        folder = checkpoints / RECIPES[name].name
        if name == "teacher":
            report[RECIPES[name].name] = figures.teacher(folder, n)
        else:
            settings = FINE_TUNING[name]
            report[RECIPES[name].name] = figures.student(folder, n, seeds=seeds, **settings)
        microgsm_report.write_report(report, checkpoints)
        print(json.dumps(report[RECIPES[name].name], indent=1), flush=True)
    microgsm_report.write_report(report, checkpoints)


def main() -> None:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=[*RECIPES, "measure"])
    parser.add_argument("--tokens", type=int, help="tokens to train on (default: the recipe's)")
    parser.add_argument("--out", type=Path, default=CHECKPOINTS)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--only", nargs="*", choices=list(RECIPES), default=list(RECIPES))
    parser.add_argument("--questions", type=int, help="questions a figure (default: all)")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    arguments = parser.parse_args()
    if arguments.command == "measure":
        measure(arguments.out, arguments.only, arguments.questions, arguments.seeds)
        return
    recipe = RECIPES[arguments.command]
    if arguments.tokens:
        recipe = dataclasses.replace(recipe, tokens=arguments.tokens)
    train(recipe, arguments.out, arguments.resume)


if __name__ == "__main__":
    main()
