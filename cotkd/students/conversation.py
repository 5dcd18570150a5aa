r"""Asking a student again and again, many rows at once: each model keeps what it has read.

talk = Conversation(student)
talk.ask({0: "P\nq1 **", 1: "R\nq1 **"}, max_tokens=64, task="solve")
talk.ask({0: "P\nq1 ** s1\nq2 **"}, max_tokens=64, task="solve")
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cotkd.teachers.sampling import Sampling

if TYPE_CHECKING:
    from cotkd.students.load import Student
    from cotkd.teachers.decoding.rounds import Rounds
    from cotkd.teachers.generation import Generation


class Conversation:
    """Rounds of prompts, by row, with the models of one student."""

    def __init__(self, student: Student, *, batch_tokens: int = 16384) -> None:
        self._student, self._batch_tokens = student, batch_tokens
        self._rounds: dict[tuple[int, str | None], Rounds] = {}

    def ask(
        self,
        prompts: Mapping[int, str],
        *,
        max_tokens: int,
        opening: str = "",
        task: str | None = None,
    ) -> dict[int, Generation]:
        """Continue the prompt of each row greedily.

        A prompt that begins like the row's last one to the same weights is read from where the two
        part.
        """
        from cotkd.teachers.decoding.rounds import Rounds

        student = self._student.part_for(task)
        model = student.for_task(task)
        model.eval()
        key = (id(model), task if task in student.heads else None)
        if key not in self._rounds:
            self._rounds[key] = Rounds(model, student.tokenizer, batch_tokens=self._batch_tokens)
        sampling = Sampling(temperature=0.0, max_tokens=max_tokens)
        return self._rounds[key].ask(prompts, sampling, opening=opening)
