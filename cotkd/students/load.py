"""Loading a student by embedded name, folder or hub name; a trained one loads like any model.

student = load_student("microgsm-student")
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

from cotkd.decoding.loading import COMPARED, check_family, check_weights, quiet
from cotkd.errors import DataError, EngineError, MissingDependency, SettingError, first_line
from cotkd.store.rows import read_json
from cotkd.students.index import INDEX, has_members, is_index
from cotkd.students.lora import Lora, add_lora
from cotkd.students.markers import add_markers
from cotkd.students.signs import add_signs
from cotkd.students.student import HEADS, Part, Student, together
from cotkd.students.tokenizer import check_ends, check_tokenizer
from cotkd.types import Architecture

DType = Literal["float32", "bfloat16", "float16"]


def load_student(
    name: str | Path,
    *,
    dtype: DType = "float32",
    lora: Lora | bool | None = None,
    attention: str | None = None,
    markers: Sequence[str] = (),
    tasks: Sequence[str] = (),
    signs: Callable[[Any], Sequence[str]] | None = None,
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
        signs: Told the tokenizer, returns the signs to add to it; asked of a single model alone.

    Raises:
        SettingError: there is no such model, its architecture is none that generates text, its
            weights are those of another, or its tokenizer has no end or padding token.
        MissingDependency: adapters need peft, four-bit weights bitsandbytes.
        EngineError: the files are there but cannot be loaded.
        DataError: of a student of several models one is missing.
    """
    import torch

    from cotkd.decoding.checkpoints import load_tokenizer, locate_model

    if has_members(Path(name)):
        if lora or markers:
            raise SettingError(f"student {name}: is made of several models: adapt one of them")
        return load_members(Path(name), dtype=dtype, attention=attention)
    folder = locate_model(str(name))
    lora = Lora() if lora is True else lora or None
    model = _load_model(folder, dtype, attention, four_bits=lora is not None and lora.base == "nf4")
    student = Student(str(name), model, load_tokenizer(folder, of="student "))
    check_tokenizer(student)
    _add(student, markers=markers, signs=signs)
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


def _add(
    student: Student, *, markers: Sequence[str], signs: Callable[[Any], Sequence[str]] | None
) -> None:
    """Add signs, which may become pieces of the vocabulary, then markers, which stand behind it."""
    if signs is not None and (new := signs(student.tokenizer)):
        add_signs(student.model, student.tokenizer, new)
    if markers:
        add_markers(student.model, student.tokenizer, markers)


def load_members(
    folder: Path, *, dtype: DType = "float32", attention: str | None = None
) -> Student:
    """Load a student of several models.

    Raises:
        DataError: the index is damaged, or one of the models is missing.
    """
    index = read_json(folder / INDEX)
    if not is_index(index):
        raise DataError(
            f"{folder / INDEX}: expected names with lists of tasks, got {str(index)[:60]!r}: "
            "copy the folder again, or train it anew"
        )
    missing = [name for name in index if not (folder / name / "config.json").is_file()]
    if missing:
        raise DataError(
            f"{folder}: of its models {', '.join(index)} there is no {' and no '.join(missing)}: "
            "they answer together: copy the folder whole, or train it anew"
        )
    parts = {
        name: Part(load_student(folder / name, dtype=dtype, attention=attention), tuple(tasks))
        for name, tasks in index.items()
    }
    return replace(together(parts), name=str(folder))


def architecture_of(name: str | Path) -> Architecture:
    """Return whether a student, not yet loaded, reads and writes in one stack or in two.

    Raises:
        SettingError: there is no such model, or its architecture is unknown.
        EngineError: its configuration cannot be read.
    """
    from cotkd.decoding.checkpoints import locate_model

    with _one_line_errors(folder := locate_model(str(name))):
        from transformers import AutoConfig

        config = AutoConfig.from_pretrained(folder)
    return "encoder-decoder" if config.is_encoder_decoder else "decoder"


def check_base(name: str | Path) -> None:
    """Raise `SettingError` for a model that cannot be trained, without reading its weights."""
    from cotkd.decoding.checkpoints import load_tokenizer, locate_model

    if not has_members(Path(name)):
        architecture_of(name)
        folder = locate_model(str(name))
        check_ends(load_tokenizer(folder, of="student "), str(name))


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
        raise SettingError(
            f"student {folder}: unknown architecture ({first_line(error)})"
        ) from None
    except (OSError, RuntimeError, SafetensorError) as error:
        raise EngineError(f"student {folder} cannot be loaded: {first_line(error)}") from None


def _attention(family: str) -> str:
    import torch

    from cotkd.students import attention

    if torch.cuda.is_available():
        return "sdpa"
    return attention.NAME if family in attention.FAMILIES else "eager"
