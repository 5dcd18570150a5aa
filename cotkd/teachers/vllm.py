"""Kind `vllm`: a local decoder inside vLLM, in this process.

    VllmTeacher(model="Qwen/Qwen3-8B", tensor_parallel=2).open()
    VllmTeacher(model="microgsm-teacher", options={"max_num_seqs": 64}).open()

Every sample is a request of its own with its own seed; the prompt that samples of one question
share is read once (prefix caching), and whatever can run at the same time does. In float32 a text
depends on prompt, seed and settings alone but for near-ties.

What vLLM cannot do is done elsewhere: encoder-decoder teachers and contrastive decoding by kind
`transformers`, several replicas by a server and kind `openai`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar, Literal

from pydantic import Field

from cotkd.decoding.chat_template import Chat, ChatTemplate, opens_trace
from cotkd.decoding.checkpoints import locate_model
from cotkd.decoding.generation import Generation, failed
from cotkd.decoding.sampling import Sampling
from cotkd.decoding.thinking import split_thinking
from cotkd.errors import EngineError, SettingError, first_line
from cotkd.teachers.base import Engine, Request, Teacher, consecutive
from cotkd.teachers.vllm_environment import INSTALL, has_compiler, prepare, silence
from cotkd.teachers.vllm_loop import EngineLoop, Refusal
from cotkd.teachers.vllm_weights import Weights, read_weights

OWN: dict[str, str] = {
    "model": "model",
    "dtype": "dtype",
    "tensor_parallel_size": "tensor_parallel",
    "data_parallel_size": "data_parallel",
    "gpu_memory_utilization": "gpu_memory",
    "max_model_len": "max_model_len",
    "enable_prefix_caching": "prefix_caching",
}
"""Arguments of vLLM that have a setting here."""

UNDER_WAY = 2048
"""Requests that vLLM holds at a time, so that it never runs dry between two batches."""


class VllmTeacher(Teacher):
    """A local decoder inside vLLM, on GPUs or the CPU."""

    title: ClassVar[str] = f"local decoders through vLLM ({INSTALL})"

    kind: Literal["vllm"] = "vllm"
    model: str = "microgsm-teacher"
    """Embedded name, folder, or name on the hub."""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """Precision; `auto` is the checkpoint's on a GPU, and float32 on a CPU."""
    tensor_parallel: int = Field(1, ge=1)
    """GPUs that one copy of the model is spread over."""
    data_parallel: int = Field(1, ge=1)
    """Copies of the model; more than 1 only under an external launcher such as torchrun."""
    gpu_memory: float | None = Field(None, gt=0, le=1)
    """Share of each GPU's memory that vLLM takes; null leaves it to vLLM. On a CPU the cache has
    `VLLM_CPU_KVCACHE_SPACE` GiB, by default a quarter of what is free."""
    max_model_len: int | None = Field(None, ge=2)
    """Tokens of prompt and sample together; null is what the model was made for."""
    prefix_caching: bool = True
    """Read what prompts have in common once."""
    batch: int = Field(256, ge=1)
    """Samples that are written to disk together; several batches are under way at a time."""
    options: dict[str, Any] = Field(default_factory=dict)
    """More arguments of `vllm.LLM`, such as `{max_num_seqs: 512, quantization: fp8}`."""

    def open(self) -> VllmEngine:
        """Load the model into vLLM.

        Raises:
            SettingError: settings that vLLM has no use for, or a model that it does not run.
            MissingDependency: vLLM is not installed, or not so that it can be imported.
            EngineError: the model could not be loaded.
        """
        silence()
        folder = locate_model(self.model)
        self._check_options()
        _refuse_encoder_decoder(self.model, folder)
        cpu = prepare(tensor_parallel=self.tensor_parallel)
        if cpu and self.options.get("enable_chunked_prefill"):
            raise SettingError(
                "teacher.options.enable_chunked_prefill: seeded samples end vLLM on a CPU when a "
                "prompt is read in parts: leave it out"
            )
        llm = _load(self.model, self.arguments(folder, cpu=cpu))
        return VllmEngine(self, llm, read_weights(Path(folder)))

    def arguments(self, folder: str, *, cpu: bool) -> dict[str, Any]:
        """Return the arguments of `vllm.LLM`."""
        values: dict[str, Any] = {
            "model": folder,
            "dtype": "float32" if cpu and self.dtype == "auto" else self.dtype,
            "tensor_parallel_size": self.tensor_parallel,
            "enable_prefix_caching": self.prefix_caching,
            "logprobs_mode": "raw_logprobs",
            "use_tqdm_on_load": False,
        }
        if self.data_parallel > 1:
            values["data_parallel_size"] = self.data_parallel
        if self.gpu_memory is not None:
            values["gpu_memory_utilization"] = self.gpu_memory
        if self.max_model_len is not None:
            values["max_model_len"] = self.max_model_len
        if cpu:
            # torch's CPU generator, which seeded requests use, cannot take up a prompt again that
            # was read in part: RuntimeError "CPU Generator does not use offset"
            values["enable_chunked_prefill"] = False
            values["enforce_eager"] = not has_compiler()
        return values | self.options

    def _check_options(self) -> None:
        for name in self.options:
            if name in OWN:
                raise SettingError(f"teacher.options.{name}: set teacher.{OWN[name]} instead")
            if name == "logprobs_mode":
                raise SettingError(f"teacher.options.{name}: a sample's logprob is the raw one")
        launcher = self.options.get("distributed_executor_backend")
        if self.data_parallel > 1 and launcher != "external_launcher":
            raise SettingError(
                f"teacher.data_parallel {self.data_parallel}: inside one process vLLM runs one copy"
                f": start `vllm serve {self.model} --data-parallel-size {self.data_parallel}` and "
                "use kind openai, or run under torchrun with options "
                "{distributed_executor_backend: external_launcher}"
            )


