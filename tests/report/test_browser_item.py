"""The open question in a real browser: wrong steps, comparison, token growth, dialogues."""

from __future__ import annotations

import json
import random

from cotkd.report import write_report
from tests.report.example_run import make_socratic_run

SHOWN = "document.querySelector('#detail .question').textContent"
NAMES = "[...document.querySelectorAll('.card .name')].map((name) => name.textContent)"


def test_wrong_steps_are_highlighted_with_what_they_give(page, items):
    page.choose(step="1")
    first = next(i for i in items if any(isinstance(x["t"], list) for x in i["x"]))
    assert page.eval(SHOWN) == first["q"]
    wrong = [piece for x in first["x"] for piece in x["t"] if isinstance(piece, list)]
    seen = page.eval(
        "[...document.querySelectorAll('.bad')].map((bad) => [bad.textContent, bad.dataset.value])"
    )
    assert seen == wrong != []


def joined(text) -> str:
    return "".join(piece if isinstance(piece, str) else piece[0] for piece in text)


def test_two_students_are_compared_side_by_side_word_by_word(page, items):
    page.choose(**{"in": "microgsm", "a": "student", "b": "teacher", "how": "only-b"})
    page.press("d")
    assert page.eval(NAMES) == ["student", "teacher"]
    tops = "[...document.querySelectorAll('.card')].map((c) => c.getBoundingClientRect().y)"
    assert len(set(page.eval(tops))) == 1
    pairs = [({x["n"]: x for x in i["x"]}) for i in items if i["s"] == 1]
    first = next(p for p in pairs if p["student"]["v"] != "c" and p["teacher"]["v"] == "c")
    texts = [joined(first[arm]["t"]).strip() for arm in ("student", "teacher")]
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
    page.choose(growth="1")
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
    page.choose(**{"in": "microgsm"})
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
