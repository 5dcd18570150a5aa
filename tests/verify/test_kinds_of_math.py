"""The kinds of mathematical notation in which an answer is stated."""

from __future__ import annotations

import pytest

from tests.verify.kinds import Case, check, named

SIGN_BEFORE_BOX: list[Case] = [
    ("numeric", r"so we get $-\boxed{12}$", "-12", "correct"),
    ("math", r"Hence $x = -\boxed{12}$.", "-12", "correct"),
    ("math", r"Hence $x = - \boxed{\frac{1}{2}}$.", "1/2", "wrong"),
    ("numeric", r"So $-\boxed{12}$", "12", "wrong"),
    ("numeric", r"The answer - \boxed{12}", "12", "correct"),
    ("math", r"Final result - $\boxed{7}$", "7", "correct"),
    ("math", "The value is −\\boxed{5}", "-5", "correct"),
    ("numeric", r"it is 20 - 8 = \boxed{12}", "12", "correct"),
]

PRODUCT_WITHOUT_SIGN: list[Case] = [
    ("math", "The answer is 30(12).", "360", "correct"),
    ("math", r"\boxed{25(8)}", "200", "correct"),
    ("math", r"\boxed{4(15)}", "19", "wrong"),
    ("math", "The answer is $2(7)(3)$.", "42", "correct"),
    ("math", r"\boxed{2\frac{1}{2}}", "2.5", "correct"),
    ("math", r"\boxed{20(3+4)}", "140", "correct"),
]

UNKNOWN_LEFT_IN: list[Case] = [
    ("math", r"\boxed{20-6m}", "14", "wrong"),
    ("math", "The answer is 12 + 3k.", "15", "wrong"),
    ("math", r"\boxed{5t + 2}", "7", "wrong"),
    ("math", "The answer is $40 - 3h$.", "37", "wrong"),
    ("math", r"\boxed{20-6m}", "20-6m", "correct"),
    ("math", r"\boxed{12 m}", "12", "correct"),
    ("math", r"\boxed{12\text{ m}}", "12", "correct"),
]

PADDED_DOLLARS: list[Case] = [
    ("math", "So the sum is $ \\frac{3}{8} $.", "3/8", "correct"),
    ("math", "The answer is $ 2\\sqrt{5} $", r"2\sqrt{5}", "correct"),
    ("math", "Therefore $$ x^2 + 1 $$", "x^2+1", "correct"),
    ("math", "We find $ x = 7 $ in the end.", "7", "correct"),
    ("math", "The answer is $ -\\frac{2}{3} $.", "2/3", "wrong"),
    ("math", "It costs $ 5 and then $ 8 in all.", "8", "correct"),
]

SYMBOL_BEFORE_VALUE: list[Case] = [
    ("math", "Final Answer: The largest $n$ is 12.", "12", "correct"),
    ("math", "The answer is: the value of $x$ is $\\frac{3}{4}$.", "3/4", "correct"),
    ("math", "Answer: $m$ equals 9", "9", "correct"),
    ("math", "The final answer is that $k$ is $2\\sqrt{3}$", r"2\sqrt{3}", "correct"),
    ("math", "The answer is $x$.", "x", "correct"),
    ("math", "Final answer: the smallest $p$ is 11.", "13", "wrong"),
]

EARLY_BOX: list[Case] = [
    ("numeric", r"First \boxed{8} boxes. Then 8 * 3 = 24. The final answer is 24.", "24",
     "correct"),
    ("math", r"One side is \boxed{4}. So the area is 16. The answer is $16$.", "16", "correct"),
    ("numeric", r"Half of it is \boxed{5}. Therefore the answer is 10 apples.", "5", "wrong"),
    ("math", r"We get \boxed{\frac{1}{3}}. Final answer: $\frac{2}{3}$", "2/3", "correct"),
    ("numeric", r"The answer is 9 at first sight. But it is \boxed{12}.", "12", "correct"),
    ("numeric", r"so \boxed{12}. The answer is found by adding.", "12", "correct"),
]  # fmt: skip

