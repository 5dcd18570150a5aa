"""Kind `transformers`: a local model, decoder or encoder-decoder, decoded by `decoding`.

TransformersTeacher(model="microgsm-teacher").open()
TransformersTeacher(model="Qwen/Qwen3-0.6B", dtype="bfloat16", device="cuda").open()
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from cotkd.decoding import BATCH_TOKENS, plan_batches, score
from cotkd.decoding.chat_template import Chat, ChatTemplate
from cotkd.decoding.checkpoints import locate_model, tokenizer_in
from cotkd.decoding.contrast import Contrasts
from cotkd.decoding.generation import Generation
from cotkd.decoding.loading import COMPARED, check_family, check_weights, quiet
from cotkd.decoding.sampling import Sampling
from cotkd.errors import EngineError, SettingError
from cotkd.rationales.trace import opens_trace
from cotkd.teachers.base import Engine, Request, Teacher
from cotkd.types import Architecture


class TransformersTeacher(Teacher):
    """A local model: decoder or encoder-decoder, on CPU or GPU."""

    title: ClassVar[str] = "local models through transformers, decoder and encoder-decoder"

    kind: Literal["transformers"] = "transformers"
    model: str = "microgsm-teacher"
    """Embedded name, folder, or name on the hub."""
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    """Precision of weights and arithmetic; texts are reproducible across batch sizes in float32."""
    device: str | None = None
    """Where the model runs, e.g. `cuda:0`; by default the GPU if there is one, else the CPU."""
    batch_tokens: int = Field(BATCH_TOKENS, ge=1)
    """Token positions of one batch: rows times the longest prompt with all its new tokens."""

    def open(self) -> TransformersEngine:
        """Load model and tokenizer."""
        model, tokenizer = load_model(self.model, dtype=self.dtype, device=self.device)
        return TransformersEngine(self, model, tokenizer)


class TransformersEngine(Engine):
    """A loaded model and its tokenizer."""

    abilities = frozenset({"contrast", "repetition_penalty", "score", "seed", "top_k"})

    def __init__(self, settings: TransformersTeacher, model: Any, tokenizer: Any) -> None:
        from cotkd.decoding.loop import Decoder

        self.settings = settings
        self.name = settings.model
        self.parameters = model.num_parameters()
        self._decoder = Decoder(model, tokenizer)
        self._digest = weights_digest(model)
        self._chat = ChatTemplate(self.name, tokenizer)
        if self._chat.present and self.architecture == "decoder":
            self.abilities |= {"chat"}

    @property
    def identity(self) -> str:
        """Model, weights and precision; the batch size is no part of what is asked."""
        return f"{self.name} {self._digest} in {self.settings.dtype}"

    @property
    def architecture(self) -> Architecture:
        """The family of the model."""
        return self._decoder.architecture

    def batches(self, requests: Sequence[Request], sampling: Sampling) -> list[list[int]]:
        """Return batches of similar prompt length within the token budget.

        A request with a contrast takes the room of two rows.
        """
        distinct = {_asked(request): request for request in requests}
        encoded = zip(distinct, self._encode(list(distinct.values())), strict=True)
        length = {asked: len(ids) + sampling.max_tokens for asked, ids in encoded}
        lengths = [length[_asked(request)] for request in requests]
        if (contrasts := self._contrasts(requests)) is not None:
            others = (len(ids) + sampling.max_tokens for ids in contrasts.prompts)
            lengths = [2 * max(pair) for pair in zip(lengths, others, strict=True)]
        return plan_batches(lengths, batch_tokens=self.settings.batch_tokens)

    def complete(self, requests: Sequence[Request], sampling: Sampling) -> list[Generation]:
        """Continue the prompts as one batch."""
        prompts = self._encode(requests)
        seeds = [request.seed for request in requests]
        contrasts = self._contrasts(requests)
        made = self._decoder(prompts, sampling=sampling, seeds=seeds, contrasts=contrasts)
        return [self._split(*pair) for pair in zip(requests, made, strict=True)]

    def _encode(self, requests: Sequence[Request]) -> list[list[int]]:
        """Return prompts as token ids; a chat template writes the special tokens itself."""
        from cotkd.decoding.text import encode_continuations

        if any(request.chat is None for request in requests):
            return self._decoder.encode([request.prompt for request in requests])
        texts = [self._chat(request.chat) for request in requests if request.chat is not None]
        return encode_continuations(self._decoder.tokenizer, texts)

    def _contrasts(self, requests: Sequence[Request]) -> Contrasts | None:
        found = [request.contrast for request in requests if request.contrast is not None]
        numbers = {(one.strength, one.plausibility) for one in found}
        if not numbers:
            return None
        if len(found) < len(requests) or len(numbers) > 1:
            raise SettingError(
                "requests of one call differ in their contrast: ask for each strength and "
                "plausibility, and without contrast, in a call of its own"
            )
        if any(request.chat is not None for request in requests):
            raise SettingError("contrast goes with a prompt, not with a conversation")
        return Contrasts(self._decoder.encode([one.prompt for one in found]), *numbers.pop())

    def _split(self, request: Request, made: Generation) -> Generation:
        """Return the generation with its thinking trace apart, where it answers a conversation."""
        if request.chat is None or made.error is not None:
            return made
        return made.apart(opened=opens_trace(self._chat(request.chat)))

    def score(self, prompts: Sequence[str], continuations: Sequence[str]) -> list[list[float]]:
        """Return the log-probability in nats of every token of each continuation."""
        return score(self._decoder.model, self._decoder.tokenizer, prompts, continuations)

    def pieces(self, continuations: Sequence[str]) -> list[list[str]]:
        """Return the text of every token that `score` gives a number for."""
        from cotkd.decoding.text import pieces

        return pieces(self._decoder.tokenizer, continuations)


def _asked(request: Request) -> tuple[str, Chat | None]:
    return request.prompt, request.chat


def weights_digest(model: Any, *, per_weight: int = 1024) -> str:
    """Return 12 digits that tell two trainings of one architecture apart.

    Of each weight only the first numbers are read, so that a large model costs no time; a training
    changes all of them.
    """
    digest = hashlib.sha256()
    for name, weight in model.state_dict().items():
        start = weight.detach().flatten()[:per_weight].float().cpu()
        digest.update(name.encode() + start.numpy().tobytes())
    return digest.hexdigest()[:12]


def load_model(name: str, *, dtype: str = "float32", device: str | None = None) -> tuple[Any, Any]:
    """Return model and tokenizer of a causal or encoder-decoder checkpoint, ready to decode.

    Raises:
        SettingError: no such model or device, a model that writes no text, or weights of another.
        EngineError: the checkpoint is there but cannot be loaded.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM

    place = locate_model(name)
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise SettingError(f"device {device!r}: torch sees no GPU here, use device cpu")
    try:
        with quiet():
            config = AutoConfig.from_pretrained(place)
            family = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
            check_family(f"model {name}", config, family)
            kind = getattr(torch, dtype)
            model, found = family.from_pretrained(place, config=config, dtype=kind, **COMPARED)
            check_weights(f"model {name}", model, found)
            tokenizer = tokenizer_in(place, f"model {name}")
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:400]
        raise EngineError(f"model {name!r} cannot be loaded from {place}: {reason}") from None
    return model.to(device).eval(), tokenizer
