"""Licences of well-known teachers and what they say about training on outputs.

    terms_of("Qwen/Qwen3-8B").licence            # 'Apache-2.0'
    terms_of("some-model")                       # None: nobody has told us

For the reader of a dataset card, not legal advice; what counts is the licence's own text. Names are
looked at alone, so that nothing is downloaded; a folder is asked for the card it carries.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Terms(NamedTuple):
    """A teacher's licence, and what it says of models that learn from its outputs."""

    licence: str
    outputs: str


_FREE = "The licence says nothing against training other models on outputs."
_LLAMA = (
    "Training other models on outputs is allowed; a model that is passed on has a name that begins "
    "with `Llama`, says `Built with Llama` and comes with the licence."
)
_LLAMA_OLD = "Outputs may not be used to improve any other large language model."
_GEMMA = (
    "A model trained on outputs to perform like Gemma is a Model Derivative: the Gemma terms and "
    "their prohibited uses go with it."
)
_HOSTED = "Outputs may not be used to develop models that compete with the provider's."
_QWEN = "The Qwen licence applies: for research or with conditions; read what it says of outputs."

_KNOWN: Sequence[tuple[str, Terms]] = (
    (r"^microgsm-", Terms("Apache-2.0", _FREE)),
    (r"qwen2\.5(-[a-z]+)?-(3b|72b)\b", Terms("Qwen licence", _QWEN)),
    (r"(^|/)(qwen3|qwen2\.5|qwq)", Terms("Apache-2.0", _FREE)),
    (r"flan-?t5|(^|/)t5-|t5-v1_1", Terms("Apache-2.0", _FREE)),
    (r"r1-distill-llama", Terms("MIT, and the Llama community licence of its base", _LLAMA)),
    (
        r"deepseek-(r1|v3-0324|v3\.[12])",
        Terms("MIT", "The licence allows training other models on outputs, distillation included."),
    ),
    (r"gpt-oss|mi[sx]tral-[78]x?\d*b|olmo-?2|smollm", Terms("Apache-2.0", _FREE)),
    (r"(^|/)phi-[34]", Terms("MIT", _FREE)),
    (r"llama-?(2|3)(-\d+b|-instruct|-chat|-hf|$)", Terms("Llama community licence", _LLAMA_OLD)),
    (r"meta-llama|(^|/)llama-3\.|llama-4", Terms("Llama community licence", _LLAMA)),
    (r"gemma", Terms("Gemma terms of use", _GEMMA)),
    (r"^(gpt-\d|o\d\b|chatgpt)", Terms("OpenAI terms of use", _HOSTED)),
    (r"^claude", Terms("Anthropic terms of service", _HOSTED)),
    (r"^gemini", Terms("Gemini API terms of service", _HOSTED)),
)


def terms_of(teacher: str) -> Terms | None:
    """Return the terms of a teacher, None where they are not known.

    Args:
        teacher: Its name as rows have it: an embedded name, a hub name, a folder, a hosted model.
    """
    folder = Path(teacher)
    if folder.is_dir():
        licence = _stated(folder / "README.md")
        return Terms(licence, "See the licence.") if licence else None
    name = teacher.lower()
    return next((terms for pattern, terms in _KNOWN if re.search(pattern, name)), None)


def _stated(card: Path) -> str | None:
    """Return the `license` in the front matter of a model card."""
    if not card.is_file():
        return None
    found = re.match(r"---\n(?:.*\n)*?license:\s*([\w.-]+)\s*\n", card.read_text("utf-8")[:4000])
    return found[1] if found else None
