"""Tiny random models and a tokenizer for tests: built in memory, in milliseconds, from a seed.

    tokenizer = build_tokenizer()                  # byte-level BPE: round-trips any text
    model = tiny_llama(seed=1)                     # about 50 k parameters, sharp logits
    folder = save(tmp_path / "model", model, tokenizer)

The weights are drawn wide, so that next-token distributions are peaked and ties do not occur.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
)

CORPUS = (
    "Q: Ann has 3 boxes with 12 eggs each. She sells 7 eggs. How many eggs does she have left?",
    "A: Let's think step by step. In all she has 3*12=<<3*12=36>>36 eggs.",
    "Then she has 36-7=<<36-7=29>>29 eggs.\n#### 29\nTherefore, the answer is 29.",
)
VOCABULARY = 320
PAD, EOS = 0, 1


@cache
def build_tokenizer() -> PreTrainedTokenizerFast:
    """Return a byte-level BPE tokenizer of 320 entries with `<pad>` = 0 and `</s>` = 1."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=["<pad>", "</s>", "<unk>"],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        clean_up_tokenization_spaces=False,
    )


def tiny_llama(*, seed: int = 0, **settings: Any) -> LlamaForCausalLM:
    """Return a random decoder of the Llama family (rotary positions, grouped key-value heads)."""
    return _build(LlamaForCausalLM, LlamaConfig(**_ROTARY | settings), seed)


def tiny_qwen2(*, seed: int = 0, **settings: Any) -> Qwen2ForCausalLM:
    """Return a random decoder of the Qwen 2 family (biases in queries, keys and values)."""
    return _build(Qwen2ForCausalLM, Qwen2Config(**_ROTARY | settings), seed)


def tiny_qwen3(*, seed: int = 0, **settings: Any) -> Qwen3ForCausalLM:
    """Return a random decoder of the Qwen 3 family (head width set apart, query-key norms)."""
    return _build(Qwen3ForCausalLM, Qwen3Config(**_ROTARY | {"head_dim": 12} | settings), seed)


def tiny_gpt2(*, seed: int = 0, **settings: Any) -> GPT2LMHeadModel:
    """Return a random decoder with learned absolute positions."""
    shape = {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 256}
    dropout = {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}
    return _build(GPT2LMHeadModel, GPT2Config(**_COMMON | shape | dropout | settings), seed)


def tiny_t5(*, seed: int = 0, **settings: Any) -> T5ForConditionalGeneration:
    """Return a random encoder-decoder with relative positions."""
    shape = {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4}
    extra = {"decoder_start_token_id": PAD, "dropout_rate": 0.0}
    model = _build(
        T5ForConditionalGeneration, T5Config(**_SPECIAL | shape | extra | settings), seed
    )
    with torch.no_grad():  # tied embeddings would make a random model repeat its last token
        for name, weight in model.named_parameters():
            if name.endswith((".o.weight", ".wo.weight")):
                weight.mul_(6)
    return model


def tiny_bart(*, seed: int = 0, **settings: Any) -> BartForConditionalGeneration:
    """Return a random encoder-decoder with learned absolute positions."""
    shape = {
        "d_model": 32,
        "encoder_layers": 2,
        "decoder_layers": 2,
        "encoder_attention_heads": 4,
        "decoder_attention_heads": 4,
        "encoder_ffn_dim": 64,
        "decoder_ffn_dim": 64,
        "max_position_embeddings": 256,
        "dropout": 0.0,
        "init_std": 0.6,
    }
    extra = {"decoder_start_token_id": EOS, "forced_eos_token_id": None}
    return _build(
        BartForConditionalGeneration, BartConfig(**_SPECIAL | shape | extra | settings), seed
    )


def save(folder: Path, model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> Path:
    """Write a checkpoint folder that `from_pretrained` reads, and return it."""
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


_SPECIAL = {
    "vocab_size": VOCABULARY,
    "pad_token_id": PAD,
    "eos_token_id": EOS,
    "bos_token_id": None,
}
_COMMON = {"initializer_range": 0.6, "tie_word_embeddings": False} | _SPECIAL
_ROTARY = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
} | _COMMON


def _build(model: Any, config: Any, seed: int) -> Any:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return model(config).eval()
