"""Ways of asking a teacher for its reasoning, one class each."""

from cotkd.teachers.elicitation.answer_conditioned import AnswerConditioned
from cotkd.teachers.elicitation.base import Elicitation
from cotkd.teachers.elicitation.chat import ChatCot
from cotkd.teachers.elicitation.contrastive import Contrastive
from cotkd.teachers.elicitation.crop import Crop
from cotkd.teachers.elicitation.few_shot_cot import FewShotCot
from cotkd.teachers.elicitation.plain import Plain
from cotkd.teachers.elicitation.socratic import Socratic
from cotkd.teachers.elicitation.zero_shot_cot import ZeroShotCot

__all__ = [
    "AnswerConditioned",
    "ChatCot",
    "Contrastive",
    "Crop",
    "Elicitation",
    "FewShotCot",
    "Plain",
    "Socratic",
    "ZeroShotCot",
]
