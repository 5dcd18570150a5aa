import json

import pytest

from cotkd.errors import DataError
from cotkd.evaluation.results import DataCounts, Interval, ModelRecord, Results, SuiteScore, Vote
from cotkd.evaluation.statistics import proportion
from cotkd.store.rows import write_json

SCORE = SuiteScore(n=5, correct=2, accuracy=0.4, ci95=Interval(0.1, 0.7), unparsed=1)
RESULTS = Results(
    recipe="r",
    data=DataCounts(vote=Vote(k=2, majority=proportion(1, 2), any_of_k=proportion(2, 2))),
    models={"student": ModelRecord(name="m", members={"asker": ModelRecord(name="a")})},
    scores={"student": {"microgsm": SCORE}},
)


def test_results_round_trip_through_their_file(tmp_path):
    write_json(tmp_path / "results.json", RESULTS.dump())
    assert Results.read(tmp_path) == Results.read(tmp_path / "results.json") == RESULTS


def test_the_file_has_the_documented_shape():
    document = json.loads(json.dumps(RESULTS.dump()))
    assert list(document)[:4] == ["schema", "recipe", "method", "seed"]
    assert document["schema"] == 1
    assert document["scores"]["student"]["microgsm"]["ci95"] == [0.1, 0.7]
    assert {"data", "models", "training", "comparisons", "seconds", "tokens"} < set(document)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"schema": 2}', "schema 2, this version reads 1"),
        ("[]", "schema 'list'"),
        ("{", "not valid JSON"),
        ('{"schema": 1, "data": {"questions": -1}}', "data.questions"),
        ('{"schema": 1, "sores": {}}', "sores"),
    ],
)
def test_a_file_of_another_shape_is_one_clear_line(tmp_path, content, message):
    (tmp_path / "results.json").write_text(content)
    with pytest.raises(DataError, match=message) as caught:
        Results.read(tmp_path)
    assert "\n" not in str(caught.value)
    assert "results.json" in str(caught.value)


def test_a_directory_without_results_is_named(tmp_path):
    nowhere = tmp_path / "nowhere"
    with pytest.raises(DataError, match=f"is {nowhere} a finished run"):
        Results.read(nowhere)
    with pytest.raises(DataError, match="a finished run"):
        Results.read(tmp_path)
