"""Where questions come from: registered sets, any file of rows, and the embedded MicroGSM.

    load_questions("microgsm:train", limit=400)
    load_questions("gsm8k:test")                          # from the hub
    load_questions("gsm8k:test", path="data/gsm8k")       # a local copy
    load_questions("problems.jsonl", answer_field="target")
    load_questions(["mine/*.csv", "more.parquet"])

A new set is a subclass of `QuestionSource` with a `kind`.
"""

from cotkd.questions.base import QuestionSource
from cotkd.questions.file import read_files
from cotkd.questions.load import QuestionsConfig, load_questions

# a module of a sub-package: defining its classes is what registers the sets
from cotkd.questions.microgsm import source as source

__all__ = ["QuestionSource", "QuestionsConfig", "load_questions", "read_files"]
