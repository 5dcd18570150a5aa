"""Examples to ids: nothing merged across the boundary, nothing of the answer ever cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.decoding.text import decode_completions, encode_prompts
from cotkd.errors import DataError, SettingError
from cotkd.formats.answer_only import AnswerOnly
from cotkd.formats.rationale_answer import RationaleAnswer
from cotkd.formats.tokenize import TokenizedExample, tokenize_examples
from cotkd.types import Example
from tests.formats.rows import question, rationale
from tests.tiny import EOS, build_tokenizer

SPECIAL = build_tokenizer().all_special_tokens
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=30
).filter(lambda text: not any(token in text for token in SPECIAL))
"""Texts that do not spell the tokenizer's own words for padding or the end."""


spelling = st.lists(st.one_of(texts, st.sampled_from(SPECIAL)), min_size=1, max_size=4).map("".join)
"""Texts that may."""


def tokenize(example: Example, max_length: int | None = None) -> TokenizedExample:
    (row,) = tokenize_examples(
        [example], build_tokenizer(), architecture="decoder", max_length=max_length
    )
    return row


def of(target: str, **changes: object) -> Example:
    values = {"example_id": "e", "question_id": "q", "input": "How many eggs? ###"}
    return Example.model_validate(values | {"target": target} | changes)


def text(ids: list[int]) -> str:
    decoded = build_tokenizer().decode(ids, skip_special_tokens=True)
    assert isinstance(decoded, str)
    return decoded


@given(texts, spelling)
def test_prompt_ids_of_training_are_those_of_inference(prompt: str, target: str) -> None:
    row = tokenize(of(target, input=prompt))
    tokenizer = build_tokenizer()
    assert [row.prompt] == encode_prompts(tokenizer, [prompt], architecture="decoder")
    assert row.target[-1] == EOS
    assert EOS not in row.target[:-1], "a text that spells the end is letters"
    (generated,) = decode_completions(tokenizer, [row.prompt], [row.target])
    assert generated == target


def test_an_end_that_a_teacher_wrote_is_letters_and_the_answer_is_still_found() -> None:
    asked = question(answer="12")
    written = rationale(asked, "It is 3</s> times 4.")
    (example,) = RationaleAnswer().examples(asked, [written], "decoder")
    row = tokenize(example.model_copy(update={"loss_spans": (example.answer_span,)}))
    assert row.target.count(EOS) == 1
    trained = [one for one, on in zip(row.target, row.trained, strict=True) if on]
    assert text(trained).strip() == "--> 12"
    assert "3</s> times" in text(row.target)


def test_whole_target_and_its_end_are_trained_by_default() -> None:
    row = tokenize(of(" 3*4=12 eggs"))
    assert all(row.trained)
    assert row.trained_tokens == len(row.target)


@given(st.text("ab é€3 =*", min_size=6, max_size=30), st.data())
def test_loss_spans_train_the_tokens_that_they_touch(target: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(target) - 1))
    stop = data.draw(st.integers(start + 1, len(target)))
    row = tokenize(of(target, loss_spans=((start, stop),)))
    offsets = build_tokenizer()(target, add_special_tokens=False, return_offsets_mapping=True)[
        "offset_mapping"
    ]
    touched = [a < stop and b > start for a, b in offsets]
    assert row.trained == [*touched, stop == len(target)]
    covered = {i for (a, b), on in zip(offsets, touched, strict=True) if on for i in range(a, b)}
    assert covered >= set(range(start, stop))


@pytest.mark.parametrize("order", ["rationale_first", "answer_first"])
@pytest.mark.parametrize("room", range(9, 40))
def test_truncation_keeps_prompt_and_answer_and_cuts_the_rationales_end(
    order: str, room: int
) -> None:
    asked = question(7)
    (example,) = RationaleAnswer.parse({"order": order}).examples(
        asked, [rationale(asked)], "decoder"
    )
    whole = tokenize(example)
    limit = len(whole.prompt) + room
    row = tokenize(example, limit)
    assert row.prompt == whole.prompt
    assert row.length <= limit
    assert row.truncated == (whole.length > limit)
    assert example.answer_span is not None
    start, stop = example.answer_span
    assert example.target[start:stop] in text(row.target)
    if row.truncated:
        assert row.length == limit
        rationale_part = example.target[:start] if order == "rationale_first" else example.target
        kept = text(row.target).removesuffix(example.target[start:stop])
        assert rationale_part.startswith(kept.rstrip("\ufffd"))
        assert (row.target[-1] == EOS) == (order == "rationale_first")


def test_prompt_and_answer_that_do_not_fit_are_refused() -> None:
    (example,) = AnswerOnly().examples(question(), [], "decoder")
    with pytest.raises(DataError, match=r"'q0' does not fit max_length=5: its prompt has \d+ tok"):
        tokenize(example, 5)


def test_an_example_whose_trained_part_would_be_cut_away_is_refused() -> None:
    long = "x" * 100
    with pytest.raises(DataError, match="does not fit max_length=40"):
        tokenize(of(long + " 12", loss_spans=((101, 103),)), 40)


def test_empty_sides_spans_and_lists_are_refused() -> None:
    with pytest.raises(DataError, match="'e' has an empty target"):
        tokenize(of(""))
    with pytest.raises(DataError, match="loss spans cover no token"):
        tokenize(of("abc", loss_spans=((1, 1),)))
    with pytest.raises(DataError, match="no training examples"):
        tokenize_examples([], build_tokenizer(), architecture="decoder")


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), -1.0])
def test_a_weight_that_is_no_number_is_refused(weight: float) -> None:
    row = of("abc").model_copy(update={"weight": weight})
    with pytest.raises(DataError, match=f"'e' has weight {weight}: a weight is a number"):
        tokenize(row)


def test_a_tokenizer_without_end_token_is_refused() -> None:
    class Endless:
        eos_token_id = None
        name_or_path = "endless"

    with pytest.raises(SettingError, match="'endless' has no end-of-sequence token"):
        tokenize_examples([of("a")], Endless(), architecture="decoder")  # type: ignore[arg-type]
