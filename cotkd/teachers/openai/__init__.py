"""Kind `openai`: any server that speaks the OpenAI API, asked by many requests at a time.

`settings` is what a user sets, `teacher` the kind, `engine` what samples are asked through. Below
it, `body` writes a request and `reply` reads its answer; `caller` asks until there is one, by the
rules of `trouble` (what went wrong), `retry` (when to ask again) and `limits` (how often); `client`
owns the network.
"""

from cotkd.teachers.openai.teacher import OpenAITeacher

__all__ = ["OpenAITeacher"]
