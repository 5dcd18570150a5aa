"""The rationale browser in a real browser: what is searched, filtered, pressed and shown."""

from __future__ import annotations

import itertools
import json
import random

import pytest

from cotkd.report import write_report
from cotkd.report.browse import browser_data
from cotkd.report.load import load_run
from tests.report.chromium import Chromium
from tests.report.example_run import HOSTILE, SUITES, add_growth, make_run, make_socratic_run

SHOWN = "document.querySelector('#detail .question').textContent"
COUNT = "document.getElementById('count').textContent"
SELECTED = "document.querySelector('.row[aria-selected=true]')?.dataset.at"
FOCUS = "document.activeElement.id"
NAMES = "[...document.querySelectorAll('.card .name')].map((name) => name.textContent)"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    run = make_run(tmp_path_factory.mktemp("run"), questions=60, samples=3, n=40)
    add_growth(run)
    return run


@pytest.fixture(scope="module")
def report(run):
    return write_report(run)


@pytest.fixture(scope="module")
def items(run):
    return json.loads(json.dumps(browser_data(load_run(run))["items"]))


@pytest.fixture
def page(chromium, report):
    chromium.open(report, "#browse")
    return chromium


def choose(page: Chromium, **choices: str) -> None:
    """Set controls by their values, as a person does by their words."""
    page.eval(
        f"Object.entries({json.dumps(choices)}).forEach(([id, value]) => {{"
        "const control = document.getElementById(id);"
        "if (control.type === 'checkbox') control.checked = value === '1';"
        "else { if (![...control.options].some((o) => o.value === value)) throw id + value;"
        "control.value = value; }"
        "control.dispatchEvent(new Event('change')); })"
    )


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
    "majority wrong": ({"verdict": "majority-wrong"}, lambda i: i["m"][2] != "c"),
    "majority missed": (
        {"verdict": "majority-missed"},
        lambda i: i["m"][2] != "c" and any(map(right, i["x"])),
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
    choose(page, **choices)
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
        choose(page, **{"in": name, "a": a, "b": b, "how": how})
        assert page.eval(COUNT) == f"{expected} of {len(suites[name])} questions"
    choose(page, **{"in": "microgsm"})
    for who, letter in itertools.product(("student", "baseline", "teacher"), "cwu"):
        expected = sum(
            x["n"] == who and x["v"] == letter for i in suites["microgsm"] for x in i["x"]
        )
        choose(page, who=who, verdict=letter)
        assert page.eval(COUNT) == f"{expected} of 40 questions"


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
    choose(chromium, **{"in": "microgsm-names", "how": "disagree"})
    chromium.press("j")
    shown, count = chromium.eval(SHOWN), chromium.eval(COUNT)
    address = chromium.eval("location.hash")
    chromium.open(report, address)
    assert (chromium.eval(SHOWN), chromium.eval(COUNT)) == (shown, count)
    assert chromium.eval(SELECTED) == "1"


def test_going_to_the_report_and_back_keeps_filters_and_question(page):
    choose(page, **{"in": "suites", "how": "disagree"})
    page.press("j")
    before = [page.eval(value) for value in (SHOWN, COUNT, SELECTED)]
    for view in ("report", "browse"):
        page.eval(f"document.querySelector('[data-to={view}]').click()")
        page.until(f"document.body.dataset.view === '{view}'")
    assert [page.eval(value) for value in (SHOWN, COUNT, SELECTED)] == before
    assert page.eval("document.querySelector('.row .id').textContent").startswith("microgsm")
    assert " · " in page.eval("document.querySelector('.row .id').textContent")


def test_a_key_leads_from_the_report_into_the_search(chromium, report):
    chromium.open(report)
    chromium.press("j")
    assert chromium.eval("document.body.dataset.view") == "report"
    chromium.press("/")
    assert chromium.eval("document.body.dataset.view") == "browse"
    assert chromium.eval(FOCUS) == "search"


def test_wrong_steps_are_highlighted_with_what_they_give(page, items):
    choose(page, step="1")
    first = next(i for i in items if any(isinstance(x["t"], list) for x in i["x"]))
    assert page.eval(SHOWN) == first["q"]
    wrong = [piece for x in first["x"] for piece in x["t"] if isinstance(piece, list)]
    seen = page.eval(
        "[...document.querySelectorAll('.bad')].map((bad) => [bad.textContent, bad.dataset.value])"
    )
    assert seen == wrong != []


def test_two_students_are_compared_side_by_side_word_by_word(page, items):
    choose(page, **{"in": "microgsm", "a": "student", "b": "teacher", "how": "only-b"})
    page.press("d")
    assert page.eval(NAMES) == ["student", "teacher"]
    tops = "[...document.querySelectorAll('.card')].map((c) => c.getBoundingClientRect().y)"
    assert len(set(page.eval(tops))) == 1
    first = next(
        i for i in items if i["s"] == 1 and OUTCOMES["only-b"](*two(i, "student", "teacher"))
    )
    texts = [
        "".join(p if isinstance(p, str) else p[0] for p in x["t"]).strip()
        for x in two(first, "student", "teacher")
    ]
    said = page.eval("[...document.querySelectorAll('.card .said')].map((s) => s.textContent)")
    assert said == texts
    for side, other in (("first", 1), ("second", 0)):
        common = page.eval(
            f"(() => {{ const said = document.querySelectorAll('.card .said')[{1 - other}];"
            "return [...said.childNodes].filter((n) => n.nodeName !== 'INS')"
            ".map((n) => n.textContent).join(''); })()"
        )
        words = iter("".join(texts[other].split()))
        assert all(letter in words for letter in "".join(common.split())), side
    assert page.eval("document.querySelectorAll('.only').length") > 0
    page.press("d")
    assert page.eval(NAMES) == ["student", "baseline", "teacher"]


def longest_common(a, b) -> int:
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a, 1):
        for j, y in enumerate(b, 1):
            table[i][j] = (
                table[i - 1][j - 1] + 1 if x == y else max(table[i - 1][j], table[i][j - 1])
            )
    return table[-1][-1]


