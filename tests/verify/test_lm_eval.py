"""Strict and flexible scores are those of lm-evaluation-harness, text by text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotkd.verify import verifier_of
from cotkd.verify.lm_eval import RULES
from tests.verify.harness import harness_scores, require_lm_eval
from tests.verify.hostile import HOSTILE

PARTS = [
    "#### ",
    "####",
    "18",
    "-5",
    "1,000",
    "$",
    "18.00",
    ".",
    ",",
    "-",
    " ",
    "\n",
    "The answer is ",
]
PARTS += ["x", "٣", "½", "%", "2.", "=", "[invalid]", "\r\n", "##### 7"]


def _ours(rule: str, text: str, gold: str) -> bool:
    verifier = verifier_of({"kind": "lm_eval", "rule": rule})
    return verifier.verify(text, gold).status == "correct"


@pytest.mark.parametrize(
    ("text", "strict", "flexible"),
    [
        ("She makes $18.\n#### 18", "correct", "correct"),
        ("The answer is 18 dollars.", "unparsed", "correct"),
        ("#### 18.00", "wrong", "wrong"),
        ("#### $18", "unparsed", "correct"),
        ("#### 18\nThat is 2 more than 16.", "correct", "wrong"),
        ("Hm ... who knows?", "unparsed", "wrong"),
        ("", "unparsed", "unparsed"),
    ],
)
def test_the_two_rules(text: str, strict: str, flexible: str) -> None:
    for rule, expected in zip(RULES, (strict, flexible), strict=True):
        verifier = verifier_of({"kind": "lm_eval", "rule": rule})
        found = verifier.verify(text, "18").status
        assert found == expected, rule


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PARTS), max_size=9), st.sampled_from(["18", "-5", "1,000", "7."]))
def test_any_text_scores_as_in_the_harness(parts: list[str], gold: str) -> None:
    require_lm_eval()
    text = "".join(parts)
    for rule in RULES:
        (expected,) = harness_scores(rule, [text], [f"So.\n#### {gold}"])
        assert _ours(rule, text, gold) == expected


def test_hostile_texts_score_as_in_the_harness() -> None:
    require_lm_eval()
    texts = [text for text in HOSTILE.values() if len(text) < 20_000]
    for rule in RULES:
        expected = harness_scores(rule, texts, ["#### 4711"] * len(texts))
        assert [_ours(rule, text, "4711") for text in texts] == expected
