"""Asking a student: what it is sent, turn by turn, and how what it says is read.

    Prompting     one way of asking: prompts, transcript, conclusion, figures     prompting.py
      Reply       one prompt and the reply to it, around a `Format`               reply.py
      TwoCalls    a rationale, then the answer with that rationale in the prompt  two_calls.py
    converse      many questions at once, each as many turns as it needs          dialogue.py
    Writer        a student in the place of a teacher, asked by its prompting     writer.py

A method names its promptings (`Method.heads`); one that is its own, such as Socratic CoT's, stands
beside it.
"""

from __future__ import annotations

from cotkd.asking.prompting import Prompting, Turn
from cotkd.asking.reply import Reply

__all__ = ["Prompting", "Reply", "Turn"]
