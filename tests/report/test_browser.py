"""The rationale browser in a real browser: what is searched, filtered, pressed and shown."""

from __future__ import annotations

import itertools

import pytest

from tests.report.chromium import Chromium
from tests.report.example_run import HOSTILE, SUITES

SHOWN = "document.querySelector('#detail .question').textContent"
COUNT = "document.getElementById('count').textContent"
SELECTED = "document.querySelector('.row[aria-selected=true]')?.dataset.at"
FOCUS = "document.activeElement.id"


def search(page: Chromium, text: str, expected: int, of: int) -> None:
    page.press("/")
    page.type(text)
    page.until(f"{COUNT} === '{expected} of {of} questions'")


def test_the_page_asks_the_network_for_nothing_and_reports_no_error(page, report):
    for key in ("j", "d", "g", "/"):
        page.press(key)
    assert page.requests == [report.resolve().as_uri()]
    assert page.problems == []


def test_keys_move_through_the_questions(page, items):
    assert page.eval(SELECTED) == "0"
    page.press("j")
    page.press("j")
    assert page.eval(SELECTED) == "2"
    assert page.eval(SHOWN) == items[2]["q"]
    page.press("k")
    assert page.eval(SELECTED) == "1"
    page.eval("document.getElementById('list').focus()")
    page.press("End")
    assert page.eval(SHOWN) == items[59]["q"]
    assert page.eval(
        "document.getElementById('list').getAttribute('aria-activedescendant')"
    ) == page.eval("document.querySelector('.row[aria-selected=true]').id")
    page.press("ArrowDown")
    assert page.eval(SELECTED) == "59"
    page.press("Home")
    assert page.eval(SELECTED) == "0"
    page.press("PageDown")
    assert int(page.eval(SELECTED)) > 3
    page.press("Enter")
    assert page.eval(FOCUS) == "detail"


def test_tab_goes_from_the_search_through_the_filters_to_the_list_and_the_question(page):
    page.press("/")
    order = [page.eval(FOCUS)]
    while order[-1] != "next" and len(order) < 20:
        page.press("Tab")
        order.append(page.eval(FOCUS))
    assert order == ["search", "in", "verdict", "why", "step", "growth", "list", "next"]
    page.press("Tab")
    assert page.eval("document.activeElement.closest('#detail') !== null")


def test_search_finds_text_of_questions_and_samples_and_marks_it(page, items):
    sampled = [item for item in items if item["s"] == 0]
    expected = sum("marbles" in item["q"] for item in sampled)
    search(page, "MARBLES", expected, 60)
    assert page.eval("document.querySelector('#detail mark').textContent") == "marbles"
    page.press("Escape")
    assert page.eval(COUNT) == "60 of 60 questions"
    assert page.eval(FOCUS) == "list"
    search(page, "onerror=", 1, 60)


def test_letters_typed_into_the_search_do_not_move_the_selection(page):
    page.press("/")
    assert page.eval(FOCUS) == "search"
    page.press("j")
    page.press("k")
    assert page.eval("document.getElementById('search').value") == "jk"
    page.until(f"{COUNT} === '0 of 60 questions'")
    assert "No question matches" in page.eval("document.getElementById('detail').textContent")
    page.press("Escape")
    page.press("Escape")
    assert page.eval(COUNT) == "60 of 60 questions"


def reason(text: str):
    return lambda x: x.get("d") == text


def right(x) -> bool:
    return x["v"] == "c"


