"""Formats: (question, rationale) to training examples to tensors.

One format object makes what is trained on and what is asked later:

    fine_tune = Format.parse({"kind": "rationale_answer", "order": "rationale_first"})
    rows, rejected = build_examples(fine_tune, questions, rationales, architecture="decoder")
    prompts = [fine_tune.input(question, "decoder") for question in test]
"""

from cotkd.formats.base import Format
from cotkd.formats.build import Examples, build_examples

__all__ = ["Examples", "Format", "build_examples"]
