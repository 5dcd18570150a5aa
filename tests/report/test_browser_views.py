"""The report in a real browser: plots, colours, paper, and what hostile text does to it."""

from __future__ import annotations

import dataclasses
import io
import json

import pytest

from cotkd.evaluation.results import SamplingRecord
from cotkd.report import write_report
from cotkd.report.html import render
from cotkd.report.load import load_run
from tests.report.example_run import add_samples, make_run

SAID = "document.querySelector('.card .said').textContent"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return write_report(make_run(tmp_path_factory.mktemp("run"), questions=30, n=20))


def test_a_script_put_into_the_page_is_not_run(chromium, report):
    chromium.open(report)
    chromium.eval(
        "(() => { const s = document.createElement('script'); s.textContent = 'window.owned = 1';"
        "document.body.append(s);"
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.owned=2\">');"
        "})()"
    )
    chromium.until("true")
    assert chromium.eval("window.owned") is None


HOSTILE_TEXTS = {
    "script": "<script>window.owned = 1</script>",
    "end of script": "</script><script>window.owned = 2</script>",
    "image": "<img src=x onerror=\"window.owned = 3\"> <svg/onload='window.owned = 4'>",
    "line separator": "one\u2028two\u2029three",
    "nothing": "a\x00b",
    "right to left": "\u202eabc \u05e9\u05dc\u05d5\u05dd 3*4=12",
    "template": "{{ 7 * 7 }} {% raw %} ${7 * 7} <!-- -->",
    "half a pair": "\ud83d alone",
    "100 kB": "3*4=<<3*4=12>>12 and so on. " * 3700,
}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A page in which questions, answers, rationales, teachers and reasons are all hostile."""
    path = tmp_path_factory.mktemp("hostile")
    add_samples(path, questions=len(HOSTILE_TEXTS), samples=1)
    run = load_run(path)
    found = run.rounds[0]
    rows, questions, drops = [], {}, {}
    for row, (name, text) in zip(found.rationales, HOSTILE_TEXTS.items(), strict=True):
        new = row.model_copy(update={"text": text, "teacher": text[:60], "stream": name})
        rows.append(new)
        question = found.questions[row.question_id].model_copy(
            update={"text": text[:200], "answer": text[:50], "choices": (text[:50], "b")}
        )
        questions[row.question_id] = question
    changed = dataclasses.replace(found, rationales=rows, questions=questions, drops=drops)
    page = path / "hostile.html"
    text = render(dataclasses.replace(run, rounds=[changed], texts={}))
    page.write_text(text, encoding="utf-8", errors="replace")
    return page


@pytest.mark.parametrize("number", range(len(HOSTILE_TEXTS)), ids=list(HOSTILE_TEXTS))
def test_hostile_text_is_shown_and_does_nothing(chromium, hostile, number):
    chromium.open(hostile, f"#browse?id=microgsm-train-{number:05d}")
    text = list(HOSTILE_TEXTS.values())[number]
    shown = text.replace("\x00", "\u2400").encode(errors="surrogatepass").decode(errors="replace")
    assert chromium.eval(SAID) == shown.strip()
    chromium.press("j")
    chromium.press("k")
    chromium.press("d")
    assert chromium.eval("window.owned") is None
    assert chromium.eval("document.querySelectorAll('img, #content script').length") == 0
    assert chromium.eval("document.documentElement.scrollWidth") <= 1280
    assert chromium.problems == []


def test_text_from_right_to_left_stays_in_its_place(chromium, hostile):
    number = list(HOSTILE_TEXTS).index("right to left")
    chromium.open(hostile, f"#browse?id=microgsm-train-{number:05d}")
    style = "getComputedStyle(document.querySelector('{}')).{}"
    assert chromium.eval(style.format(".card .said", "unicodeBidi")) == "isolate"
    assert chromium.eval(style.format(".card header", "direction")) == "ltr"


def test_every_point_lies_under_its_own_value(chromium, report):
    chromium.open(report)
    measured = chromium.eval(
        "const rows = document.querySelectorAll('#suites > .scroll tbody tr:not(.group)');"
        "[...rows].flatMap((row) => {"
        "const track = row.querySelector('.track').getBoundingClientRect();"
        "const values = [...row.querySelectorAll('td.n b')].map((b) => parseFloat(b.textContent));"
        "return [...row.querySelectorAll('.dot')].map((dot, i) => {"
        "const box = dot.getBoundingClientRect();"
        "return [values[i], 100 * (box.x + box.width / 2 - track.x) / track.width]; }); })"
    )
    assert len(measured) == 12
    for value, position in measured:
        assert position == pytest.approx(value, abs=0.3)


def test_no_count_is_broken_into_lines(chromium, report, tmp_path):
    run = load_run(report.parent)
    sampling = SamplingRecord(reused=123_456_789)
    results = run.results.model_copy(update={"sampling": sampling})
    page = tmp_path / "reused.html"
    page.write_text(render(dataclasses.replace(run, results=results)), encoding="utf-8")
    chromium.open(page)
    assert "123,456,789" in chromium.eval("document.querySelector('.counts').textContent")
    lines = chromium.eval(
        "[...document.querySelectorAll('.counts dd')].map((cell) => {"
        "const range = document.createRange(); range.selectNodeContents(cell);"
        "return new Set([...range.getClientRects()].map((box) => Math.round(box.bottom))).size; })"
    )
    assert set(lines) == {1}


def test_dark_and_light_follow_the_system_and_the_button_which_is_remembered(chromium, report):
    colour = "getComputedStyle(document.body).backgroundColor"
    pressed = "document.getElementById('theme').getAttribute('aria-pressed')"
    chromium.open(report)
    light = chromium.eval(colour)
    chromium.eval("document.getElementById('theme').click()")
    dark = chromium.eval(colour)
    assert light != dark
    assert chromium.eval(pressed) == "true"
    chromium.open(report)
    assert chromium.eval(colour) == dark
    chromium.eval("document.getElementById('theme').click()")
    chromium.open(report, dark=True)
    assert chromium.eval(colour) == dark
    assert chromium.eval("localStorage.length") == 0


@pytest.mark.parametrize("fragment", ["", "#browse"])
def test_a_dark_page_is_dark_all_over(chromium, report, fragment, tmp_path):
    image = pytest.importorskip("PIL.Image")
    shares = []
    for dark in (False, True):
        chromium.open(report, fragment, dark=dark)
        png = chromium.screenshot(tmp_path / "shot.png").read_bytes()
        levels = image.open(io.BytesIO(png)).convert("L").histogram()
        shares.append(sum(levels[128:]) / sum(levels))
    light, dark = shares
    assert light > 0.9
    assert dark < 0.1


@pytest.mark.parametrize("dark", [False, True])
def test_text_has_contrast(chromium, report, dark):
    chromium.open(report, dark=dark)
    colours = chromium.eval(
        "['bg', 'panel', 'fg', 'muted', 'wrong', 'correct', 'unparsed', 'student', 'baseline',"
        " 'for', 'against', 'chosen', 'mark'].map((name) => {"
        "const e = document.createElement('i'); e.style.color = `var(--${name})`;"
        "document.body.append(e); const found = getComputedStyle(e).color; e.remove();"
        "return [name, found.match(/\\d+/g).map(Number)]; })"
    )
    of = dict(colours)
    for ground in ("bg", "panel"):
        assert contrast(of[ground], of["fg"]) > 12
        for name in ("muted", "wrong", "correct", "unparsed", "student", "baseline"):
            assert contrast(of[ground], of[name]) > 4.5, (ground, name)
    for ground in ("for", "against", "chosen", "mark"):
        assert contrast(of[ground], of["fg"]) > 4.5, ground


def contrast(one: list[int], other: list[int]) -> float:
    """Return the WCAG contrast ratio of two colours."""

    def luminance(colour: list[int]) -> float:
        parts = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
            for part in (level / 255 for level in colour)
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("width", [360, 700, 1900])
def test_the_page_never_scrolls_sideways(chromium, report, width):
    for fragment in ("", "#browse?in=microgsm&how=disagree"):
        chromium.open(report, fragment, width=width)
        assert chromium.eval("document.documentElement.scrollWidth") <= width
        chromium.press("d")
        assert chromium.eval("document.documentElement.scrollWidth") <= width


def test_paper_shows_the_report_and_the_open_question_in_light_colours(chromium, report):
    chromium.open(report, "#browse?in=microgsm", dark=True, media="print")
    seen = "document.querySelector('{}').checkVisibility()"
    for shown in ("#overview", "#suites", "#detail", "#detail .card", "h1"):
        assert chromium.eval(seen.format(shown)), shown
    for hidden in (".bar", ".controls", "#list", ".modes", "footer"):
        assert not chromium.eval(seen.format(hidden)), hidden
    assert chromium.eval("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert chromium.pdf().startswith(b"%PDF")
    chromium.open(report, media="print")
    assert not chromium.eval(seen.format("#detail"))


def test_nothing_moves_where_motion_is_not_wanted(chromium, report):
    behaviour = "getComputedStyle(document.documentElement).scrollBehavior"
    chromium.open(report)
    assert chromium.eval(behaviour) == "smooth"
    chromium.open(report, reduced_motion=True)
    assert chromium.eval(behaviour) == "auto"
    transitions = (
        "[...document.querySelectorAll('*')].filter((e) => {"
        "const s = getComputedStyle(e);"
        "return s.transitionDuration !== '0s' || s.animationName !== 'none'; }).length"
    )
    assert chromium.eval(transitions) == 0


def test_what_can_be_pressed_has_a_name(chromium, report):
    chromium.open(report, "#browse?in=microgsm")
    nameless = chromium.eval(
        "[...document.querySelectorAll('button, a, select, input')].filter((e) =>"
        " !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length))"
        ".map((e) => e.outerHTML)"
    )
    assert nameless == []


def test_twenty_thousand_rows_open_fast_and_only_a_window_of_them_is_drawn(chromium, tmp_path):
    add_samples(tmp_path, questions=100, samples=4)
    small = load_run(tmp_path)
    copies = [
        row.model_copy(
            update={"question_id": f"{row.question_id}-{copy}", "text": f"{copy} {row.text}"}
        )
        for copy in range(50)
        for row in small.rounds[0].rationales
    ]
    large = dataclasses.replace(small.rounds[0], rationales=copies)
    path = tmp_path / "report.html"
    path.write_text(render(dataclasses.replace(small, rounds=[large])), encoding="utf-8")
    assert path.stat().st_size < 4_000_000
    # the best of three: other work on the machine is not what is measured
    assert any(chromium.open(path, "#browse") < 2 for _ in range(3))
    count = "document.getElementById('count').textContent"
    assert chromium.eval(count) == "5,000 of 5,000 questions"
    assert chromium.eval("document.querySelectorAll('.row').length") < 40
    chromium.eval("document.getElementById('list').focus()")
    chromium.press("End")
    selected = "document.querySelector('.row[aria-selected=true]').dataset.at"
    assert chromium.eval(selected) == "4999"
    assert chromium.eval("document.querySelectorAll('.row').length") < 40
    expected = len({row.question_id for row in copies if "marbles" in row.text})
    chromium.press("/")
    chromium.type("marbles")
    chromium.until(f"{count} === '{expected:,} of 5,000 questions'")


def test_samples_alone_can_be_browsed(chromium, tmp_path):
    add_samples(tmp_path, questions=8, samples=3, teachers=3)
    chromium.open(write_report(tmp_path), "#browse")
    assert chromium.problems == []
    count = "document.getElementById('count').textContent"
    assert chromium.eval(count) == "8 of 8 questions"
    who = "[...document.getElementById('who').options].map((o) => o.value)"
    assert chromium.eval(who) == ["", "teacher-0", "teacher-1", "teacher-2"]
    data = load_run(tmp_path).rounds[0].rationales
    expected = sum(r.teacher == "teacher-1" and r.verdict.status == "correct" for r in data)
    for control, value in (("who", "teacher-1"), ("verdict", "c")):
        chromium.eval(
            f"(() => {{ const c = document.getElementById({json.dumps(control)});"
            f"c.value = {json.dumps(value)}; c.dispatchEvent(new Event('change')); }})()"
        )
    assert chromium.eval(count) == f"{expected} of 8 questions"


def test_a_run_that_has_not_ended_says_so(chromium, tmp_path):
    make_run(tmp_path, questions=3, n=3)
    (tmp_path / "results.json").unlink()
    chromium.open(write_report(tmp_path))
    note = chromium.eval("document.querySelector('.missing').textContent")
    assert "Not in this directory yet: results.json." in note
    assert chromium.problems == []