SAMPLES = {
    "correct": ({"verdict": "c"}, lambda i: any(map(right, i["x"]))),
    "unparsed": ({"verdict": "u"}, lambda i: any(x["v"] == "u" for x in i["x"])),
    "all correct": ({"verdict": "all-correct"}, lambda i: all(map(right, i["x"]))),
    "none correct": ({"verdict": "none-correct"}, lambda i: not any(map(right, i["x"]))),
    "mixed": ({"verdict": "mixed"}, lambda i: len({right(x) for x in i["x"]}) == 2),
    "majority wrong": ({"verdict": "majority-wrong"}, lambda i: i["m"][3] != "c"),
    "majority missed": (
        {"verdict": "majority-missed"},
        lambda i: i["m"][3] != "c" and any(map(right, i["x"])),
    ),
    "kept": ({"why": "kept"}, lambda i: any("d" not in x for x in i["x"])),
    "dropped": (
        {"why": "distinct: same equations"},
        lambda i: any(map(reason("distinct: same equations"), i["x"])),
    ),
    "wrong step": ({"step": "1"}, lambda i: any(isinstance(x["t"], list) for x in i["x"])),
    "growth": ({"growth": "1"}, lambda i: any("w" in x for x in i["x"])),
    "one answer meets all that is asked of it": (
        {"verdict": "c", "why": "distinct: same equations"},
        lambda i: any(right(x) and x.get("d") == "distinct: same equations" for x in i["x"]),
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_filters_of_samples_find_what_python_finds(page, items, name):
    choices, holds = SAMPLES[name]
    sampled = [item for item in items if item["s"] == 0]
    expected = [item for item in sampled if holds(item)]
    assert 0 < len(expected) < 60
    page.choose(**choices)
    assert page.eval(COUNT) == f"{len(expected)} of 60 questions"
    assert page.eval(SHOWN) == expected[0]["q"]
    page.press("Escape")
    assert page.eval(COUNT) == "60 of 60 questions"


def two(item, a: str, b: str):
    by_arm = {x["n"]: x for x in item["x"]}
    return by_arm[a], by_arm[b]


OUTCOMES = {
    "disagree": lambda a, b: right(a) != right(b),
    "only-a": lambda a, b: right(a) and not right(b),
    "only-b": lambda a, b: right(b) and not right(a),
    "both": lambda a, b: right(a) and right(b),
    "neither": lambda a, b: not right(a) and not right(b),
    "answers": lambda a, b: "e" not in a or "e" not in b or a["e"] != b["e"],
}


def test_filters_of_suites_find_what_python_finds(page, items):
    suites = {name: [i for i in items if i["s"] == n] for n, name in enumerate(SUITES, 1)}
    suites["suites"] = [item for item in items if item["s"] > 0]
    chosen = (("microgsm-steps", "student", "baseline"), ("suites", "teacher", "student"))
    for (name, a, b), how in itertools.product(chosen, OUTCOMES):
        expected = sum(OUTCOMES[how](*two(item, a, b)) for item in suites[name])
        page.choose(**{"in": name, "a": a, "b": b, "how": how})
        assert page.eval(COUNT) == f"{expected} of {len(suites[name])} questions"
    page.choose(**{"in": "microgsm"})
    for who, letter in itertools.product(("student", "baseline", "teacher"), "cwu"):
        expected = sum(
            x["n"] == who and x["v"] == letter for i in suites["microgsm"] for x in i["x"]
        )
        page.choose(who=who, verdict=letter)
        assert page.eval(COUNT) == f"{expected} of 40 questions"
        shown = "document.getElementById('verdict').selectedOptions[0].text"
        assert page.eval(shown).endswith(f" ({expected})")


def test_numbers_of_the_report_lead_to_their_rows(chromium, report, items):
    chromium.open(report)
    link = '#comparisons tbody tr:nth-child(2) [data-label="only one right"] a'
    number = chromium.eval(f"document.querySelector(`{link}`).textContent")
    chromium.eval(f"document.querySelector(`{link}`).click()")
    chromium.until("document.body.dataset.view === 'browse'")
    assert chromium.eval(COUNT) == f"{number} of 40 questions"
    chosen = "['in', 'a', 'b', 'how'].map((id) => document.getElementById(id).value)"
    assert chromium.eval(chosen) == ["microgsm", "student", "baseline", "only-a"]


def test_the_address_brings_back_filters_and_question(chromium, report):
    chromium.open(report, "#browse")
    chromium.choose(**{"in": "microgsm-names", "how": "disagree"})
    chromium.press("j")
    shown, count = chromium.eval(SHOWN), chromium.eval(COUNT)
    address = chromium.eval("location.hash")
    chromium.open(report, address)
    assert (chromium.eval(SHOWN), chromium.eval(COUNT)) == (shown, count)
    assert chromium.eval(SELECTED) == "1"


def test_going_to_the_report_and_back_keeps_filters_and_question(page):
    page.choose(**{"in": "suites", "how": "disagree"})
    page.press("j")
    before = [page.eval(value) for value in (SHOWN, COUNT, SELECTED)]
    for view in ("report", "browse"):
        page.eval(f"document.querySelector('[data-to={view}]').click()")
        page.until(f"document.body.dataset.view === '{view}'")
    assert [page.eval(value) for value in (SHOWN, COUNT, SELECTED)] == before
    assert page.eval("document.querySelector('.row .id').textContent").startswith("microgsm")
    assert " · " in page.eval("document.querySelector('.row .id').textContent")


def test_nobody_is_compared_with_himself_and_the_pair_is_kept(page):
    pair = "['a', 'b'].map((id) => document.getElementById(id).value)"
    page.choose(**{"in": "microgsm"})
    assert page.eval(pair) == ["student", "baseline"]
    page.choose(a="teacher")
    page.choose(b="teacher")
    assert page.eval(pair) == ["student", "teacher"]
    assert "only teacher right" in page.eval("document.getElementById('how').textContent")
    page.choose(**{"in": "microgsm-steps"})
    assert page.eval(pair) == ["student", "teacher"]


def test_a_key_leads_from_the_report_into_the_search(chromium, report):
    chromium.open(report)
    chromium.press("j")
    assert chromium.eval("document.body.dataset.view") == "report"
    chromium.press("/")
    assert chromium.eval("document.body.dataset.view") == "browse"
    assert chromium.eval(FOCUS) == "search"


def test_on_a_narrow_screen_list_and_question_take_turns(chromium, report):
    chromium.open(report, "#browse", width=400, height=800)
    seen = "document.getElementById('{}').checkVisibility()"
    assert chromium.eval(seen.format("list"))
    assert not chromium.eval(seen.format("detail"))
    chromium.eval("document.querySelectorAll('.row')[3].click()")
    assert chromium.eval(seen.format("detail"))
    assert not chromium.eval(seen.format("list"))
    chromium.press("j")
    assert chromium.eval("document.getElementById('place').textContent") == "5 of 60"
    chromium.press("Escape")
    assert chromium.eval(seen.format("list"))
    assert chromium.eval(SELECTED) == "4"


def test_hostile_text_is_shown_as_text(page):
    assert HOSTILE.strip() in page.eval("document.querySelector('.card .said').textContent")
    assert page.eval("document.querySelectorAll('#detail img, #detail script').length") == 0
