"""What the codec keeps: silence, pitch, attacks; and what it survives: noise and wild latents."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from sideman.models.codec import Codec
from sideman.models.codec_analysis import FIRST_MIDI, SEMITONES

RATE, FRAME = 44100, 2048


@pytest.fixture(scope="module")
def codec() -> Codec:
    made = Codec().eval()
    made.mean.fill_(0.4)
    made.scale.fill_(0.8)
    made.scale[SEMITONES:] = 1.2
    return made


@torch.no_grad()
def through(codec: Codec, sound: np.ndarray) -> np.ndarray:
    sound = np.asarray(sound[: len(sound) // FRAME * FRAME], dtype=np.float32)
    return codec.decode_all(codec.encode_all(torch.from_numpy(sound)[None]))[0].numpy()


@torch.no_grad()
def test_silence_stays_silent(codec: Codec) -> None:
    latents = codec.encode_all(torch.zeros(2, 6 * FRAME))
    expected = codec.silence_latent()[None, :, None].expand_as(latents)
    assert torch.equal(latents, expected)
    torch.nn.init.normal_(codec.correction.out.weight, std=0.1)
    assert not codec.decode_all(latents).any()
    torch.nn.init.zeros_(codec.correction.out.weight)


@torch.no_grad()
def test_noise_on_silent_latents_is_almost_silent(codec: Codec) -> None:
    silence = codec.silence_latent()[None, :, None].expand(4, -1, 40)
    noisy = silence + 0.1 * torch.randn(silence.shape, generator=torch.Generator().manual_seed(0))
    assert codec.decode_all(noisy).square().mean().sqrt() < 10 ** (-60 / 20)


@torch.no_grad()
@pytest.mark.parametrize("size", [1.0, 5.0, 1e4])
def test_any_latents_give_bounded_sound(codec: Codec, size: float) -> None:
    noise = torch.randn(2, codec.channels, 30, generator=torch.Generator().manual_seed(1))
    audio = codec.decode_all(size * noise)
    assert audio.isfinite().all() and audio.abs().max() <= 1.0


@pytest.mark.parametrize("midi", [28, 29, 33, 40, 45, 57, 63, 64, 69, 76, 88, 99])
def test_a_sine_keeps_its_pitch_and_level(codec: Codec, midi: int) -> None:
    hertz = 440 * 2 ** ((midi - 69) / 12)
    n = np.arange(40 * FRAME)
    made = through(codec, 0.2 * np.sin(2 * np.pi * hertz / RATE * n))[8 * FRAME :]
    spectrum = np.abs(np.fft.rfft(made * np.hanning(len(made))))
    peak = spectrum.argmax() * RATE / len(made)
    assert abs(12 * np.log2(peak / hertz)) < 0.3
    assert 20 * np.log10(made.std() / (0.2 / np.sqrt(2))) == pytest.approx(0, abs=1.5)


@torch.no_grad()
def test_neighbouring_bass_notes_fall_on_their_own_semitones(codec: Codec) -> None:
    n = np.arange(20 * FRAME)
    for midi in (28, 31, 36):
        hertz = 440 * 2 ** ((midi - 69) / 12)
        sine = torch.from_numpy(0.2 * np.sin(2 * np.pi * hertz / RATE * n).astype(np.float32))
        latents = codec.encode_all(sine[None])[0, :, -1]
        notes = torch.expm1(latents[:SEMITONES] * codec.scale[:SEMITONES] + 0.4)
        assert notes.argmax() == midi - FIRST_MIDI
        assert notes.sort().values[-2] < 0.1 * notes.max()


@pytest.mark.parametrize("kind", ["noise", "note"])
@pytest.mark.parametrize("start", [20000, 20600, 21300])
def test_attacks_keep_their_time(codec: Codec, kind: str, start: int) -> None:
    n = np.arange(30 * FRAME)
    if kind == "noise":
        body = 0.3 * np.random.default_rng(0).standard_normal(len(n))
    else:
        body = 0.3 * np.sin(2 * np.pi * 220 / RATE * n)
    made = through(codec, body * (n >= start))
    level = np.sqrt(np.convolve(made**2, np.ones(128) / 128)[: len(n)])
    steady = np.median(level[start + 4000 : start + 12000])
    heard = np.flatnonzero(level > 0.25 * steady)[0]
    assert abs(heard - start) / RATE < 0.010


def test_a_note_ends_when_it_ended(codec: Codec) -> None:
    n = np.arange(30 * FRAME)
    stop = 30000
    made = through(codec, 0.3 * np.sin(2 * np.pi * 110 / RATE * n) * (n < stop))
    after = made[stop + int(0.08 * RATE) :]
    assert np.abs(after).max() < 0.03 * np.abs(made[:stop]).max()


def test_noise_comes_back_as_noise(codec: Codec) -> None:
    made = through(codec, 0.2 * np.random.default_rng(0).standard_normal(40 * FRAME))[8 * FRAME :]
    spectrum = np.abs(np.fft.rfft(made[: 30 * FRAME].reshape(-1, FRAME), axis=1)) ** 2
    mean = spectrum[:, 40:700].mean(axis=0)
    flatness = np.exp(np.log(mean).mean()) / mean.mean()
    assert flatness > 0.5
