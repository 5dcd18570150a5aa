"""The model that learns, with its tokenizer: load, generate, save.

A folder of a trained student loads like any model:

    student = load_student("microgsm-student")
    student.generate(["Ann has 3 boxes of 4 eggs. How many eggs? ###"], max_tokens=64)
    student.save(Path("runs/first/student"))
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote

from cotkd.errors import DataError, EngineError, MissingDependency, SettingError
from cotkd.students.lora import (
    Lora,
    adapter_name,
    add_lora,
    choose_adapter,
    heads_of,
    merged,
    task_among,
)
from cotkd.students.markers import add_markers
from cotkd.students.members import INDEX, Part, has_members, load_members, save_index
from cotkd.students.writing import one_line, writing
from cotkd.teachers.loading import COMPARED, check_family, check_weights, quiet
from cotkd.teachers.sampling import Sampling
from cotkd.types import Architecture

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from cotkd.teachers.generation import Generation

HEADS = "heads"
"""Folder of the models of further tasks, inside a student's."""
DType = Literal["float32", "bfloat16", "float16"]


@dataclass(frozen=True)
class Student:
    """A model and its tokenizer; training changes the weights in place."""

    name: str
    model: Any
    """A `PreTrainedModel`, or a `PeftModel` around one."""
    tokenizer: PreTrainedTokenizerBase
    members: Mapping[str, Any] = field(default_factory=dict)
    """Of a trained student whose tasks had adapters: models of the tasks behind the first."""
    parts: Mapping[str, Part] = field(default_factory=dict)
    """Of a student of several models: all of them by name; this one is the first."""

    @property
    def architecture(self) -> Architecture:
        """Whether the student reads and writes in one stack or in two."""
        return "encoder-decoder" if self.model.config.is_encoder_decoder else "decoder"

    @property
    def parameters(self) -> int:
        """Number of weights, adapters included, tied ones counted once; of all models together."""
        if self.parts:
            return sum(part.student.parameters for part in self.parts.values())
        model = self.model.get_base_model() if hasattr(self.model, "peft_config") else self.model
        return int(model.num_parameters())

    @property
    def trainable(self) -> int:
        """Number of weights that training changes."""
        return sum(w.numel() for w in self.model.parameters() if w.requires_grad)

    @property
    def heads(self) -> tuple[str, ...]:
        """Tasks with an adapter of their own; empty where all weights serve all tasks."""
        return heads_of(self.model)

    def for_task(self, task: str | None) -> Any:
        """Return the model that answers prompts of a task; of the first, if that has none."""
        if self.heads:
            choose_adapter(self.model, task_among(task, self.heads) or self.heads[0])
        own = task_among(task, self.members)
        return self.model if own is None else self.members[own]

    def part_for(self, task: str | None) -> Student:
        """Return the part that answers prompts of a task: itself where no other one does."""
        others = list(self.parts.values())[1:]
        return next((part.student for part in others if task in part.tasks), self)

    def generate(
        self,
        prompts: Sequence[str],
        *,
        max_tokens: int = 256,
        sampling: Sampling | None = None,
        seeds: Sequence[int] | None = None,
        batch_tokens: int = 16384,
        opening: str = "",
        task: str | None = None,
    ) -> list[Generation]:
        """Continue each prompt, greedily unless `sampling` says otherwise; results in order.

        Args:
            prompts: As `Format.input` makes them.
            max_tokens: Tokens generated at most; `sampling.max_tokens` goes before it.
            sampling: Temperature, top-p and the like.
            seeds: One seed per prompt; needed where tokens are drawn.
            batch_tokens: Size of a batch, which changes speed and memory but no text.
            opening: What an encoder–decoder is made to begin with; it is not in the results.
            task: Whose prompts these are, where tasks have weights of their own.
        """
        from cotkd.teachers.decoding import generate

        if (other := self.part_for(task)) is not self:
            return other.generate(
                prompts,
                max_tokens=max_tokens,
                sampling=sampling,
                seeds=seeds,
                batch_tokens=batch_tokens,
                opening=opening,
                task=task,
            )
        if sampling is None:
            sampling = Sampling(temperature=0.0, max_tokens=max_tokens)
        model = self.for_task(task)
        model.eval()
        return generate(
            model,
            self.tokenizer,
            prompts,
            sampling=sampling,
            seeds=seeds,
            batch_tokens=batch_tokens,
            opening=opening,
        )

    def save(
        self, path: Path, *, merge: bool = True, also: Callable[[Path], None] | None = None
    ) -> Path:
        """Write a folder that `load_student` and `from_pretrained` read, all of it or nothing.

        Args:
            path: The folder; one that is there already is replaced.
            merge: Add adapters to the weights, so that the folder needs no peft; where tasks have
                adapters of their own the folder is the model of the first, and `heads/TASK` that of
                each other one. Otherwise only the adapters are written.
            also: Writes what else belongs into the folder, given the one that becomes `path`.

        Raises:
            DataError: the folder cannot be written.
        """
        if path.exists() and any(path.iterdir()) and not _is_model(path):
            raise DataError(f"{path} holds other files than a model: choose another folder")
        scratch = path.with_name(f".{path.name}.new")
        before = path.with_name(f".{path.name}.old")
        try:
            with writing(path):
                shutil.rmtree(scratch, ignore_errors=True)
                self._write(scratch, merge=merge)
                if also:
                    also(scratch)
                if path.exists():
                    path.replace(before)
                scratch.replace(path)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
            if before.exists() and not path.exists():
                before.replace(path)
            shutil.rmtree(before, ignore_errors=True)
        return path

    def _write(self, folder: Path, *, merge: bool) -> None:
        """Write all models into a folder that is not there yet."""
        folder.mkdir(parents=True)
        for name, part in self.parts.items():
            part.student._write(folder / name, merge=merge)
        if self.parts:
            save_index(folder, {name: part.tasks for name, part in self.parts.items()})
            return
        for place, model in self._parts(folder, merge=merge):
            with quiet():
                model.save_pretrained(place)
            self.tokenizer.save_pretrained(place)

    def _parts(self, folder: Path, *, merge: bool) -> Iterator[tuple[Path, Any]]:
        """Yield the folders that are written, with the model of each."""
        adapted = hasattr(self.model, "peft_config")
        if not (merge and adapted):
            yield folder, self.model
            others: Mapping[str, Any] = self.members
            yield from ((folder / HEADS / adapter_name(task), others[task]) for task in others)
            return
        first, *rest = self.heads or (None,)
        yield folder, merged(self.model, first)
        for task in rest:
            assert task is not None
            yield folder / HEADS / adapter_name(task), merged(self.model, task)


