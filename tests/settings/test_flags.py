"""Flags set the settings they name; mistakes are one line."""

import pytest

from cotkd.errors import SettingError
from cotkd.settings.flags import _read, override, path_of, split
from cotkd.stages.settings import RunConfig


def changed(*arguments: str) -> RunConfig:
    return override(RunConfig(), split(arguments).values)


def test_words_and_flags_are_told_apart() -> None:
    flags = split(["recipe", "--a.b-c", "1", "--d=x=y", "--e", "--no-f", "word"])
    assert flags.words == ["recipe"]
    assert flags.values == [("a.b_c", "1"), ("d", "x=y"), ("e", "true"), ("no_f", "word")]
    assert split(["--no-f"]).values == [("f", "false")]


def test_a_negative_number_is_a_value() -> None:
    assert split(["--x", "-1"]).values == [("x", "-1")]


def test_scalars_lists_and_nulls() -> None:
    config = changed(
        "--training.learning-rate", "3e-4",
        "--evaluation.suites", "microgsm,microgsm-steps[:20]",
        "--baseline", "none",
        "--evaluation.teacher", "false",
    )  # fmt: skip
    assert config.training.learning_rate == 3e-4
    assert config.evaluation.suites == ("microgsm", "microgsm-steps[:20]")
    assert config.baseline is None
    assert config.evaluation.teacher is False


def test_a_kind_is_applied_before_the_flags_of_its_class() -> None:
    config = changed(
        "--teacher.text-fields", "a,b", "--teacher.model", "x", "--teacher.kind", "replay"
    )
    assert config.teacher.kind == "replay"
    assert config.teacher.text_fields == ("a", "b")  # type: ignore[attr-defined]


def test_short_names() -> None:
    config = changed(
        "--questions",
        "gsm8k:train",
        "--teacher.engine",
        "replay",
        "--teacher.model",
        "f",
        "--n",
        "2",
    )
    assert config.questions.name == "gsm8k:train"
    assert (config.teacher.kind, config.samples) == ("replay", 2)


def test_list_elements_are_indexed() -> None:
    config = changed("--method.filters", "correct,per_question", "--method.filters.1.limit", "2")
    assert config.method.filters[1].limit == 2  # type: ignore[attr-defined]


def test_an_absent_group_is_opened() -> None:
    assert changed("--student.lora.rank", "4").student.lora.rank == 4  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--training.learning-rat", "1"], "did you mean 'training.learning_rate'"),
        (["--method.kind", "fine_tune_cott"], "did you mean 'fine_tune_cot'"),
        (["--samples", "0"], "samples: Input should be greater than or equal to 1 (got '0')"),
        (["--method.filters.7.limit", "2"], "not an index"),
        (["--evaluation.suites", "[a"], "not valid YAML"),
        (["--training", "5"], "training: is a group: set what is in it, such as training."),
    ],
)
def test_mistakes(arguments: list[str], part: str) -> None:
    with pytest.raises(SettingError) as caught:
        changed(*arguments)
    assert part in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_flag_that_names_a_directory_is_not_left_bare() -> None:
    for arguments in (["--out"], ["--out", "--dry-run"]):
        with pytest.raises(SettingError, match="--out needs a value"):
            path_of(split(arguments), "out")
        with pytest.raises(SettingError, match="--out needs a value"):
            split(arguments).require("out", "sample")


def test_sampling_settings_have_short_names() -> None:
    config = changed("--temperature", "0.5", "--on-bad-row", "skip")
    assert config.sampling.temperature == 0.5
    assert config.questions.on_bad_row == "skip"


def test_a_short_name_gives_way_to_a_setting_of_that_name() -> None:
    from cotkd.cli.settings import EvaluateSettings

    assert override(EvaluateSettings(), [("max_tokens", "9")]).max_tokens == 9


def test_an_unknown_flag_has_a_proposal() -> None:
    with pytest.raises(SettingError, match="did you mean '--top-p'"):
        changed("--topp", "1")


@pytest.mark.parametrize("value", ["{question}", "{question}\nA:"])
def test_a_value_that_begins_with_a_gap_is_text_and_no_group(value: str) -> None:
    assert _read(value) == value
    assert _read('{"question": 1}') == {"question": 1}
    assert _read("{}") == {}


def test_a_class_with_required_settings_is_made_of_flags_alone() -> None:
    from cotkd.cli.settings import FilterSettings, VerifySettings
    from cotkd.settings.flags import settings_of

    needed = [("text_field", "t"), ("gold_field", "g"), ("out", "o")]
    flags = [*needed, ("verifier", "numeric"), ("verifier.tolerance", "0.1")]
    verifier = settings_of(VerifySettings, flags).verifier
    assert (verifier.kind, verifier.tolerance) == ("numeric", 0.1)
    scorer = override(FilterSettings(), [("scorer.model", "microgsm-teacher")]).scorer
    assert (scorer.kind, scorer.model) == ("transformers", "microgsm-teacher")


def test_a_misspelt_setting_of_a_kind_is_named_with_those_of_that_kind() -> None:
    from cotkd.verify import verify

    with pytest.raises(SettingError, match=r"did you mean 'tolerance'\? known: decimal, kind"):
        verify("18", "18", {"kind": "numeric", "tolerence": 1})


def test_a_list_that_is_given_several_times_takes_all_of_them() -> None:
    config = changed("--questions", "a,b.jsonl", "--questions.name", "gsm8k", "--seed", "1")
    assert config.questions.name == ("a,b.jsonl", "gsm8k")
    config = changed("--evaluation.suites", "a,b", "--seed", "1", "--evaluation.suites", "c")
    assert config.evaluation.suites == ("a", "b", "c")
    kept = changed(
        *("--method.kind", "mcc_kd", "--method.filters", "correct"),
        *("--method.filters", "distinct,per_question", "--method.filters.2.limit", "2"),
    ).method.filters
    assert [chosen.kind for chosen in kept] == ["correct", "distinct", "per_question"]
    assert kept[2].limit == 2  # type: ignore[attr-defined]


def test_of_another_setting_the_last_value_counts() -> None:
    assert changed("--seed", "1", "--seed", "2").seed == 2
    assert changed("--verifier.kind", "math", "--verifier.kind", "choice").verifier is not None
