"""The sliding window, hop by hop, against the published one (tests/fixtures/paper, part d).

The published server moves its audio by int(T r) samples a hop and its latents by whole columns; that
is done here as it does it, so that the states are its own. The session places both on one grid.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from paper import PAPER, gauss, numbers, small_codec, small_unet

from sideman.errors import SettingsError
from sideman.models import music2latent
from sideman.models.music2latent import BEYOND, SCALE, Music2Latent, to_audio, to_spectrum
from sideman.models.window import WindowConfig, WindowNetwork
from sideman.streaming import filling
from sideman.streaming.filling import fill

SAMPLES, FRAMES, FRAME = 264600, 64, 4096
CASES = [
    *((name, "sliding_cd_toy") for name in numbers("sliding_cd_toy") if "r0.5_w1" not in name
      and name.startswith("cd_toy")),
    *((name, "sliding_diff_toy") for name in numbers("sliding_diff_toy") if "diff_toy" in name),
]  # fmt: skip


@functools.cache
def mixture() -> np.ndarray:
    return np.float32(0.1) * gauss(2**20, 9 * SAMPLES // 2)


def encode(audio: np.ndarray) -> torch.Tensor:
    """The README's toy codec: latent [f, t] = audio[4096 t + 64 f]."""
    return torch.from_numpy(audio[: FRAMES * FRAME].reshape(FRAMES, 64, 64)[..., 0].T.copy())


def network_for(kind: str) -> WindowNetwork:
    """With rho 7, as the published consistency server samples (its configuration says 9)."""
    config = small_unet().config
    options = {
        "consistency": {"preconditioning": "consistency", "sigma_max": 80.0, "rho": 7.0},
        "ancestral": {"preconditioning": "edm", "sigma_max": 50.0, "rho": 9.0},
    }[kind]
    network = WindowNetwork(WindowConfig(unet=config, **options)).eval()
    network.unet.load_state_dict(small_unet().state_dict())
    return network


@pytest.mark.parametrize(("case", "file"), CASES)
@torch.no_grad()
def test_eight_hops_lead_through_the_published_states(case, file):
    follow(case, file, encode, exact=True)


@torch.no_grad()
def test_eight_hops_with_the_published_codec_are_heard_and_played_as_published(monkeypatch):
    case, file = "cd_m2lsmall_r0.25_w1", "sliding_cd_m2lsmall"
    codec = Music2Latent(small_codec(monkeypatch))
    told, recorded = numbers(file)[case], np.load(PAPER / f"{file}.npz")
    compared = []

    def encoded(audio: np.ndarray) -> torch.Tensor:
        cropped = torch.from_numpy(audio[: FRAMES * FRAME + BEYOND])  # the last frame sees beyond it
        return (codec.network.encoder(to_spectrum(cropped[None])) / SCALE)[0]

    def played(step: int, latents: torch.Tensor, draws: Iterator[int]) -> None:
        """What the server sends of it: the last of 17 columns, faded in over 20 ms."""
        shape = (2, 1024, 8 * told["n_cols"])
        noise = torch.from_numpy(gauss(next(draws), int(np.prod(shape)))).reshape(shape)
        next(draws)  # drawn and not used
        monkeypatch.setattr(
            music2latent, "_noise", lambda frame, row: noise[..., 8 * frame :][..., :8]
        )
        sent = recorded.get(f"{case}.step{step}.sent")
        if sent is None:
            return
        spectrum = codec._spectrum(latents[..., -told["n_cols"] :], 0)
        audio = to_audio(spectrum)[0, : told["expected_len"]].numpy()[-told["n_needed"] :]
        after, whole = 882, told["n_needed"] - 2048 - (told["expected_len"] - 17 * FRAME - BEYOND)
        assert np.abs(audio[after:whole] - sent[after:whole]).max() < 1e-3
        compared.append(step)

    follow(case, file, encoded, exact=False, played=played)
    assert compared == [0, 1, 7]


def follow(
    case: str,
    file: str,
    encode: Callable[[np.ndarray], torch.Tensor],
    exact: bool,
    played: Callable[[int, torch.Tensor, Iterator[int]], None] = lambda *_: None,
) -> None:
    """Go through the recorded hops of a case; `played` gets each window as it was filled."""
    told, recorded = numbers(file)[case], np.load(PAPER / f"{file}.npz")
    kind = "consistency" if told["server"] == "cd" else "ancestral"
    network, labels = network_for(kind), torch.tensor(told["class_labels"])
    hop_samples, hop = told["hop_samples"], FRAMES - told["mask_zero_from_col"]
    draws = iter(range(10_000))

    def draw() -> torch.Tensor:
        return torch.from_numpy(gauss(next(draws), 64 * 64)).reshape(1, 1, 64, 64)

    audio = np.zeros(SAMPLES, np.float32)
    window = torch.from_numpy(recorded[f"{case}.generated_latent_init"])[0]
    for step in range(told["nsteps"]):
        begin = told["write_start_sample"]
        audio[begin : begin + hop_samples] = mixture()[step * hop_samples :][:hop_samples]
        context = encode(audio)[None].clone()
        context[..., told["context_zero_from_col"] :] = 0
        wanted = torch.from_numpy(recorded[f"{case}.step{step}.context_latent"])[0]
        assert (context - wanted).abs().max() <= (0 if exact else 1e-3)
        if kind == "ancestral":
            next(draws)  # the noise that the server puts where its mask then replaces it
        filled = fill(network, kind, told["steps_sampler"], context, labels, window, hop, draw)
        samples = torch.from_numpy(recorded[f"{case}.step{step}.samples"])[0]
        assert (filled - samples[..., FRAMES - hop :]).abs().max() < 1e-3
        window = torch.cat((window[..., : FRAMES - hop], filled), dim=-1)
        played(step, window, draws)
        room = torch.zeros(1, 64, hop)
        window = torch.cat((window[..., hop:], room), dim=-1)
        after = torch.from_numpy(recorded[f"{case}.step{step}.generated_latent_after"])[0]
        assert (window - after).abs().max() < 1e-3
        audio = np.concatenate((audio[hop_samples:], np.zeros(hop_samples, np.float32)))


@pytest.mark.parametrize(
    ("sampler", "steps", "evaluations"),
    [("consistency", 2, 2), ("heun", 5, 9), ("ancestral", 5, 16), ("churned", 5, 10)],
)
@torch.no_grad()
def test_samplers_ask_the_network_as_often_as_they_say(sampler, steps, evaluations):
    asked = []
    network = network_for("ancestral")
    fill(
        network, sampler, steps, torch.zeros(1, 64, 64), torch.eye(4)[:1], torch.zeros(1, 64, 64),
        8, lambda: torch.randn(1, 1, 64, 64), lambda: asked.append(1),
    )
    assert len(asked) == evaluations
    assert filling.evaluations(network, sampler, steps) == evaluations


@torch.no_grad()
def test_levels_follow_the_models_rho_not_the_published_servers():
    """Its server samples at 1.597 where its configuration (rho 9) says 0.941."""
    for rho, level in ((9.0, 0.94143), (7.0, 1.59735)):
        config = WindowConfig(preconditioning="consistency", sigma_max=80.0, rho=rho)
        levels = filling.levels_of(config, "consistency", 2)
        assert levels == pytest.approx([80, level], rel=1e-4)


def test_a_sampler_of_the_other_family_is_refused():
    with pytest.raises(SettingsError, match="set sampler to auto"):
        fill(network_for("ancestral"), "euler", 2, *[None] * 3, 8, None)