class VllmEngine(Engine):
    """A model that vLLM has loaded. A second one fits into the same process once this is closed."""

    abilities = frozenset({"repetition_penalty", "score", "seed", "top_k"})

    def __init__(self, settings: VllmTeacher, llm: Any, weights: Weights | None) -> None:
        self.settings = settings
        self.name = settings.model
        self.parameters = None if weights is None else weights.parameters
        self.concurrency = max(1, UNDER_WAY // settings.batch)
        self.context = int(llm.model_config.max_model_len)
        dtype = str(llm.model_config.dtype).removeprefix("torch.")
        digest = "" if weights is None else f" {weights.digest}"
        self._identity = f"{self.name}{digest} in {dtype} through vllm"
        self._llm = llm
        self._loop = EngineLoop(llm)
        self._tokenizer = llm.get_tokenizer()
        self._text = Lock()  # a tokenizer is one thread's at a time
        self._chat = ChatTemplate(self.name, self._tokenizer)
        if self._chat.present:
            self.abilities |= {"chat"}

    @property
    def identity(self) -> str:
        """Model, weights (those in safetensors files) and precision; not how it is run."""
        return self._identity

    def batches(self, requests: Sequence[Request], sampling: Sampling) -> list[list[int]]:
        """Return batches in the order of the requests: vLLM itself decides what runs together."""
        return consecutive(len(requests), self.settings.batch)

    def complete(self, requests: Sequence[Request], sampling: Sampling) -> list[Generation]:
        """Continue the prompts; the order in which they finish is vLLM's."""
        if any(request.contrast is not None for request in requests):
            self.refuse("contrast")
        prompts = self._encode(requests)
        made = [_too_long(len(prompt), self.context) for prompt in prompts]
        fitting = [row for row, prompt in enumerate(prompts) if len(prompt) < self.context]
        parameters = self._parameters(sampling, [requests[row].seed for row in fitting])
        outputs = self._loop.run_batch([prompts[row] for row in fitting], parameters)
        texts = self._texts([prompts[row] for row in fitting], outputs, sampling)
        for row, output, text in zip(fitting, outputs, texts, strict=True):
            made[row] = self._generation(requests[row], output, text)
        return made

    def _encode(self, requests: Sequence[Request]) -> list[list[int]]:
        """Return prompts as the ids that kind `transformers` would give them."""
        from cotkd.decoding.text import encode_continuations, encode_prompts

        plain = dict.fromkeys(request.prompt for request in requests if request.chat is None)
        chats = dict.fromkeys(request.chat for request in requests if request.chat is not None)
        with self._text:
            rendered = [self._chat(chat) for chat in chats]
            known: dict[str | Chat, list[int]] = {
                **_pairs(plain, encode_prompts(self._tokenizer, [*plain], architecture="decoder")),
                **_pairs(chats, encode_continuations(self._tokenizer, rendered)),
            }
        return [known[request.chat or request.prompt] for request in requests]

    def _parameters(self, sampling: Sampling, seeds: Sequence[int]) -> list[Any]:
        from vllm import SamplingParams

        stop = [text for text in sampling.stop if text]
        return [
            SamplingParams(
                temperature=sampling.temperature,
                top_p=sampling.top_p,
                top_k=sampling.top_k,
                repetition_penalty=sampling.repetition_penalty,
                max_tokens=sampling.max_tokens,
                stop=stop,
                seed=seed if sampling.temperature else None,
                logprobs=0,
                flat_logprobs=True,
                detokenize=bool(stop),
            )
            for seed in seeds
        ]

    def _texts(
        self, prompts: Sequence[Sequence[int]], outputs: Sequence[Any], sampling: Sampling
    ) -> list[str]:
        """Return texts: vLLM's where it looked for stop strings, else all decoded at once."""
        from cotkd.decoding.text import decode_completions

        if any(sampling.stop):
            return ["" if isinstance(one, Refusal) else one.outputs[0].text for one in outputs]
        ids = [() if isinstance(one, Refusal) else one.outputs[0].token_ids for one in outputs]
        with self._text:
            return decode_completions(self._tokenizer, prompts, ids)

    def _generation(self, request: Request, output: Any, text: str) -> Generation:
        if isinstance(output, Refusal):
            return failed(f"vllm refuses the request: {output.reason}")
        one = output.outputs[0]
        if one.finish_reason not in ("stop", "length"):
            return failed(f"vllm broke the request off: {one.finish_reason}")
        reasoning = None
        if request.chat is not None:
            opened = opens_trace(self._chat(request.chat))
            reasoning, text = split_thinking(text, opened=opened)
        return Generation(
            text=text,
            token_ids=tuple(one.token_ids),
            finish_reason=one.finish_reason,
            prompt_tokens=len(output.prompt_token_ids),
            logprob=one.cumulative_logprob,
            reasoning=reasoning,
        )

    def score(self, prompts: Sequence[str], continuations: Sequence[str]) -> list[list[float]]:
        """Return the log-probability in nats of every token of each continuation."""
        from vllm import SamplingParams

        from cotkd.decoding.text import encode_continuations, encode_prompts

        if len(prompts) != len(continuations):
            raise SettingError(f"{len(prompts)} prompts for {len(continuations)} continuations")
        with self._text:
            heads = encode_prompts(self._tokenizer, prompts, architecture="decoder")
            tails = encode_continuations(self._tokenizer, continuations)
        rows = [row for row, tail in enumerate(tails) if tail]
        joined = [[*heads[row], *tails[row]] for row in rows]
        longest = max(map(len, joined), default=0)
        if longest >= self.context:  # vLLM wants room for one new token
            raise SettingError(
                f"a text of {longest} tokens exceeds the model's context of {self.context}"
            )
        wanted = SamplingParams(temperature=0, max_tokens=1, prompt_logprobs=0, detokenize=False)
        found: list[list[float]] = [[] for _ in tails]
        outputs = self._loop.run_batch(joined, [wanted] * len(joined))
        for row, ids, output in zip(rows, joined, outputs, strict=True):
            if isinstance(output, Refusal):
                raise EngineError(f"vllm refuses to score a text: {output.reason}")
            known = list(zip(ids, output.prompt_logprobs, strict=True))[len(heads[row]) :]
            found[row] = [place[token].logprob for token, place in known]
        return found

    def pieces(self, continuations: Sequence[str]) -> list[list[str]]:
        """Return the text of every token that `score` gives a number for."""
        from cotkd.decoding.text import encode_continuations

        with self._text:
            encoded = encode_continuations(self._tokenizer, continuations)
            return [[self._tokenizer.decode([token]) for token in row] for row in encoded]

    def close(self) -> None:
        """Unload the model; batches that are under way are given up."""
        self._loop.close()
        if self._llm is not None:
            self._llm.llm_engine.engine_core.shutdown()
            self._llm = None
            _clean_up()


def _pairs(keys: Any, values: Sequence[list[int]]) -> dict[Any, list[int]]:
    return dict(zip(keys, values, strict=True))


def _too_long(tokens: int, context: int) -> Generation:
    return failed(f"prompt of {tokens} tokens fills the context of {context}")


def _refuse_encoder_decoder(model: str, folder: str) -> None:
    from transformers import AutoConfig

    try:
        config = AutoConfig.from_pretrained(folder)
    except (OSError, ValueError, KeyError):
        return  # what vLLM makes of it, vLLM says
    if config.is_encoder_decoder:
        raise SettingError(
            f"teacher {model!r} is an encoder-decoder ({config.model_type}), which vLLM does not "
            "run: use kind transformers"
        )


def _load(model: str, arguments: dict[str, Any]) -> Any:
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            from vllm import LLM

            return LLM(**arguments)
    except TypeError as error:
        raise SettingError(f"teacher.options: {first_line(error)}") from None
    except Exception as error:  # noqa: BLE001  (vLLM's own errors have no common base over versions)
        reason, advice = first_line(error), ""
        if "emory" in reason or "KV cache" in reason:
            advice = (
                " (lower teacher.max_model_len, or give memory: teacher.gpu_memory on a GPU, "
                "VLLM_CPU_KVCACHE_SPACE in GiB on a CPU)"
            )
        _clean_up()
        raise EngineError(f"vllm cannot load {model!r}: {reason}{advice}") from None


def _clean_up() -> None:
    """Free memory and process group, so that another engine can be opened in this process."""
    import gc

    gc.collect()
    if os.environ.get("VLLM_ENABLE_V1_MULTIPROCESSING") == "0":
        from vllm.distributed.parallel_state import cleanup_dist_env_and_memory

        cleanup_dist_env_and_memory()