def test_words_alike_are_a_longest_common_subsequence(page):
    rng = random.Random(0)
    pairs = [
        [[rng.choice("abcd") for _ in range(rng.randrange(14))] for _ in range(2)]
        for _ in range(200)
    ]
    found = page.eval(f"{json.dumps(pairs)}.map(([a, b]) => alignWords(a, b))")
    for (a, b), aligned in zip(pairs, found, strict=True):
        one = [word for word, alike in zip(a, aligned["inA"], strict=True) if alike]
        other = [word for word, alike in zip(b, aligned["inB"], strict=True) if alike]
        assert one == other
        assert len(one) == longest_common(a, b)
        assert not aligned["givenUp"]


def test_words_are_cut_without_losing_a_character(page):
    texts = ["", " a", "3*4=<<3*4=12>>12\n\nso 1,000.5 €", "İstanbul שלום é a\u2028b", "x" * 50]
    joined = f"{json.dumps(texts)}.map((t) => wordsOf(t).map((w) => w.text).join(''))"
    assert page.eval(joined) == texts


def test_texts_without_anything_in_common_are_not_aligned_for_ever(page):
    page.eval("window.left = Array.from({length: 30000}, (_, n) => `a${n}`)")
    page.eval("window.right = Array.from({length: 30000}, (_, n) => `b${n}`)")
    assert page.eval("alignWords(['x', ...left, 'y'], ['x', ...right, 'y']).givenUp") is True
    assert page.eval("alignWords(['x', ...left], ['x', ...right]).inA.filter(Boolean).length") == 1


def test_growth_of_each_token_is_coloured_with_a_legend(page, items):
    choose(page, growth="1")
    page.press("g")
    answer = next(x for i in items for x in i["x"] if "w" in x)
    tokens = page.eval(
        "[...document.querySelector('.tokens').children].map((t) =>"
        " [t.textContent, t.title, t.classList.contains('against')])"
    )
    shown = [
        [text, f"{'−' if value < 0 else '+'}{abs(value):.2f} nats", value < 0]
        for text, value in answer["w"]
    ]
    assert tokens == shown
    assert page.eval("document.querySelectorAll('.heat i').length") == 5
    mean = sum(value for _, value in answer["w"]) / len(answer["w"])
    assert f"{abs(mean):.2f} nats per token" in page.eval(
        "document.querySelector('.sum').textContent"
    )
    share = "getComputedStyle(document.querySelectorAll('.token')[{}]).getPropertyValue('--share')"
    values = [abs(value) for _, value in answer["w"]]
    most = page.eval(share.format(values.index(max(values))))
    assert int(most[:-1]) > int(page.eval(share.format(values.index(min(values))))[:-1])


def test_growth_is_not_offered_where_there_is_none(page):
    choose(page, **{"in": "microgsm"})
    assert page.eval("document.getElementById('growths').hidden")
    page.press("g")
    assert page.eval("document.querySelector('.tokens')") is None
    assert page.eval("document.querySelector('[data-mode=growth]')") is None


def test_a_dialogue_is_shown_as_turns(chromium, tmp_path):
    chromium.open(write_report(make_socratic_run(tmp_path)), "#browse?in=microgsm&verdict=c")
    turns = "[...document.querySelectorAll('.card')[0].querySelectorAll('.turn')]"
    who = chromium.eval(f"{turns}.map((turn) => turn.querySelector('.who').textContent)")
    assert who == ["decomposer", "solver"] * 2
    said = chromium.eval(f"{turns}.map((turn) => turn.querySelector('.said').textContent)")
    assert said[0] == said[2] == "What comes next?"
    assert "<<" in said[1]
    answer = chromium.eval("document.querySelector('.card .answer').textContent")
    assert chromium.eval("document.querySelector('.ending b').textContent") == answer
    assert chromium.eval("document.querySelectorAll('.card')[2].querySelector('.turns')") is None
    assert chromium.problems == []


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
