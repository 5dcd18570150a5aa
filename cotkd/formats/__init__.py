"""Formats: (question, rationale) to training examples to tensors.

One format object makes what is trained on and what is asked later:

    fine_tune = Format.parse({"kind": "rationale_answer", "order": "rationale_first"})
    rows = fine_tune.examples(question, rationales, "decoder")
    prompts = [fine_tune.input(question, "decoder") for question in test]
"""

from cotkd.formats.base import Format

__all__ = ["Format"]
