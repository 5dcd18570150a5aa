import base64
import hashlib
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

import cotkd.report
from cotkd.report.html import render
from cotkd.report.load import load_run
from tests.report.example_run import HOSTILE, add_evaluation, add_samples, make_run

VOID = {"meta", "link", "input", "br", "img", "path", "circle"}


class Structure(HTMLParser):
    """Collects tags and ids, and checks that elements close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.tags: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.add(tag)
        if "id" in found:
            self.ids.append(found["id"])
        self.addresses += [found[name] for name in ("src", "href", "action") if name in found]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


def parse(page: str) -> Structure:
    structure = Structure()
    structure.feed(page)
    assert structure.open == []
    return structure


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return render(load_run(make_run(tmp_path_factory.mktemp("run"), questions=10, n=8)))


def test_elements_close_and_ids_are_unique(page):
    ids = parse(page).ids
    assert len(ids) == len(set(ids))


def test_nothing_is_loaded_from_elsewhere(page):
    assert all(address.startswith(("#", "data:")) for address in parse(page).addresses)
    assert not re.search(r"https?://|@import|url\(", page)


def test_every_link_of_the_page_leads_somewhere(page):
    structure = parse(page)
    targets = {address[1:].partition("?")[0] for address in structure.addresses}
    assert targets - {"ata:,"} <= set(structure.ids)
    assert "browse" in targets


def test_hostile_text_stays_out_of_the_markup(page):
    assert HOSTILE.strip() not in page
    assert "owned" not in page
    assert "img" not in parse(page).tags


def test_hostile_names_are_escaped(tmp_path):
    make_run(tmp_path, questions=3, n=3)
    results = tmp_path / "results.json"
    attack = "<script>owned()</script>"
    results.write_text(results.read_text().replace("microgsm-teacher", attack))
    page = render(load_run(tmp_path))
    assert "owned()" in page
    assert attack not in page


def test_the_policy_names_the_only_scripts_that_may_run(page):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert "default-src &#39;none&#39;" in policy or "default-src 'none'" in policy
    scripts = policy.split("script-src")[1].split(";")[0].replace("&#39;", "'")
    assert "unsafe-inline" not in scripts
    bodies = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(b.encode()).digest()).decode() for b in bodies]
    assert scripts.split() == [f"'sha256-{digest}'" for digest in digests]


def test_the_same_run_renders_to_the_same_page(tmp_path):
    run = load_run(make_run(tmp_path, questions=3, n=3))
    assert render(run) == render(run)


def test_the_note_names_the_suites_whose_intervals_are_of_clusters(tmp_path):
    run = load_run(make_run(tmp_path, questions=3, n=3))
    assert "with 95% Wilson intervals. An answer" in render(run)
    suites = {
        name: {key: one.model_copy(update={"cluster": "t1"}) for key, one in own.items()}
        for name, own in run.suites.items()
        if name == "microgsm"
    }
    page = render(replace(run, suites=run.suites | suites))
    assert "Wilson intervals; of microgsm, whose questions are of clusters, with" in page


@pytest.mark.parametrize(
    ("fill", "present", "absent"),
    [
        (lambda path: add_samples(path, questions=4, samples=3), {"data", "browse"}, {"suites"}),
        (lambda path: add_evaluation(path, n=4), {"browse"}, {"data", "training"}),
    ],
    ids=["samples alone", "predictions alone"],
)
def test_a_part_of_a_run_has_a_report(tmp_path, fill, present, absent):
    fill(tmp_path)
    ids = set(parse(render(load_run(tmp_path))).ids)
    assert present <= ids
    assert not absent & ids


def test_results_without_rows_have_a_report(tmp_path):
    make_run(tmp_path / "whole", questions=3, n=3)
    (tmp_path / "results.json").write_bytes((tmp_path / "whole" / "results.json").read_bytes())
    structure = parse(render(load_run(tmp_path)))
    assert "suites" in structure.ids
    assert "browse" not in structure.ids
    assert "packed" not in structure.ids


def test_a_run_that_has_not_ended_shows_what_there_is_and_says_what_is_missing(tmp_path):
    make_run(tmp_path, questions=4, n=4)
    (tmp_path / "results.json").unlink()
    shutil.rmtree(tmp_path / "evaluation" / "teacher")
    page = render(load_run(tmp_path))
    assert "evaluation of the teacher, results.json" in page
    assert {"suites", "data", "browse", "training"} <= set(parse(page).ids)


def test_a_run_that_is_still_sampling_has_a_report(tmp_path):
    make_run(tmp_path, questions=4, n=4)
    (tmp_path / "results.json").unlink()
    for name in ("evaluation", "rounds"):
        shutil.rmtree(tmp_path / name)
    page = render(load_run(tmp_path))
    assert "verdicts of the 16 samples, training, evaluation, results.json" in page
    assert "settings" in parse(page).ids


def test_files_of_the_page_can_be_read_by_people():
    templates = Path(cotkd.report.__file__).parent / "templates"
    for path in [path for path in templates.rglob("*") if path.is_file()]:
        lines = path.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= 400, path
