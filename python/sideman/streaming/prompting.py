"""From weighted words to what a model is told: weights of its tags, or embeddings of a prompt."""

from __future__ import annotations

import torch

from sideman.errors import SettingsError
from sideman.models.checkpoint import LoadedModel
from sideman.streaming.controls import Controls

__all__ = ["prompt_of"]


def prompt_of(model: LoadedModel, controls: Controls) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Weights [tags] and the text embeddings [1, tokens, E] of the controls' tags.

    Words that are tags of the model set their weight; the others are prompts where the model reads
    text, mixed by weight. Raises SettingsError for a word that the model does not know.
    """
    spec = model.spec
    weights = torch.zeros(model.network.config.tags)
    prompts: list[tuple[str, float]] = []
    for word, weight in controls.tags:
        if word in spec.tags:
            weights[spec.tags.index(word)] = weight
        elif model.text is not None:
            prompts.append((word, weight))
        else:
            known = ", ".join(spec.tags) or "no tags"
            raise SettingsError(
                f"cannot use tag {word}: {spec.name} knows {known}; choose among these"
            )
    text = None if model.text is None else model.text.embed(prompts).to(model.device)
    return weights.to(model.device), text
