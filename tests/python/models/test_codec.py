"""The codec as a stream: the same sound whatever the hops, no look at the future, one row alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sideman.errors import ModelError
from sideman.models.codec import Codec, CodecConfig, load_codec, save_codec

FRAME = 2048
FRAMES = 14


def trained_like() -> Codec:
    """A codec whose statistics and network are arbitrary, but not the neutral ones."""
    torch.manual_seed(3)
    codec = Codec().eval()
    codec.mean.copy_(0.3 + 0.5 * torch.rand(codec.channels))
    codec.scale.copy_(0.5 + torch.rand(codec.channels))
    torch.nn.init.normal_(codec.correction.out.weight, std=0.02)
    return codec


def music(rows: int, frames: int, seed: int = 0) -> torch.Tensor:
    """Plucked chords and bursts of noise: [rows, frames * FRAME]."""
    rng = np.random.default_rng(seed)
    n = np.arange(frames * FRAME)
    sound = np.zeros((rows, len(n)))
    for row in sound:
        for start in range(0, len(n), 7000):
            t = np.maximum(n - start, 0)
            ring = np.exp(-t / 9000.0) * (n >= start)
            for midi in rng.integers(33, 80, size=3):
                hertz = 440 * 2 ** ((midi - 69) / 12)
                row += 0.1 * ring * np.sin(2 * np.pi * hertz / 44100 * t)
            row += 0.1 * ring**8 * rng.standard_normal(len(n))
    return torch.from_numpy(sound.astype(np.float32))


CODEC = trained_like()
AUDIO = music(2, FRAMES)
with torch.no_grad():
    LATENTS = CODEC.encode_all(AUDIO)
    DECODED = CODEC.decode_all(LATENTS)

splits = st.lists(st.integers(1, 5), min_size=1, max_size=FRAMES).filter(
    lambda hops: sum(hops) <= FRAMES
)


@settings(max_examples=12)
@given(splits)
@torch.no_grad()
def test_hops_of_any_size_give_what_the_whole_gives(hops: list[int]) -> None:
    encoder, decoder = CODEC.encoder_state(2), CODEC.decoder_state(2)
    frame = 0
    for hop in hops:
        latents, encoder = CODEC.encode(AUDIO[:, frame * FRAME : (frame + hop) * FRAME], encoder)
        torch.testing.assert_close(latents, LATENTS[..., frame : frame + hop], atol=1e-5, rtol=0)
        audio, decoder = CODEC.decode(LATENTS[..., frame : frame + hop], decoder)
        expected = DECODED[:, frame * FRAME : (frame + hop) * FRAME]
        torch.testing.assert_close(audio, expected, atol=1e-5, rtol=0)
        frame += hop
    assert decoder.frame == frame


@torch.no_grad()
def test_the_decoder_goes_on_where_it_stopped_after_a_day() -> None:
    from dataclasses import replace

    day = 64 * 29_000  # frames, a whole number of periods of the noise
    state = replace(CODEC.decoder_state(2), frame=day)
    audio, state = CODEC.decode(LATENTS, state)
    assert state.frame == day + FRAMES
    first, middle = CODEC.decode(LATENTS[..., :5], replace(CODEC.decoder_state(2), frame=day))
    rest, _ = CODEC.decode(LATENTS[..., 5:], middle)
    torch.testing.assert_close(torch.cat([first, rest], dim=1), audio, atol=1e-5, rtol=0)


@torch.no_grad()
def test_latents_do_not_hear_the_future() -> None:
    changed = AUDIO.clone()
    changed[:, 8 * FRAME :] = music(2, FRAMES, seed=9)[:, 8 * FRAME :]
    latents = CODEC.encode_all(changed)
    assert torch.equal(latents[..., :8], LATENTS[..., :8])
    assert not torch.equal(latents[..., 8], LATENTS[..., 8])


@torch.no_grad()
def test_sound_does_not_depend_on_later_latents() -> None:
    changed = LATENTS.clone()
    changed[..., 8:] = CODEC.silence_latent()[None, :, None]
    audio = CODEC.decode_all(changed)
    torch.testing.assert_close(audio[:, : 8 * FRAME], DECODED[:, : 8 * FRAME], atol=1e-6, rtol=0)
    assert not torch.allclose(audio[:, 8 * FRAME :], DECODED[:, 8 * FRAME :], atol=1e-3)


@torch.no_grad()
def test_rows_of_a_batch_do_not_touch() -> None:
    for row in range(2):
        alone = CODEC.encode_all(AUDIO[row : row + 1])
        torch.testing.assert_close(alone[0], LATENTS[row], atol=1e-5, rtol=0)
        audio = CODEC.decode_all(LATENTS[row : row + 1])
        torch.testing.assert_close(audio[0], DECODED[row], atol=1e-5, rtol=0)


@torch.no_grad()
def test_states_are_values() -> None:
    encoder, decoder = CODEC.encoder_state(2), CODEC.decoder_state(2)
    _, encoder = CODEC.encode(AUDIO, encoder)
    _, decoder = CODEC.decode(LATENTS, decoder)
    kept_encoder, kept_decoder = encoder.clone(), decoder.clone()
    CODEC.encode(AUDIO, encoder)[0].zero_()
    CODEC.decode(LATENTS, decoder)[0].zero_()
    assert torch.equal(encoder.audio, kept_encoder.audio)
    assert torch.equal(decoder.latents, kept_decoder.latents)
    assert decoder.frame == kept_decoder.frame == FRAMES
    assert kept_encoder.audio.data_ptr() != encoder.audio.data_ptr()


def test_parts_of_frames_are_refused() -> None:
    with pytest.raises(ModelError, match="multiple of 2048"):
        CODEC.encode(torch.zeros(1, 3000), CODEC.encoder_state(1))


@torch.no_grad()
def test_a_saved_codec_sounds_the_same(tmp_path) -> None:
    save_codec(tmp_path, CODEC)
    assert torch.equal(load_codec(tmp_path).decode_all(LATENTS), DECODED)


def test_a_folder_without_a_codec_is_named(tmp_path) -> None:
    with pytest.raises(ModelError, match="cannot open codec .*sideman train codec"):
        load_codec(tmp_path)


def test_the_codec_is_small() -> None:
    codec = Codec(CodecConfig())
    assert sum(p.numel() for p in codec.parameters()) <= 4_000_000
    saved = sum(value.numel() for value in codec.state_dict().values())
    assert saved <= 4_000_000
