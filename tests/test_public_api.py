"""What `import cotkd` offers is what `__all__` says, and each name leads somewhere."""

import cotkd


def test_every_public_name_can_be_used() -> None:
    assert list(cotkd.__all__) == sorted(cotkd.__all__)
    for name in cotkd.__all__:
        assert getattr(cotkd, name) is not None
    assert set(cotkd.__all__) <= set(dir(cotkd))


def test_verify_takes_two_strings() -> None:
    assert cotkd.verify("so 3*4=12\n#### 12", "12.0").status == "correct"
    assert cotkd.verify("I do not know", "12").status == "unparsed"
    assert cotkd.extract_answer("The answer is 1,000.") == "1000"


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(cotkd, "no_such_thing")
