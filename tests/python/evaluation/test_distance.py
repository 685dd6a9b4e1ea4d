"""Distances of sets of music: zero for the same, known for Gaussians, larger for worse."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from sideman.evaluation.distance import (
    PATCH_FRAMES,
    Moments,
    Scale,
    frechet,
    latent_patches,
    mel_patches,
    moments,
)

RATE, FRAME = 44100, 2048


def test_frechet_of_known_gaussians():
    one = Moments(np.zeros(3), np.eye(3))
    assert frechet(one, one) == pytest.approx(0, abs=1e-9)
    assert frechet(one, Moments(np.array([3.0, 0, 0]), np.eye(3))) == pytest.approx(9)
    assert frechet(one, Moments(np.zeros(3), 4 * np.eye(3))) == pytest.approx(3)


def test_frechet_does_not_depend_on_order():
    rng = np.random.default_rng(0)
    one, other = (moments(rng.standard_normal((50, 5)) @ rng.standard_normal((5, 5))) for _ in "ab")
    assert frechet(one, other) == pytest.approx(frechet(other, one))


def test_moments_of_many_vectors_are_those_of_the_sample():
    rng = np.random.default_rng(0)
    drawn = rng.standard_normal((20_000, 3)) * [1.0, 2.0, 3.0] + [1.0, 0.0, -1.0]
    found = moments(drawn)
    assert np.allclose(found.mean, [1, 0, -1], atol=0.1)
    assert np.allclose(np.sqrt(np.diag(found.covariance)), [1, 2, 3], rtol=0.03)


def test_few_vectors_are_refused():
    with pytest.raises(ValueError, match="at least 2 vectors"):
        moments(np.zeros((1, 3)))
    with pytest.raises(ValueError, match="at least 2 vectors"):
        Scale.of(np.zeros((1, 3)))


def test_a_scale_measures_in_standard_deviations_of_the_reference():
    rng = np.random.default_rng(0)
    reference = rng.standard_normal((5000, 4)) * [100.0, 1.0, 0.01, 5.0]
    scaled = Scale.of(reference)(reference)
    assert np.allclose(scaled.std(0), 1, rtol=0.05)
    assert np.allclose(scaled.mean(0), 0, atol=0.05)


def test_patches_last_eight_frames_and_leave_the_rest():
    latents = torch.randn(6, 3 * PATCH_FRAMES + 5)
    assert latent_patches(latents).shape == (3, 18)
    audio = torch.randn(3 * PATCH_FRAMES * FRAME + 100)
    assert mel_patches(audio, RATE).shape[0] == 3


def test_noise_is_further_from_tones_than_other_tones():
    t = np.arange(20 * RATE) / RATE

    def tone(hertz: float) -> np.ndarray:
        audio = 0.2 * np.sin(2 * np.pi * hertz * t) * (np.sin(2 * np.pi * 2 * t) > 0)
        return mel_patches(torch.from_numpy(audio.astype(np.float32)), RATE)

    reference = tone(220)
    scale = Scale.of(reference)
    real = moments(scale(reference))
    noise = torch.from_numpy(np.random.default_rng(0).standard_normal(len(t)).astype(np.float32))
    near = frechet(moments(scale(tone(225))), real)
    far = frechet(moments(scale(mel_patches(0.2 * noise, RATE))), real)
    assert near < far / 5


def test_silence_gives_finite_figures():
    assert np.isfinite(mel_patches(torch.zeros(40 * FRAME), RATE)).all()
    assert np.isfinite(latent_patches(torch.zeros(6, 40))).all()
