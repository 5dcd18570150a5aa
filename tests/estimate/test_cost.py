"""Formulas against what is counted: operations by torch, files by their size, numbers by hand."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from cotkd.errors import SettingError
from cotkd.estimate.cost import KEPT_BYTES, Estimate, estimate, train_flops, write_seconds
from cotkd.estimate.hardware import Hardware, hardware_of
from cotkd.estimate.shape import shape_of, shape_of_config
from cotkd.estimate.wording import FORMULAS, lines
from cotkd.estimate.workload import Assumptions, workload_of
from cotkd.settings.recipe import find_recipe, resolve
from cotkd.stages.settings import RunConfig
from cotkd.students.student import Student
from tests.tiny import build_tokenizer, tiny_llama, tiny_qwen3, tiny_t5

A100 = hardware_of("A100")
WIDE = {"hidden_size": 256, "intermediate_size": 512, "num_hidden_layers": 4}


def config_of(recipe: str, **flags: str) -> RunConfig:
    named = [(name.replace("__", "."), value) for name, value in flags.items()]
    return resolve(find_recipe(recipe), named)


def counted(model: Any, **inputs: torch.Tensor) -> int:
    """Return the operations of a forward and a backward pass, as torch counts them."""
    with FlopCounterMode(display=False) as counter:
        model(**inputs).logits.float().sum().backward()
    return counter.get_total_flops()


def test_a_decoder_takes_six_operations_a_weight_and_token() -> None:
    model = tiny_llama(**WIDE)
    tokens = torch.arange(48).reshape(2, 24) % 320
    shape = shape_of_config(model.config.to_dict())
    each = train_flops(shape, 0.5, config_of("fine_tune_cot"))
    # norms, attention over 24 tokens and the first layer's unneeded gradient make the difference
    assert counted(model, input_ids=tokens) / 48 == pytest.approx(each, rel=0.05)


def test_an_encoder_decoder_takes_them_where_a_token_goes() -> None:
    model = tiny_t5(d_model=256, d_ff=1024, d_kv=32, num_heads=8, num_layers=4)
    prompt, target = torch.arange(60).reshape(2, 30), torch.arange(20).reshape(2, 10)
    shape = shape_of_config(model.config.to_dict())
    each = train_flops(shape, 20 / 80, config_of("fine_tune_cot"))
    found = counted(model, input_ids=prompt, decoder_input_ids=target)
    # keys and values of the prompt are made in the decoder as well
    assert found / 80 == pytest.approx(each, rel=0.2)


def test_adapters_save_a_third_and_checkpointing_costs_as_much() -> None:
    shape = shape_of("Qwen/Qwen2.5-0.5B")
    full = train_flops(shape, 0.5, config_of("fine_tune_cot"))
    lora = config_of("fine_tune_cot", student__lora__rank="8")
    again = config_of("fine_tune_cot", training__gradient_checkpointing="true")
    assert train_flops(shape, 0.5, lora) == pytest.approx(full * 4 / 6)
    assert train_flops(shape, 0.5, again) == pytest.approx(full * 8 / 6)


def kept_bytes(model: Any, **inputs: torch.Tensor) -> int:
    """Return what a forward pass in bfloat16 keeps for the backward one, weights left out."""
    weights = {weight.data_ptr() for weight in model.parameters()}
    found: dict[int, int] = {}
    alive = []

    def note(tensor: torch.Tensor) -> torch.Tensor:
        alive.append(tensor)
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            found[storage.data_ptr()] = storage.nbytes()
        return tensor

    hooks = torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor)
    with hooks, torch.autocast("cpu", dtype=torch.bfloat16):
        model(**inputs)
    return sum(found.values())


@pytest.mark.parametrize(
    ("build", "settings", "close"),
    [
        (tiny_llama, WIDE | {"intermediate_size": 896}, 0.15),
        (tiny_qwen3, WIDE | {"intermediate_size": 896, "head_dim": 64}, 0.15),
        (tiny_t5, {"d_model": 256, "d_kv": 64, "d_ff": 704, "num_layers": 4}, 0.3),
    ],
    ids=["llama", "qwen3", "t5"],
)
def test_activations_take_what_the_formula_says(
    build: Any, settings: dict[str, Any], close: float
) -> None:
    model = build(**settings, vocab_size=320).train()
    model.set_attn_implementation("sdpa")
    shape = shape_of_config(model.config.to_dict())
    assert shape is not None
    prompt, target = 20, 44

    def kept(rows: int) -> int:
        tokens = torch.arange(rows * 64).reshape(rows, 64) % 318 + 2
        if not shape.encoder:
            return kept_bytes(model.model, input_ids=tokens)
        states = {"input_ids": tokens[:, :prompt], "decoder_input_ids": tokens[:, prompt:]}
        return kept_bytes(model, **states)

    # the weights' own copies are the same for any number of rows; logits are counted apart
    each = (kept(6) - kept(2)) / (4 * 64)
    logits = 0 if not shape.encoder else 2 * 320 * target / 64
    ends = shape.of_a_token(shape.linear, shape.linear_encoder, target / (prompt + target))
    assert each - logits == pytest.approx(KEPT_BYTES * ends, rel=close)


def test_the_numbers_of_a_recipe_by_hand() -> None:
    found = estimate(config_of("gsm8k_fine_tune_cot"), A100)
    weights = 494_032_768
    examples = 7473 * 4 * 0.7
    tokens = 3 * examples * (60 + 1 + 200)
    assert found.workload.calls == (7473 * 4, 7473 * 4)
    assert found.workload.examples.expected == pytest.approx(examples)
    assert found.workload.trained.expected == pytest.approx(tokens)
    assert found.training_flops.expected == pytest.approx(2 * 6 * weights * tokens)
    hours = 2 * 6 * weights * tokens / (312e12 * 0.4) / 3600
    assert found.seconds["train"].expected / 3600 == pytest.approx(hours)
    assert found.memory.weights == 18 * weights
    assert found.disk["students"] == 2 * 4 * weights
    assert found.disk["downloads"] == 2 * (weights + 7_615_616_512)


def test_writing_is_bound_by_bandwidth_arithmetic_or_launches() -> None:
    shape = shape_of("Qwen/Qwen2.5-7B-Instruct")
    assert shape is not None
    device = Hardware("test", 1e15, 1e12, 1e12)
    assumed = Assumptions(reading_use=1, bandwidth_use=1)

    def seconds(rows: int, *, launched: bool = False) -> float:
        return write_seconds(
            shape,
            texts=rows,
            prompt=0,
            written=100,
            rows=rows,
            weight_bytes=2,
            hardware=device,
            assumed=assumed,
            launched=launched,
        )

    cache = 50 * shape.cached * 2
    assert seconds(1) == pytest.approx(100 * (shape.decoder * 2 + cache) / 1e12)
    assert seconds(1, launched=True) == pytest.approx(100 * 28 * 0.001)
    assert seconds(100) == pytest.approx(100 * (shape.decoder * 2 + 100 * cache) / 1e12)
    assert seconds(10_000) == pytest.approx(100 * 2 * shape.decoder * 10_000 / 1e15)


def test_a_saved_student_is_as_large_as_estimated(tmp_path: Path) -> None:
    model = tiny_llama(**WIDE)
    Student("s", model, build_tokenizer()).save(tmp_path / "student")
    saved = (tmp_path / "student" / "model.safetensors").stat().st_size
    shape = shape_of(str(tmp_path / "student"))
    assert shape is not None
    assert saved == pytest.approx(4 * shape.parameters, rel=0.01)


def test_local_questions_are_counted_and_larger_settings_take_more() -> None:
    small = workload_of(config_of("fine_tune_cot"), Assumptions())
    assert small.questions.exact
    assert small.questions.number == 750
    assert small.asked == 1700
    more = workload_of(config_of("fine_tune_cot", samples="8"), Assumptions())
    assert more.calls.expected == 2 * small.calls.expected
    crop = workload_of(config_of("mt_cot"), Assumptions())
    assert small.calls.expected < crop.calls.expected < crop.calls.most == 2 * small.calls.most
    scott = workload_of(config_of("scott"), Assumptions())
    assert scott.calls.expected == 2 * small.calls.expected


def test_a_run_on_gold_solutions_asks_no_teacher_and_counts_its_examples() -> None:
    gold = workload_of(config_of("gsm8k_socratic"), Assumptions())
    assert gold.calls == (0, 0)
    assert gold.examples.expected >= gold.questions.number == 7473
    assert gold.trained.expected > 0
    answers = workload_of(
        config_of("gsm8k_fine_tune_cot", **{"method.kind": "answer_only"}), Assumptions()
    )
    assert answers.examples.expected == 7473


def test_a_model_that_is_told_to_think_writes_more() -> None:
    quiet = workload_of(config_of("gsm8k_qwen3"), Assumptions())
    thinking = workload_of(config_of("gsm8k_qwen3_thinking"), Assumptions())
    assert quiet.written.expected == 200
    assert thinking.written.expected == thinking.answered.expected == 2048


def test_a_hosted_teacher_costs_money_and_no_hours() -> None:
    prices = "{gpt-x: {prompt: 1.0, completion: 10.0}}"
    config = config_of(
        "gsm8k_fine_tune_cot",
        teacher__kind="openai",
        teacher__model="gpt-x",
        teacher__base_url="http://127.0.0.1:9/v1",
        budget__prices=prices,
        evaluation__teacher="false",
    )
    found = estimate(config, A100)
    work = found.workload
    assert found.teacher is None
    assert found.seconds["sample"] == (0, 0)
    assert found.memory.teacher == 0
    assert found.cost is not None
    expected = work.calls.expected * (work.prompt * 1 + work.written.expected * 10) / 1e6
    assert found.cost.expected == pytest.approx(expected)
    evaluated = config.evaluation.model_copy(update={"teacher": True})
    both = estimate(config.model_copy(update={"evaluation": evaluated}), A100).cost
    assert both is not None
    asked = 1 + work.asked / work.calls.expected  # the teacher answers the suites' questions once
    assert both.expected == pytest.approx(expected * asked)


def text_of(found: Estimate) -> str:
    return "\n".join(lines(found))


def test_formulas_and_assumptions_are_printed() -> None:
    text = text_of(estimate(config_of("gsm8k_fine_tune_cot"), A100))
    assert all(line in text for line in FORMULAS)
    for name, value in Assumptions().dump().items():
        assert f"  {name} {value:g}: " in text
    for word in ("tokens written", "GPU hours", "memory", "disk", "7.62 B parameters"):
        assert word in text
    assert "more than the device has" not in text


def test_what_does_not_fit_is_said() -> None:
    text = text_of(estimate(config_of("gsm8k_fine_tune_cot"), hardware_of("t4")))
    assert "more than the device has" in text


def test_a_device_that_is_not_known_names_the_known_ones() -> None:
    with pytest.raises(SettingError, match="unknown gpu 'A1000': did you mean 'A100'"):
        hardware_of("A1000")
