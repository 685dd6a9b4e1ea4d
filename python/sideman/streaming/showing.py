"""The sketch as it comes: what the second inlet shows, or in mode delay the music itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from sideman.models.checkpoint import LoadedModel
from sideman.streaming.modes import UNHEARD, is_shown, is_sounding
from sideman.streaming.state import SessionState

__all__ = ["showing", "unshown"]


def showing(
    model: LoadedModel,
    hop_frames: int,
    state: SessionState,
    audio: np.ndarray | None,
    delays: bool,
) -> tuple[SessionState, torch.Tensor]:
    """The sketch of a hop of audio float32 [hop samples], [S, hop]; zeros, which means none, where
    none was shown for a while. In mode delay silence is one too: where nothing was heard nothing
    comes back.

    It follows what was shown before only where that was the hop before, from the same source.
    """
    spec, codec, channels = model.spec, model.codec, model.network.config.sketch_channels
    sounds = audio is not None and is_sounding(audio)
    # In mode delay the sketch is the music, which leaves none behind it.
    silent = UNHEARD if delays else 0 if sounds else state.unsketched + 1
    if audio is None or delays != state.delays:
        state = unshown(model, state)
    state = replace(state, unsketched=silent, delays=delays)
    nothing = torch.zeros(channels, hop_frames, device=model.device)
    if not channels or audio is None:
        return state, nothing
    shown = torch.from_numpy(audio)[None].to(model.device)
    latents, encoder = codec.encode(shown, state.sketch_encoder)
    sketch = codec.sketch(latents, state.sketched)[0]
    state = replace(state, sketch_encoder=encoder, sketched=latents[..., -1:].clone())
    given = delays or is_shown(silent, hop_frames * spec.frame_samples / spec.sample_rate)
    return state, sketch if given else nothing


def unshown(model: LoadedModel, state: SessionState) -> SessionState:
    """The same, as if silence had been shown just before."""
    silence = model.codec.silence_latent()[None, :, None].clone()
    return replace(state, sketched=silence, sketch_encoder=model.codec.encoder_state(1))
