"""The model that learns, with its tokenizer: load, generate, save.

A folder of a trained student loads like any model:

    student = load_student("microgsm-student")
    student.generate(["Ann has 3 boxes of 4 eggs. How many eggs? ###"], max_tokens=64)
    student.save(Path("runs/first/student"))
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cotkd.errors import DataError, EngineError, SettingError
from cotkd.students.lora import Lora, add_lora
from cotkd.teachers.sampling import Sampling
from cotkd.types import Architecture

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from cotkd.teachers.generation import Generation

DType = Literal["float32", "bfloat16", "float16"]


@dataclass(frozen=True)
class Student:
    """A model and its tokenizer; training changes the weights in place."""

    name: str
    model: Any
    """A `PreTrainedModel`, or a `PeftModel` around one."""
    tokenizer: PreTrainedTokenizerBase

    @property
    def architecture(self) -> Architecture:
        """Whether the student reads and writes in one stack or in two."""
        return "encoder-decoder" if self.model.config.is_encoder_decoder else "decoder"

    @property
    def parameters(self) -> int:
        """Number of weights, adapters included, tied ones counted once."""
        return sum(weight.numel() for weight in self.model.parameters())

    @property
    def trainable(self) -> int:
        """Number of weights that training changes."""
        return sum(w.numel() for w in self.model.parameters() if w.requires_grad)

    @property
    def heads(self) -> tuple[str, ...]:
        """Tasks with an adapter of their own; empty where all weights serve all tasks."""
        adapters = tuple(getattr(self.model, "peft_config", {}))
        return adapters if len(adapters) > 1 else ()

    def generate(
        self,
        prompts: Sequence[str],
        *,
        max_tokens: int = 256,
        sampling: Sampling | None = None,
        seeds: Sequence[int] | None = None,
        batch_tokens: int = 16384,
        opening: str = "",
    ) -> list[Generation]:
        """Continue each prompt, greedily unless `sampling` says otherwise; results in order.

        Args:
            prompts: As `Format.input` makes them.
            max_tokens: Tokens generated at most; `sampling.max_tokens` goes before it.
            sampling: Temperature, top-p and the like.
            seeds: One seed per prompt; needed where tokens are drawn.
            batch_tokens: Size of a batch, which changes speed and memory but no text.
            opening: What an encoder–decoder is made to begin with; it is not in the results.
        """
        from cotkd.teachers.decoding import generate

        if sampling is None:
            sampling = Sampling(temperature=0.0, max_tokens=max_tokens)
        self.model.eval()
        return generate(
            self.model,
            self.tokenizer,
            prompts,
            sampling=sampling,
            seeds=seeds,
            batch_tokens=batch_tokens,
            opening=opening,
        )

    def save(self, path: Path, *, merge: bool = True) -> Path:
        """Write a folder that `load_student` and `from_pretrained` read, all of it or nothing.

        Args:
            path: The folder; one that is there already is replaced.
            merge: Add adapters to the weights, so that the folder needs no peft; otherwise only the
                adapters are written.

        Raises:
            DataError: the folder cannot be written.
        """
        if path.exists() and any(path.iterdir()) and not _is_model(path):
            raise DataError(f"{path} holds other files than a model: choose another folder")
        scratch = path.with_name(f".{path.name}.new")
        before = path.with_name(f".{path.name}.old")
        try:
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir(parents=True)
            with quiet():
                _plain_model(self.model, merge=merge).save_pretrained(scratch)
            self.tokenizer.save_pretrained(scratch)
            if path.exists():
                path.replace(before)
            scratch.replace(path)
        except OSError as error:
            raise DataError(f"cannot save the student to {path}: {error}") from error
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
            shutil.rmtree(before, ignore_errors=True)
        return path


def load_student(
    name: str | Path,
    *,
    dtype: DType = "float32",
    lora: Lora | bool | None = None,
    attention: str | None = None,
) -> Student:
    """Load a student by embedded name, folder or hub name.

    Args:
        name: E.g. `microgsm-student`, `runs/first/student` or `google/flan-t5-small`.
        dtype: Of the weights. Keep `float32` for training; `Training.precision` sets that of the
            arithmetic.
        lora: Train adapters instead of all weights; True takes the default settings.
        attention: Attention implementation of `transformers`; None takes the fused kernel on an
            accelerator and, on a CPU, plain matrix products, which train faster at the length of a
            rationale.

    Raises:
        SettingError: there is no such model, its architecture is none that generates text, or its
            tokenizer has no end or padding token.
        EngineError: the files are there but cannot be loaded.
    """
    import torch

    from cotkd.teachers.checkpoints import locate_model

    folder = locate_model(str(name))
    model = _load_model(folder, dtype, attention)
    student = Student(str(name), model, _load_tokenizer(folder))
    check_tokenizer(student)
    if lora:
        lora = Lora() if lora is True else lora
        student = Student(student.name, add_lora(model, lora), student.tokenizer)
    if torch.cuda.is_available():
        student.model.to("cuda")
    student.model.eval()
    return student


def check_tokenizer(student: Student) -> None:
    """Raise `SettingError` unless the tokenizer can end and pad a text, in ids of the model."""
    tokenizer, name = student.tokenizer, student.name
    if tokenizer.eos_token_id is None:
        raise SettingError(f"student {name!r}: its tokenizer has no end token: set eos_token")
    if tokenizer.pad_token_id is None:
        raise SettingError(
            f"student {name!r}: its tokenizer has no padding token: set pad_token, for instance to "
            f"the end token {tokenizer.eos_token!r}, and save it again"
        )
    rows = student.model.get_input_embeddings().weight.shape[0]
    if len(tokenizer) > rows:
        raise SettingError(
            f"student {name!r}: its tokenizer has {len(tokenizer)} tokens and its embedding {rows}:"
            " they do not belong together"
        )


def _load_model(folder: str, dtype: DType, attention: str | None) -> Any:
    import torch
    from safetensors import SafetensorError
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM

    try:
        config = AutoConfig.from_pretrained(folder)
        auto = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
        if type(config) not in auto._model_mapping:
            raise SettingError(
                f"student {folder}: a {config.model_type!r} model writes no text: "
                "choose a causal or an encoder-decoder language model"
            )
        with quiet():
            return auto.from_pretrained(
                folder,
                dtype=getattr(torch, dtype),
                attn_implementation=attention or _attention(config.model_type),
            )
    except (ValueError, KeyError) as error:
        reason = str(error).splitlines()[0]
        raise SettingError(f"student {folder}: unknown architecture ({reason})") from None
    except (OSError, RuntimeError, SafetensorError) as error:
        reason = str(error).splitlines()[0]
        raise EngineError(f"student {folder} cannot be loaded: {reason}") from None


@contextmanager
def quiet() -> Iterator[None]:
    """Switch off the bars that `transformers` draws while it reads and writes files."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _attention(family: str) -> str:
    import torch

    from cotkd.students import attention

    if torch.cuda.is_available():
        return "sdpa"
    return attention.NAME if family in attention.FAMILIES else "eager"


def _load_tokenizer(folder: str) -> Any:
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(folder)
    except (OSError, ValueError, KeyError) as error:
        reason = str(error).splitlines()[0]
        raise EngineError(f"student {folder}: its tokenizer cannot be loaded: {reason}") from None


def _is_model(folder: Path) -> bool:
    return any((folder / name).exists() for name in ("config.json", "adapter_config.json"))


def _plain_model(model: Any, *, merge: bool) -> Any:
    if not merge or not hasattr(model, "merge_and_unload"):
        return model
    import copy

    return copy.deepcopy(model).merge_and_unload()
