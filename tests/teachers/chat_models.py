"""Tiny chat models that say one thing, with chat templates in the style of four families.

    folder = chat_model(tmp_path, "qwen3", reply=["<think>", "y", "e", "s", "</think>", "#", "7"])

A model's next token depends on its last one alone (attention and feed-forward layers give zero), so
that a reply, whose tokens are all different, can be written into the weights.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import torch
from tokenizers import AddedToken, processors
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from tests.tiny import build_tokenizer, save

_CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}"
)
TEMPLATES = {
    "qwen2": _CHATML + "{% endif %}",
    "qwen3": _CHATML
    + "{% if enable_thinking is defined and enable_thinking is false %}"
    + "{{ '<think>\n\n</think>\n\n' }}{% endif %}{% endif %}",
    "reasoner": _CHATML + "{{ '<think>\n' }}{% endif %}",
    "llama": "{{ bos_token }}{% for m in messages %}"
    "{% if m.role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{{ '<|start|>' + m.role + '<|end|>\n' + m.content + '<|eot_id|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start|>assistant<|end|>\n' }}{% endif %}",
}
"""The switch of Qwen 3, a trace that is always open (DeepSeek R1), a start token (Llama 3)."""

_MODELS: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "qwen2": (Qwen2ForCausalLM, Qwen2Config, {}),
    "qwen3": (Qwen3ForCausalLM, Qwen3Config, {"head_dim": 8}),
    "reasoner": (Qwen2ForCausalLM, Qwen2Config, {}),
    "llama": (LlamaForCausalLM, LlamaConfig, {}),
}


def chat_tokenizer(style: str, *, special_marks: bool = False) -> PreTrainedTokenizerFast:
    """Return the tokenizer of a style; `special_marks` makes `<think>` a special token."""
    base = build_tokenizer().backend_tokenizer
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=type(base).from_str(base.to_str()),
        pad_token="<pad>",
        eos_token="<|eot_id|>" if style == "llama" else "<|im_end|>",
        bos_token="<s>" if style == "llama" else None,
        clean_up_tokenization_spaces=False,
    )
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|start|>"]})
    for mark in ("<think>", "</think>"):
        tokenizer.add_tokens([AddedToken(mark, special=special_marks, normalized=False)])
    if style == "llama":  # this family starts every text with a token
        start = tokenizer.bos_token_id
        tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
            single="<s> $A", special_tokens=[("<s>", start)]
        )
    tokenizer.chat_template = TEMPLATES[style]
    return tokenizer


def chat_model(folder: Path, style: str, *, reply: list[str], special_marks: bool = False) -> Path:
    """Write a model that answers every conversation with the tokens of `reply`."""
    tokenizer = chat_tokenizer(style, special_marks=special_marks)
    (newline,) = tokenizer("\n", add_special_tokens=False)["input_ids"]
    said = [newline, *tokenizer.convert_tokens_to_ids(reply), tokenizer.eos_token_id]
    assert None not in said
    assert len(set(said)) == len(said)
    size = -(-len(tokenizer) // 8) * 8
    family, config, extra = _MODELS[style]
    model = family(
        config(
            vocab_size=size,
            hidden_size=size,
            intermediate_size=8,
            num_hidden_layers=1,
            num_attention_heads=4,
            num_key_value_heads=2,
            tie_word_embeddings=False,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=tokenizer.eos_token_id,
            bos_token_id=tokenizer.bos_token_id,
            **extra,
        )
    )
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.endswith(("o_proj.weight", "down_proj.weight", "lm_head.weight")):
                weight.zero_()
        model.get_input_embeddings().weight.copy_(torch.eye(size))
        for last, following in itertools.pairwise(said):
            model.lm_head.weight[following, last] = 10.0
    return save(folder, model, tokenizer)
