r"""Mathematics as people write it, in the LaTeX that math-verify reads.

"2\mathrm{e}", "24\,680"     2e, 24680: upright letters, thin spaces between thousands
"12^{\text{th}}"             12
"50(16)"                     50 \cdot (16): what stands before a bracket is multiplied
"132₄", "x²"                 132_{4}, x^{2}
"2√3", "sqrt(3)", "x**2"     2\sqrt{3}, \sqrt{3}, x^2
"\varnothing"                \emptyset
"""

from __future__ import annotations

import re

from cotkd.rationales.number import plain

_UNICODE = {
    "×": r"\times ", "÷": r"\div ", "·": r"\cdot ", "⋅": r"\cdot ", "π": r"\pi ", "∞": r"\infty ",
    "≤": r"\le ", "≥": r"\ge ", "≠": r"\ne ", "°": r"^\circ ", "∪": r"\cup ", "∩": r"\cap ",
    "∈": r"\in ", "±": r"\pm ", "√": r"\sqrt", "½": r"\frac{1}{2}", "¼": r"\frac{1}{4}",
    "¾": r"\frac{3}{4}", "⅓": r"\frac{1}{3}", "⅔": r"\frac{2}{3}", "θ": r"\theta ", "**": "^",
    "∅": r"\emptyset ", r"\varnothing": r"\emptyset ", r"\dfrac": r"\frac", r"\tfrac": r"\frac",
}  # fmt: skip
_SIGN = re.compile("|".join(map(re.escape, _UNICODE)))
_RAISED = re.compile("[⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_LOWERED = re.compile("[₀₁₂₃₄₅₆₇₈₉]+")
_FLAT = str.maketrans("⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", "-+01234567890123456789")
_ROOT = re.compile(r"\\?\bsqrt\s*(?:\((?P<inner>[^()]*)\)|(?P<bare>\d+(?:\.\d+)?|[A-Za-z]\b))")
_NAME = re.compile(r"(?<![\\A-Za-z])(?:sin|cos|tan|log|ln|exp|pi)(?![A-Za-z])")
_UPRIGHT = re.compile(r"([A-Za-z])?\\(?:mathrm|text|operatorname|rm)\s?\{\s?([eid])\s?\}")
_THOUSANDS = re.compile(r"(?<![\d.])([1-9]\d{0,2})((?:(?:\\[,;:! ]|~|\{,\})\d{3})+)(?![\d])")
_GAP = re.compile(r"\\[,;:! ]|~|\{,\}")
_ORDINAL = re.compile(
    r"(?<![\w.])(\d+)\s?(?:\^\s?\{?\s?)?(?:\\(?:text|mathrm|textsuperscript)\s?\{\s?)?(?:st|nd|rd|th)(?![A-Za-z])\s?\}{0,2}"
)
_PRODUCT = re.compile(
    r"(?<![\w.}_^])(\d+(?:\.\d+)?)\s?(?=\((?:[^(),\[\]]{1,60})\))|(?<=\d\))(?=\(-?\d)"
)


def latex(text: str) -> str:
    """Return `text` as LaTeX that means the same, in signs that are read."""
    text = plain(text)
    if not text.isascii() or "**" in text or "\\" in text:
        text = _RAISED.sub(lambda match: f"^{{{match[0].translate(_FLAT)}}}", text)
        text = _LOWERED.sub(lambda match: f"_{{{match[0].translate(_FLAT)}}}", text)
        text = _SIGN.sub(lambda match: _UNICODE[match[0]], text)
    if "\\" in text or "~" in text:
        text = _UPRIGHT.sub(lambda match: f"{match[1]} {match[2]}" if match[1] else match[2], text)
        text = _THOUSANDS.sub(lambda match: match[1] + _GAP.sub("", match[2]), text)
    text = _ORDINAL.sub(r"\1", text)
    text = _ROOT.sub(lambda match: rf"\sqrt{{{match['inner'] or match['bare'] or ''}}}", text)
    if "(" in text:
        text = _PRODUCT.sub(lambda match: rf"{match[1] or ''} \cdot ", text)
    return _NAME.sub(lambda match: "\\" + match[0], text)
