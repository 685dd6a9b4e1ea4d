"""Sessions and a model for tests of the evaluation: what they play is known to the sample."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import torch

from sideman.models.checkpoint import LoadedModel, ModelSpec

FRAME = 2048
HOP_FRAMES, LEAD_FRAMES = 4, 3


class EchoSession:
    """Answers each hop with what it heard in it, and writes down what it was told."""

    def __init__(self, model=None, parts=("bass",), hop_frames=HOP_FRAMES, lead_frames=LEAD_FRAMES):
        self.hop_frames = hop_frames
        self.lead_frames = lead_frames
        self.hop_samples = hop_frames * FRAME
        self.reaction_samples = (hop_frames + lead_frames) * FRAME
        self.calls: list[SimpleNamespace] = []

    def start(self, seed: int = 0) -> tuple[int, int]:
        self.seed = seed
        return seed, 0

    def step(self, state, heard, slot, controls, cancelled=None, sketch=None):
        self.seed, hop_id = state
        assert slot.hop_id == hop_id
        self.calls.append(SimpleNamespace(heard=heard.copy(), slot=slot, controls=controls))
        return self.answer(hop_id, heard)[None], (self.seed, hop_id + 1)

    @staticmethod
    def step_together(calls, cancelled=None):
        return [c.session.step(c.state, c.heard, c.slot, c.controls) for c in calls]

    def answer(self, hop_id: int, heard: np.ndarray) -> np.ndarray:
        return heard.copy()


class ImpulseSession(EchoSession):
    """Answers hop n with an impulse of height n + 1 on the first sample of its slot."""

    def answer(self, hop_id: int, heard: np.ndarray) -> np.ndarray:
        impulse = np.zeros(self.hop_samples, dtype=np.float32)
        impulse[0] = hop_id + 1
        return impulse


class PlainCodec(torch.nn.Module):
    """Keeps the samples themselves as latents, times a gain."""

    def __init__(self, gain: float = 1.0):
        super().__init__()
        self.frame_samples = FRAME
        self.gain = torch.nn.Parameter(torch.tensor(gain))

    def encode_all(self, audio: torch.Tensor) -> torch.Tensor:
        assert audio.shape[-1] % FRAME == 0
        return audio.view(audio.shape[0], -1, FRAME).transpose(1, 2)

    def decode_all(self, latents: torch.Tensor) -> torch.Tensor:
        return self.gain * latents.transpose(1, 2).flatten(1)


def fake_model(gain: float = 1.0, rate: int = 44100) -> LoadedModel:
    """A model whose spec is real, whose codec changes only the level, and whose network is none."""
    spec = ModelSpec(
        name="fake", sample_rate=rate, frame_samples=FRAME, parts=("bass", "drums"),
        hop_frames=HOP_FRAMES, hops=(HOP_FRAMES,), lead_frames=LEAD_FRAMES, leads=(1, 8),
        window_frames=64, steps=2, guidance=2.0,
    )
    return LoadedModel(spec, PlainCodec(gain), torch.nn.Identity())
