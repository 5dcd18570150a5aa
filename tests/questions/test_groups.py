import pytest

from cotkd.measuring.suites import load_suites
from cotkd.questions import QuestionSource
from cotkd.questions.groups import GROUPS, expand
from cotkd.questions.load import suite_of


@pytest.mark.parametrize("name", GROUPS)
def test_every_suite_of_a_group_is_registered(name: str) -> None:
    for suite in GROUPS[name].suites:
        found, config = suite_of(suite)
        assert found == suite
        source = QuestionSource.of(config.name.partition(":")[0])
        assert config.split in source.splits


def test_no_group_is_named_as_a_set_is() -> None:
    assert not GROUPS.keys() & QuestionSource.kinds().keys()


def test_a_group_stands_for_its_suites_once_and_hands_its_slice_on() -> None:
    shifts = GROUPS["microgsm-shifts"].suites
    assert expand(["microgsm", "microgsm_shifts"]) == ("microgsm", *shifts)
    assert expand(["microgsm-shifts[:3]"]) == tuple(f"{suite}[:3]" for suite in shifts)
    assert expand(["microgsm-names", "microgsm-shifts"])[0] == "microgsm-names"
    assert sorted(expand(["microgsm-names", "microgsm-shifts"])) == sorted(shifts)


def test_what_is_no_group_is_left_as_it_is() -> None:
    assert expand(["gsm8k:test[:5]", "my/mawps.jsonl", "mawps:test"]) == (
        "gsm8k:test[:5]",
        "my/mawps.jsonl",
        "mawps:test",
    )


def test_the_suites_of_a_group_load() -> None:
    suites = load_suites(["microgsm-shifts[:2]"])
    assert tuple(suites) == GROUPS["microgsm-shifts"].suites
    assert {len(suite.questions) for suite in suites.values()} == {2}
