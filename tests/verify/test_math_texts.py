"""Further texts of the same kinds as in the tables by kind, in no order: mathematics."""

from __future__ import annotations

import pytest

from tests.verify.kinds import Case, check, named

CASES: list[Case] = [
    ("math", "so $x = - \\boxed{8}$", "-8", "correct"),
    ("math", "The profit is −$\\boxed{30}$.", "-30", "correct"),
    ("math", "the range 3 - \\boxed{8}", "8", "correct"),
    ("math", "\\boxed{6(7)}", "42", "correct"),
    ("math", "The answer is $15(20)$.", "300", "correct"),
    ("math", "\\boxed{(3)(4)}", "12", "correct"),
    ("math", "\\boxed{2.5(4)}", "10", "correct"),
    ("math", '{"answer": "12+3k"}', "15", "wrong"),
    ("math", "\\boxed{7-2c}", "5", "wrong"),
    ("math", '{"answer": "3x + 2"}', "5", "wrong"),
    ("math", "\\boxed{100 - 5t}", "95", "wrong"),
    ("math", "The answer is $8m - 3$", "5", "wrong"),
    ("math", "We have $ \\frac{2}{7} $ of it.", "2/7", "correct"),
    ("math", "So the answer is $ \\sqrt{7} $.", "\\sqrt{7}", "correct"),
    (
        "math",
        "$$ \\begin{pmatrix}1\\\\2\\end{pmatrix} $$",
        "\\begin{pmatrix}1\\\\2\\end{pmatrix}",
        "correct",
    ),
    ("math", "The interval is $ (2, 5) $.", "(2,5)", "correct"),
    ("math", "Final Answer: The value of $n$ is $12$.", "12", "correct"),
    ("math", "The final answer is: $x$ equals 5", "5", "correct"),
    ("math", "Answer: The length of $AB$ is $3\\sqrt{2}$.", "3\\sqrt{2}", "correct"),
    ("math", "Final Answer: $a = 4$", "4", "correct"),
    ("math", "We find \\boxed{6} first. Then 6 + 9 = 15. The answer is 15.", "15", "correct"),
    ("math", "\\boxed{\\frac{1}{2}}. The final answer is \\frac{3}{2}", "\\frac{3}{2}", "correct"),
    ("math", "Step 1 gives \\boxed{3}. #### 12", "12", "correct"),
    ("math", "\\boxed{1} or \\boxed{-6}", "1, -6", "correct"),
    ("math", "$m=\\boxed{3}$, $n=\\boxed{4}$", "3, 4", "correct"),
    ("math", "\\boxed{2}; \\boxed{9}", "2, 9", "correct"),
    ("math", "\\boxed{5}. Correction: \\boxed{6}", "6", "correct"),
    ("math", "The values are $\\boxed{-2}$, $\\boxed{0}$, and $\\boxed{2}$.", "-2,0,2", "correct"),
    ("math", "\\boxed{3\\mathrm{i}}", "3i", "correct"),
    ("math", "\\boxed{1\\,000\\,000}", "1000000", "correct"),
    ("math", "\\boxed{7^{\\mathrm{th}}}", "7", "correct"),
    ("math", "\\boxed{\\emptyset}", "\\varnothing", "correct"),
    ("math", "\\boxed{3\\text{rd}}", "3", "correct"),
    ("math", "\\boxed{\\mathrm{e}^{-2}}", "e^{-2}", "correct"),
    ("math", "\\boxed{21^{st}}", "21", "correct"),
    ("math", "\\boxed{1011_2}", "1011_3", "wrong"),
    ("math", "\\boxed{212₃}", "212_3", "correct"),
    ("math", "\\boxed{1011_{2}}", "1011_2", "correct"),
    ("math", "\\boxed{4:30\\text{ p.m.}}", "4:30\\text{ p.m.}", "correct"),
    ("math", "The answer is 4:30 PM.", "4:30\\text{ a.m.}", "wrong"),
    ("math", "\\boxed{9:00}", "9:00", "correct"),
    ("math", "\\boxed{4:02}", "2:01", "wrong"),
    ("math", "\\boxed{7\\text{ kg}}", "7\\text{ g}", "wrong"),
    ("math", "\\boxed{30\\text{ seconds}}", "30\\text{ minutes}", "wrong"),
    ("math", "\\boxed{7\\,\\mathrm{cm}}", "7\\text{ cm}", "correct"),
    ("math", "\\boxed{12\\text{ cm}^2}", "12\\text{ cm}^3", "wrong"),
    ("math", "\\boxed{2_{10}}", "2", "correct"),
    ("math", "\\boxed{18:30}", "6:30 p.m.", "correct"),
    ("math", "\\boxed{x > -2}", "(-2,\\infty)", "correct"),
    ("math", "\\boxed{0 \\leq x \\leq 5}", "[0,5]", "correct"),
    ("math", "\\boxed{5 > x}", "(-\\infty,5)", "correct"),
    ("math", "\\boxed{x \\leq \\frac{1}{2}}", "(-\\infty, \\frac{1}{2}]", "correct"),
    ("math", "\\boxed{3 < x < 8}", "(3,9)", "wrong"),
    ("math", "$x \\ge 4$", "[4, +\\infty)", "correct"),
    ("math", "\\boxed{x<-1 \\text{ or } x>1}", "(-\\infty,-1)\\cup(1,\\infty)", "correct"),
    ("math", "\\boxed{t \\geq 2}", "[2,\\infty)", "correct"),
    ("math", "Now $a = 4$ and $b = \\sqrt{", "4", "unparsed"),
    ("math", "so we get $12 -", "12", "unparsed"),
    ("math", "The roots are $x = 2$ and $x =", "2", "unparsed"),
    ("math", "We find that $\\sqrt{49} = 7$ and therefore", "7", "unparsed"),
]


@pytest.mark.parametrize(("kind", "case"), named({"math": CASES}))
def test_texts_as_they_come_get_their_verdict(kind: str, case: Case) -> None:
    check(case)
