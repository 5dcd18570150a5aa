"""A card says what the data are, whose words, on what terms, and what was dropped."""

from pathlib import Path

import pytest
import yaml

from cotkd.errors import SettingError
from cotkd.interop.card import UNKNOWN, CardSettings, render_card, require_terms
from cotkd.interop.curated import Curated, read_curated
from cotkd.interop.exports.messages import Messages
from cotkd.interop.terms import terms_of
from tests.interop.runs import TEACHER, write_run


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Curated:
    return read_curated(write_run(tmp_path_factory.mktemp("run")))


def card_of(found: Curated, settings: CardSettings | None = None) -> str:
    return render_card(found, Messages(), 4, settings or CardSettings())


def test_the_card_names_data_teacher_terms_and_drops(found: Curated) -> None:
    card = card_of(found)
    assert "4 of `gsm8k`, split train" in card
    assert "arXiv:2110.14168; MIT" in card
    assert f"`{TEACHER}`: 10 rationales sampled" in card
    assert "licence: Apache-2.0" in card
    assert "10 rationales were sampled." in card
    assert "`correct` kept 5, dropped" in card
    assert "- 4 right rationales remain" in card


def test_the_front_matter_is_what_the_hub_reads(found: Curated) -> None:
    _, front, _ = card_of(found, CardSettings(licence="mit")).split("---\n", 2)
    values = yaml.safe_load(front)
    assert values["license"] == "mit"
    assert values["size_categories"] == ["n<1K"]
    assert "synthetic" in values["tags"]


def test_a_teacher_of_unknown_terms_is_said_to_be_one(found: Curated) -> None:
    strange = found._replace(teachers={"our-own-model": 10})
    assert card_of(strange).count(UNKNOWN) == 2
    with pytest.raises(SettingError, match=r"'our-own-model' is not known here.*--teacher-lic"):
        require_terms(strange, CardSettings())
    given = CardSettings(teacher_licence="MIT", teacher_terms="Anything goes.")
    require_terms(strange, given)
    assert "its outputs: Anything goes." in card_of(strange, given)


def test_a_licence_that_is_given_is_not_put_on_a_teacher_of_another_one(found: Curated) -> None:
    both = found._replace(teachers={TEACHER: 6, "our-own-model": 4})
    card = card_of(both, CardSettings(teacher_licence="MIT", teacher_terms="Anything goes."))
    assert f"- `{TEACHER}`: 6 rationales sampled\n  - licence: Apache-2.0" in card
    assert "- `our-own-model`: 4 rationales sampled\n  - licence: MIT" in card
    alone = card_of(found, CardSettings(teacher_licence="MIT"))
    assert f"- `{TEACHER}`: 10 rationales sampled\n  - licence: MIT" in alone


@pytest.mark.parametrize(
    ("teacher", "licence"),
    [
        ("microgsm-teacher", "Apache-2.0"),
        ("Qwen/Qwen3-8B", "Apache-2.0"),
        ("Qwen/Qwen2.5-7B-Instruct", "Apache-2.0"),
        ("Qwen/Qwen2.5-3B-Instruct", "Qwen licence"),
        ("Qwen/Qwen2.5-Math-72B", "Qwen licence"),
        ("Qwen/Qwen2.5-VL-72B-Instruct", "Qwen licence"),
        ("Qwen/Qwen2.5-VL-7B-Instruct", "Apache-2.0"),
        ("meta-llama/Llama-3.1-8B-Instruct", "Llama community licence"),
        ("deepseek-ai/DeepSeek-R1", "MIT"),
        (
            "deepseek-ai/DeepSeek-R1-Distill-Llama-8B",
            "MIT, and the Llama community licence of its base",
        ),
        ("deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", "MIT"),
        ("google/gemma-3-4b-it", "Gemma terms of use"),
        ("gpt-4o-mini", "OpenAI terms of use"),
        ("openai/gpt-oss-20b", "Apache-2.0"),
        ("claude-sonnet-4", "Anthropic terms of service"),
    ],
)
def test_terms_of_well_known_teachers(teacher: str, licence: str) -> None:
    terms = terms_of(teacher)
    assert terms is not None
    assert terms.licence == licence


def test_a_folder_is_asked_for_its_own_card(tmp_path: Path) -> None:
    assert terms_of(str(tmp_path)) is None
    (tmp_path / "README.md").write_text("---\nlanguage: en\nlicense: apache-2.0\n---\n# A model\n")
    terms = terms_of(str(tmp_path))
    assert terms is not None
    assert terms.licence == "apache-2.0"
    assert terms_of("recorded") is None
    assert terms_of("deepseek-ai/DeepSeek-V3") is None  # its first release has a licence of its own
