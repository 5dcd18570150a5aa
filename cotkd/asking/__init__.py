"""Asking a student: what it is sent, turn by turn, and how what it says is read.

    Prompting     one way of asking: prompts, transcript, conclusion, figures     prompting.py
      Reply       one prompt and the reply to it, around a `Format`               reply.py
    dialogues     many questions at once, each as many turns as it needs          dialogue.py
    Writer        a student in the place of a teacher, asked by its prompting     writer.py

`Method.heads` names them; what is a method's own, such as Socratic CoT's, stands beside it.
"""

from __future__ import annotations

from cotkd.asking.prompting import Prompting, Turn
from cotkd.asking.reply import Reply

__all__ = ["Prompting", "Reply", "Turn"]