SEVERAL_BOXES: list[Case] = [
    ("math", r"$\boxed{3}$ and $\boxed{5}$", "3, 5", "correct"),
    ("math", r"so $x = \boxed{2}$, $y = \boxed{7}$", "(2, 7)", "correct"),
    ("math", r"The roots are $\boxed{-1}, \boxed{4}$.", r"\{-1, 4\}", "correct"),
    ("math", r"The roots are $\boxed{1}$ and $\boxed{4}$.", "4", "wrong"),
    ("math", r"\boxed{6}. Wait, I forgot one: \boxed{7}", "7", "correct"),
    ("math", r"\boxed{6} is not right. So \boxed{8}.", "8", "correct"),
    ("math", r"$a = \boxed{2}$ and $b = \boxed{3}$", "2, 4", "wrong"),
]

MATH_NOTATION: list[Case] = [
    ("math", r"\boxed{2\mathrm{e}}", "2e", "correct"),
    ("math", r"\boxed{3 + 2\mathrm{i}}", "3+2i", "correct"),
    ("math", r"\boxed{12\,345}", "12345", "correct"),
    ("math", r"\boxed{\varnothing}", r"\emptyset", "correct"),
    ("math", "The answer is the 12th.", "12", "correct"),
    ("math", r"\boxed{12^{\text{th}}}", "12", "correct"),
    ("math", r"\boxed{1\ 200}", "1200", "correct"),
    ("math", r"\boxed{\mathrm{e}^2}", "e^2", "correct"),
    ("math", r"\boxed{4 - \mathrm{i}}", "4+i", "wrong"),
]

BASES_TIMES_UNITS: list[Case] = [
    ("math", r"\boxed{231_5}", "231_6", "wrong"),
    ("math", r"\boxed{231_5}", "231_5", "correct"),
    ("math", "The answer is 132₄.", "132_4", "correct"),
    ("math", "The answer is 132₄.", "132_5", "wrong"),
    ("math", "They meet at 3:15 p.m.", r"3:15\text{ a.m.}", "wrong"),
    ("math", r"\boxed{7:40\text{ p.m.}}", "7:40 p.m.", "correct"),
    ("math", r"\boxed{12:00}", "12:00", "correct"),
    ("math", r"\boxed{12}", "12:30", "wrong"),
    ("math", r"\boxed{5\text{ cm}}", r"5\text{ m}", "wrong"),
    ("math", r"\boxed{5\text{ hours}}", r"5\text{ minutes}", "wrong"),
    ("math", r"\boxed{5\text{ cm}}", "5", "correct"),
    ("math", r"\boxed{5}", r"5\text{ cm}", "correct"),
    ("math", r"\boxed{5\text{ hours}}", "5 h", "correct"),
    ("math", r"\boxed{20\text{ cm}^2}", r"20\text{ cm}^2", "correct"),
]

INEQUALITY_AS_INTERVAL: list[Case] = [
    ("math", r"\boxed{x < 4}", r"(-\infty, 4)", "correct"),
    ("math", r"\boxed{(-\infty, 4)}", "x < 4", "correct"),
    ("math", r"\boxed{2 \le x < 9}", "[2, 9)", "correct"),
    ("math", r"\boxed{[2, 9)}", r"2 \le x < 9", "correct"),
    ("math", "The answer is x ≥ 3.", r"[3, \infty)", "correct"),
    ("math", r"\boxed{x > 3}", r"[3, \infty)", "wrong"),
    ("math", r"\boxed{x \le 4}", r"(-\infty, 4)", "wrong"),
    ("math", r"\boxed{x<1 \text{ or } x>5}", r"(-\infty,1)\cup(5,\infty)", "correct"),
]

SETS = {
    "sign-before-box": SIGN_BEFORE_BOX,
    "product-without-sign": PRODUCT_WITHOUT_SIGN,
    "unknown-left-in": UNKNOWN_LEFT_IN,
    "padded-dollars": PADDED_DOLLARS,
    "symbol-before-value": SYMBOL_BEFORE_VALUE,
    "early-box": EARLY_BOX,
    "several-boxes": SEVERAL_BOXES,
    "math-notation": MATH_NOTATION,
    "bases-times-units": BASES_TIMES_UNITS,
    "inequality-as-interval": INEQUALITY_AS_INTERVAL,
}


@pytest.mark.parametrize(("kind", "case"), named(SETS))
def test_mathematical_notation_means_what_it_says(kind: str, case: Case) -> None:
    check(case)
