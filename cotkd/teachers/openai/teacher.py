"""Kind `openai`: the settings of a server, and the engine that asks it.

OpenAITeacher(model="Qwen/Qwen3-8B", base_url="http://127.0.0.1:8000/v1", dialect="vllm").open()
OpenAITeacher(model="gpt-4.1-mini", api="chat", requests_per_minute=500).open()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from cotkd.teachers.openai.settings import ServerSettings

if TYPE_CHECKING:
    from cotkd.teachers.openai.engine import OpenAIEngine


class OpenAITeacher(ServerSettings):
    """A model behind an OpenAI-compatible server: vLLM, SGLang, llama.cpp, Ollama, hosted."""

    title: ClassVar[str] = "any OpenAI-compatible server: vLLM, SGLang, llama.cpp, Ollama, hosted"

    kind: Literal["openai"] = "openai"

    def open(self) -> OpenAIEngine:
        """Return the engine; nothing is sent before the first request."""
        from cotkd.teachers.openai.engine import OpenAIEngine

        return OpenAIEngine(self)
