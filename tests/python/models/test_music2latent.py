"""The codec of the published models: our transforms, and our way through its networks."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from paper import gauss, numbers, small_codec, tensors

from sideman.errors import ModelError
from sideman.models import music2latent
from sideman.models.music2latent import FRAME, JOIN, PAST, SCALE, Music2Latent, to_audio, to_spectrum


@pytest.fixture
def codec(monkeypatch) -> Music2Latent:
    return Music2Latent(small_codec(monkeypatch))


class Mirror(torch.nn.Module):
    """Stands for the networks: the first latent channel is a tone of whole periods in each hop."""

    def encoder(self, spectrum: torch.Tensor) -> torch.Tensor:
        return torch.zeros(len(spectrum), 64, spectrum.shape[-1] // 8)

    def decoder(self, bottleneck: torch.Tensor) -> list[torch.Tensor]:
        return [bottleneck]

    def forward(self, bottleneck, noise, sigma, pyramid):
        grown = torch.zeros_like(noise)
        grown[:, 0, 4] = pyramid[0][:, 0].repeat_interleave(8, dim=-1)
        return grown + 0.001 / 80 * noise


def test_the_spectrum_is_the_published_one_and_comes_back():
    given = tensors("m2l_transform")
    # Sizes go to 10 in float32: what is given is off by 1e-5 from float64, ours by 5e-6 (by processor).
    assert (to_spectrum(given["audio"]) - given["repr"]).abs().max() < 2e-5
    inner = slice(2048, 3072)  # where every window that overlaps is there, as in the published one
    back = to_audio(given["repr"])
    assert (back - given["roundtrip"])[:, inner].abs().max() < 1e-3
    assert (to_audio(given["repr2"]) - given["wave2"])[:, 2048:2560].abs().max() < 1e-3


def test_latents_are_the_published_ones(codec):
    given = tensors("m2l_small_io")
    with torch.no_grad():
        found = codec.network.encoder(to_spectrum(given["audio"]))
    assert (found - given["encoder_tanh_out"]).abs().max() < 1e-4
    assert (found / SCALE - given["latent"]).abs().max() < 1e-3


def test_what_is_decoded_is_the_published_one_for_the_published_noise(codec, monkeypatch):
    given = tensors("m2l_small_io")
    whole = torch.from_numpy(gauss(0, 2 * 1024 * 32)).reshape(2, 1024, 32)
    monkeypatch.setattr(music2latent, "_noise", lambda frame, row: whole[..., 8 * frame :][..., :8])
    with torch.no_grad():
        found = codec._spectrum(given["decode4.latent_in"], 0)
    assert (found - given["decode4.repr"]).abs().max() < 1e-4
    inner = slice(2048, 16384 - 512)
    assert (to_audio(found) - given["decode4.wave"])[:, inner].abs().max() < 1e-3


@torch.no_grad()
def test_a_codec_of_full_size_gives_the_published_numbers(monkeypatch):
    models = pytest.importorskip("music2latent.models", reason="the extra `paper` is not installed")
    told, given = numbers("m2l_full_seeded"), tensors("m2l_full_seeded_io")
    network = models.UNet().eval()
    assert sum(weight.numel() for weight in network.parameters()) == told["params"]
    draw_weights(network, told["seed"])
    for name, first in told["first4"].items():
        found = network.get_parameter(name).flatten()[:4]
        assert np.allclose(found, first, atol=1e-6), "the same torch draws the same weights"
    codec = Music2Latent(network)
    audio = torch.from_numpy(0.2 * gauss(2**21, 34304)).float()[None]
    latent = network.encoder(to_spectrum(audio)) / SCALE
    assert (latent - given["latent"]).abs().max() < 1e-3
    whole = torch.from_numpy(gauss(0, 2 * 1024 * 32)).reshape(2, 1024, 32)
    monkeypatch.setattr(music2latent, "_noise", lambda frame, row: whole[..., 8 * frame :][..., :8])
    spectrum = codec._spectrum(given["latent"][..., 2:6], 0)
    assert (spectrum[:, :, :128, :8] - given["decode4.repr_slice_f0_128"]).abs().max() < 1e-3
    inner = slice(2048, 16384 - 512)
    assert (to_audio(spectrum) - given["decode4.wave"])[:, inner].abs().max() < 1e-3


def draw_weights(network: torch.nn.Module, seed: int) -> None:
    """As the README of the fixtures draws them."""
    chance = torch.Generator().manual_seed(seed)
    for name, weight in network.named_parameters():
        drawn = torch.randn(weight.shape, generator=chance)
        gain = name.endswith("scale") or (weight.ndim < 2 and "norm" in name and "weight" in name)
        if gain:
            drawn = 1 + 0.1 * drawn
        else:
            drawn = drawn / weight[0].numel() ** 0.5 if weight.ndim >= 2 else 0.05 * drawn
        weight.copy_(drawn)


def test_a_window_has_a_latent_for_every_4096_samples(codec):
    audio = torch.randn(2, 6 * FRAME) * 0.1
    latents = codec.encode_window(audio)
    assert latents.shape == (2, 64, 6)
    assert latents.abs().max() <= 1 / SCALE


def test_slots_lie_where_their_latents_are_and_join_without_a_dip():
    """A steady tone through slots of 4 frames: no lag, and within half a decibel at the joins."""
    codec = Music2Latent(Mirror())
    state = codec.decoder_state(1)
    state = music2latent.M2lState(torch.full_like(state.past, 8.0), state.tail, 0)
    played = []
    for _ in range(6):
        audio, state = codec.decode(torch.full((1, 64, 4), 8.0), state)
        assert audio.shape == (1, 4 * FRAME)
        played.append(audio[0].numpy())
    whole = np.concatenate(played[1:])
    levels = np.sqrt(np.square(whole[: len(whole) // 512 * 512].reshape(-1, 512)).mean(1))
    decibel = 20 * np.log10(levels / np.median(levels))
    assert np.abs(decibel).max() < 0.5
    steps = np.abs(np.diff(whole))
    joins = np.arange(1, 5) * 4 * FRAME - 1
    assert steps[joins].max() <= 1.05 * np.median(np.sort(steps)[-len(steps) // 10 :])


def test_a_click_is_decoded_at_the_sample_where_it_was():
    """One loud frame of latents: what sounds lies within that frame and the windows around it."""
    codec = Music2Latent(Mirror())
    latents = torch.zeros(1, 64, 12)
    latents[0, :, 6] = 16.0
    audio, _ = codec.decode(latents, codec.decoder_state(1))
    energy = np.square(audio[0].numpy())
    centre = float((energy * np.arange(len(energy))).sum() / energy.sum())
    assert abs(centre - (6 * FRAME + FRAME / 2 + (2048 - 512) / 2)) < 300


def test_the_same_frames_are_decoded_with_the_same_noise_and_rows_with_their_own():
    codec = Music2Latent(Mirror())
    latents = torch.randn(2, 64, 8) * 2
    once, _ = codec.decode(latents, codec.decoder_state(2))
    again, _ = codec.decode(latents, codec.decoder_state(2))
    assert torch.equal(once, again)
    assert not torch.equal(music2latent._noise(3, 0), music2latent._noise(3, 1))
    halves, state = [], codec.decoder_state(2)
    for half in latents.split(4, dim=-1):
        audio, state = codec.decode(half, state)
        halves.append(audio)
    later = slice(4 * FRAME + JOIN, None)
    assert (torch.cat(halves, 1)[:, later] - once[:, later]).abs().max() < 1e-5
    assert state.past.shape[-1] == PAST


def test_without_the_package_or_its_weights_there_is_one_line(monkeypatch, tmp_path):
    import sys

    monkeypatch.setitem(sys.modules, "music2latent", None)
    with pytest.raises(ModelError, match=r"pip install music2latent"):
        Music2Latent()


def test_weights_that_were_fetched_are_found_without_a_network(monkeypatch, tmp_path):
    hub = pytest.importorskip("huggingface_hub")
    commit = "0" * 40
    kept = tmp_path / "models--SonyCSLParis--music2latent"
    (kept / "refs").mkdir(parents=True)
    (kept / "refs" / "main").write_text(commit)
    (kept / "snapshots" / commit).mkdir(parents=True)
    (kept / "snapshots" / commit / "music2latent.pt").write_bytes(b"weights")
    monkeypatch.delenv("SIDEMAN_MUSIC2LATENT", raising=False)
    monkeypatch.setattr(hub, "hf_hub_download", lambda *_: pytest.fail("asked the network"))
    found = hub.try_to_load_from_cache
    monkeypatch.setattr(hub, "try_to_load_from_cache", lambda *asked: found(*asked, cache_dir=tmp_path))
    assert music2latent._file().read_bytes() == b"weights"


def test_weights_that_are_none_are_refused(monkeypatch, tmp_path, capsys):
    pytest.importorskip("music2latent.models", reason="the extra `paper` is not installed")
    (tmp_path / "weights.pt").write_bytes(b"none")
    monkeypatch.setenv("SIDEMAN_MUSIC2LATENT", str(tmp_path / "weights.pt"))
    with pytest.raises(ModelError, match="no whole file"):
        Music2Latent()
    assert "CC BY-NC" in capsys.readouterr().out


class Local(Mirror):
    """Latents that are of their own frame."""

    def encoder(self, spectrum: torch.Tensor) -> torch.Tensor:
        return spectrum[:, 0, :64, : spectrum.shape[-1] // 8 * 8 : 8]


def test_long_music_is_encoded_and_decoded_window_by_window():
    codec = Music2Latent(Local())
    audio = torch.from_numpy(gauss(0, 70 * FRAME))[None].float() / 10
    latents = codec.encode_all(audio)
    assert latents.shape == (1, 64, 70)
    assert torch.equal(latents[..., 32:64], codec.encode_window(audio[:, 16 * FRAME :])[..., 16:48])
    whole, state = codec.decode(latents[..., :32], codec.decoder_state(1))
    decoded = codec.decode_all(latents)
    assert decoded.shape == (1, 70 * FRAME)
    assert torch.equal(decoded[:, : 32 * FRAME], whole)
    assert torch.equal(decoded[:, 32 * FRAME : 64 * FRAME], codec.decode(latents[..., 32:64], state)[0])
