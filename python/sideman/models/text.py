"""Prompts in free words, for models that were trained to read them: a frozen T5 encoder.

An optional extra (`text`). The encoder lies in a folder beside the model, as
`transformers` saves one, with weights as safetensors; nothing is fetched from anywhere.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from sideman.errors import ModelError
from sideman.remedies import pip_install

__all__ = ["TextEncoder"]

REMEMBERED = 64  # prompts


class TextEncoder:
    """Embeds prompts of at most `tokens` tokens: [1, tokens, E], zeros where there are none.

    What was embedded is remembered: a prompt costs its pass once, not in every hop. Raises
    ModelError when the extra is not installed or the folder holds no encoder.
    """

    def __init__(self, folder: str | Path, tokens: int = 64):
        self.tokens = tokens
        self._tokenizer, self._encoder = _load(Path(folder))
        self.channels = int(self._encoder.config.d_model)
        self._known: OrderedDict[str, torch.Tensor] = OrderedDict()

    def to(self, device: str) -> TextEncoder:
        self._encoder.to(device)
        self._known.clear()
        return self

    def embed(self, prompts: Sequence[tuple[str, float]]) -> torch.Tensor:
        """The embeddings of prompts, mixed by their weights (LMDM, section on prompt changes)."""
        total = sum(weight for _, weight in prompts)
        mixed = torch.zeros(1, self.tokens, self.channels, device=self._encoder.device)
        if total <= 0:
            return mixed
        for prompt, weight in prompts:
            if weight > 0:
                mixed = mixed + (weight / total) * self._one(prompt)
        return mixed

    @torch.no_grad()
    def _one(self, prompt: str) -> torch.Tensor:
        if prompt not in self._known:
            read = self._tokenizer(
                prompt, max_length=self.tokens, padding="max_length", truncation=True,
                return_tensors="pt",
            ).to(self._encoder.device)
            mask = read["attention_mask"]
            states = self._encoder(input_ids=read["input_ids"], attention_mask=mask)
            embedded = states.last_hidden_state.float()
            self._known[prompt] = embedded * mask[..., None]
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        self._known.move_to_end(prompt)
        return self._known[prompt]


def _load(folder: Path) -> tuple[Any, Any]:
    try:
        from transformers import AutoTokenizer, T5EncoderModel
    except ImportError as error:
        raise ModelError(
            f"cannot read prompts: {error.name or 'transformers'} is not installed; "
            f"run: {pip_install('transformers')}"
        ) from error
    if not (folder / "config.json").is_file():
        raise ModelError(f"cannot read prompts: no text encoder in {folder}; copy a T5 encoder there")
    try:
        # Never code that lies beside the weights: without a word it would ask, and run it on a yes.
        tokenizer = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
        encoder = T5EncoderModel.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, trust_remote_code=False
        )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(
            f"cannot read the text encoder in {folder}: {reason}; copy a T5 encoder there"
        ) from error
    return tokenizer, encoder.eval()
