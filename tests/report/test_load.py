import pytest

from cotkd.errors import DataError
from cotkd.evaluation.pool import pool
from cotkd.evaluation.results import Results
from cotkd.report.load import load_run
from cotkd.store.rows import write_json
from tests.report.example_run import (
    add_evaluation,
    add_samples,
    make_run,
    make_socratic_run,
)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("run"), questions=12, n=10)


def test_every_part_of_a_run_is_read(run):
    found = load_run(run)
    assert found.title == "fine_tune_cot"
    assert len(found.rounds) == 1
    assert len(found.rounds[0].rationales) == len(found.texts) == 48
    assert found.rounds[0].funnel.input == 48
    assert len(found.rounds[0].drops) == 48 - found.rounds[0].funnel.kept
    assert list(found.rounds[0].curves) == ["student", "baseline"]
    assert set(found.predictions) == {"student", "baseline", "teacher"}
    assert len(found.suites["microgsm"]) == 10
    assert found.config["samples"] == 4
    assert found.manifest["schema"] == 1


def test_counts_come_from_the_rows_where_there_are_no_results(tmp_path):
    counted = add_samples(tmp_path, questions=10, samples=3)
    found = load_run(tmp_path).results.data
    assert found == counted.model_copy(update={"dropped": {}})


def test_predictions_alone_are_a_run(tmp_path):
    add_evaluation(tmp_path, n=4)
    assert set(load_run(tmp_path).predictions) == {"student", "baseline", "teacher"}


def test_what_is_no_run_is_one_clear_line(tmp_path):
    with pytest.raises(DataError, match="is it a run directory"):
        load_run(tmp_path)


def test_a_pooled_run_shows_the_parts_of_its_first_seed(tmp_path):
    for seed in (3, 4):
        make_run(tmp_path / f"seed-{seed}", questions=5, n=6, seed=seed)
    each = [Results.read(tmp_path / f"seed-{seed}") for seed in (3, 4)]
    write_json(tmp_path / "results.json", pool(each).dump())
    found = load_run(tmp_path)
    assert found.results.seeds == (3, 4)
    assert found.config["seed"] == 3
    assert len(found.rounds[0].rationales) == 20


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("results.json", "{"),
        ("manifest.json", "[]"),
        ("config.yaml", "a: [1"),
        ("rounds/000/filter.json", '{"input": "x"}'),
        ("rounds/000/dropped.jsonl", '{"question_id": "q"}\n'),
        ("rounds/000/student/training.json", '{"losses": [1, 2]}'),
    ],
)
def test_a_damaged_file_is_named(tmp_path, name, content):
    make_run(tmp_path, questions=2, n=2)
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=name.rpartition("/")[2]) as caught:
        load_run(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_half_written_sample_is_passed_over(tmp_path):
    add_samples(tmp_path, questions=3, samples=2)
    shard = next((tmp_path / "samples").glob("*.jsonl"))
    shard.write_text(shard.read_text() + '{"question_id": "half')
    assert len(load_run(tmp_path).texts) == 6


def test_a_line_that_is_no_row_is_named_with_its_number(tmp_path):
    make_run(tmp_path, questions=3, n=2)
    path = tmp_path / "rounds" / "000" / "rationales.jsonl"
    lines = path.read_text().splitlines()
    for bad in ('{"question_id": "half', '{"text": "\\ud800"}', "\x00"):
        path.write_text("\n".join([*lines[:2], bad, *lines[2:]]))
        with pytest.raises(DataError, match=r"rationales\.jsonl:3: ") as caught:
            load_run(tmp_path)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["results.json", "manifest.json"])
def test_a_run_of_another_version_is_refused_with_what_to_do(tmp_path, name):
    make_run(tmp_path, questions=2, n=2)
    path = tmp_path / name
    path.write_text(path.read_text().replace('"schema": 1', '"schema": 7'))
    with pytest.raises(DataError, match=f"{name}: schema 7, this version reads 1") as caught:
        load_run(tmp_path)
    assert "run it again" in str(caught.value)


def test_members_of_an_arm_have_curves_of_their_own(tmp_path):
    found = load_run(make_socratic_run(tmp_path))
    assert list(found.rounds[0].curves) == ["student/decomposer", "student/solver", "baseline"]
    assert found.members == {"student": ("solver", "decomposer")}


def test_samples_that_were_cut_off_are_known(tmp_path):
    add_samples(tmp_path, questions=2, samples=2)
    shard = next((tmp_path / "samples").glob("*.jsonl"))
    first, *rest = shard.read_text().splitlines(keepends=True)
    shard.write_text(first.replace('"stop"', '"length"') + "".join(rest))
    assert [key.sample_index for key in load_run(tmp_path).cut] == [0]


def test_drops_without_rationales_keep_nothing(tmp_path):
    make_run(tmp_path, questions=3, n=2)
    (tmp_path / "rounds" / "000" / "rationales.jsonl").unlink()
    (tmp_path / "results.json").unlink()
    assert load_run(tmp_path).results.data.kept == 0
