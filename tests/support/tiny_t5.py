"""A T5 with random weights and a handful of words, saved as `transformers` saves a real one."""

from __future__ import annotations

from pathlib import Path

import torch

WORDS = ("warm", "bright", "bass", "guitar", "piano", "a", "the", "slow", "fast")


def save_tiny_t5(folder: Path, channels: int = 16) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast, T5Config, T5EncoderModel

    vocabulary = {word: n for n, word in enumerate(("<pad>", "</s>", "<unk>", *WORDS))}
    words = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", 1)]
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )
    torch.manual_seed(0)
    sizes = {"d_model": channels, "d_kv": 8, "d_ff": 32, "num_layers": 2, "num_heads": 2}
    encoder = T5EncoderModel(T5Config(vocab_size=len(vocabulary), **sizes))
    tokenizer.save_pretrained(folder)
    encoder.save_pretrained(folder, safe_serialization=True)