def load_student(
    name: str | Path,
    *,
    dtype: DType = "float32",
    lora: Lora | bool | None = None,
    attention: str | None = None,
    markers: Sequence[str] = (),
    tasks: Sequence[str] = (),
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
        markers: Added to the tokenizer as one token each, e.g. `<predict>`.
        tasks: Names of the tasks, for `lora.per_task`.

    Raises:
        SettingError: there is no such model, its architecture is none that generates text, its
            weights are those of another, or its tokenizer has no end or padding token.
        MissingDependency: adapters need peft, four-bit weights bitsandbytes.
        EngineError: the files are there but cannot be loaded.
        DataError: of a student of several models one is missing.
    """
    import torch

    from cotkd.teachers.checkpoints import locate_model

    if has_members(Path(name)):
        if lora or markers:
            raise SettingError(f"student {name}: is made of several models: adapt one of them")
        return load_members(Path(name), dtype=dtype, attention=attention)
    folder = locate_model(str(name))
    lora = Lora() if lora is True else lora or None
    model = _load_model(folder, dtype, attention, four_bits=lora is not None and lora.base == "nf4")
    student = Student(str(name), model, _load_tokenizer(folder))
    check_tokenizer(student)
    if markers:
        add_markers(model, student.tokenizer, markers)
    members = {
        unquote(path.name): _load_model(str(path), dtype, attention)
        for path in sorted((Path(folder) / HEADS).glob("*/"))
    }
    if lora:
        if members:
            raise SettingError(f"student {name}: has models for several tasks: adapt one of them")
        model = add_lora(model, lora, tasks)
    student = Student(student.name, model, student.tokenizer, members)
    for each in (student.model, *members.values()):
        if torch.cuda.is_available() and not getattr(each, "is_quantized", False):
            each.to("cuda")
        each.eval()
    return student


def architecture_of(name: str | Path) -> Architecture:
    """Return whether a student, not yet loaded, reads and writes in one stack or in two.

    Raises:
        SettingError: there is no such model, or its architecture is unknown.
        EngineError: its configuration cannot be read.
    """
    from cotkd.teachers.checkpoints import locate_model

    with _one_line_errors(folder := locate_model(str(name))):
        from transformers import AutoConfig

        config = AutoConfig.from_pretrained(folder)
    return "encoder-decoder" if config.is_encoder_decoder else "decoder"


def check_base(name: str | Path) -> None:
    """Raise `SettingError` for a model that cannot be trained, without reading its weights."""
    from cotkd.teachers.checkpoints import locate_model

    if not has_members(Path(name)):
        architecture_of(name)
        _check_ends(_load_tokenizer(locate_model(str(name))), str(name))


def check_tokenizer(student: Student) -> None:
    """Raise `SettingError` unless the tokenizer can end and pad a text, in ids of the model.

    One token for both is fine: padding is masked by place, so that an end is trained all the same.
    """
    tokenizer, name = student.tokenizer, student.name
    _check_ends(tokenizer, name)
    rows = student.model.get_input_embeddings().weight.shape[0]
    if len(tokenizer) > rows:
        raise SettingError(
            f"student {name!r}: its tokenizer has {len(tokenizer)} tokens and its embedding {rows}:"
            " they do not belong together"
        )


def _check_ends(tokenizer: Any, name: str) -> None:
    if tokenizer.eos_token_id is None:
        raise SettingError(f"student {name!r}: its tokenizer has no end token: set eos_token")
    if tokenizer.pad_token_id is None:
        raise SettingError(
            f"student {name!r}: its tokenizer has no padding token: set pad_token, for instance to "
            f"the end token {tokenizer.eos_token!r}, and save it again"
        )


def _load_model(
    folder: str, dtype: DType, attention: str | None, *, four_bits: bool = False
) -> Any:
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM

    with _one_line_errors(folder):
        config = AutoConfig.from_pretrained(folder)
        auto = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
        check_family(f"student {folder}", config, auto)
        kind = getattr(torch, dtype)
        with quiet():
            model, found = auto.from_pretrained(
                folder,
                dtype=kind,
                attn_implementation=attention or _attention(config.model_type),
                **COMPARED,
                **({"quantization_config": _four_bits(kind)} if four_bits else {}),
            )
    check_weights(f"student {folder}", model, found)
    return model


def _four_bits(dtype: Any) -> Any:
    from importlib.util import find_spec

    from transformers import BitsAndBytesConfig

    if find_spec("bitsandbytes") is None:
        raise MissingDependency(
            "lora.base=nf4: weights in four bits need bitsandbytes: pip install 'cotkd[qlora]'"
        )
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )


@contextmanager
def _one_line_errors(folder: str) -> Iterator[None]:
    """Tell what is wrong with a folder in one line."""
    from safetensors import SafetensorError

    try:
        yield
    except (ValueError, KeyError) as error:
        raise SettingError(f"student {folder}: unknown architecture ({one_line(error)})") from None
    except (OSError, RuntimeError, SafetensorError) as error:
        raise EngineError(f"student {folder} cannot be loaded: {one_line(error)}") from None


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
        reason = one_line(error)
        raise EngineError(f"student {folder}: its tokenizer cannot be loaded: {reason}") from None


def _is_model(folder: Path) -> bool:
    names = ("config.json", "adapter_config.json", INDEX)
    return any((folder / name).exists() for name in names)
