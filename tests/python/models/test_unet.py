"""The U-Net against the published one: same weights, same numbers."""

from __future__ import annotations

import pytest
import torch
from paper import config_of, numbers, small_unet, tensors

from sideman.errors import ModelError
from sideman.models.unet import UNet, UNetBlock, UNetConfig


@pytest.mark.parametrize("case", ["a1", "a2"])
@torch.no_grad()
def test_outputs_are_the_published_ones(case):
    given = tensors("unet_small_io")
    x = torch.cat((given[f"{case}.x"], given[f"{case}.mixture"]), dim=1)
    found = small_unet()(x, given[f"{case}.sigma"].log() / 4, given[f"{case}.class_labels"])
    assert (found - given[f"{case}.raw_out"]).abs().max() < 1e-4


@torch.no_grad()
def test_a_block_with_more_channels_than_groups_is_the_published_one():
    given = tensors("block_groupnorm_cap")
    block = UNetBlock(160, 128, 64, attention=True).eval()
    block.load_state_dict({k[2:]: v for k, v in given.items() if k.startswith("w.")})
    assert (block(given["x"], given["emb"]) - given["out"]).abs().max() < 1e-4


def test_the_full_size_has_the_published_count_of_parameters():
    published = numbers("unet_small")
    assert config_of(published["full_model_constructor"]) == UNetConfig()
    with torch.device("meta"):
        full = UNet()
    assert sum(p.numel() for p in full.parameters()) == 257_523_969
    assert sum(p.numel() for p in small_unet().parameters()) == published["param_count"]


@torch.no_grad()
def test_rows_of_a_batch_do_not_hear_each_other():
    given = tensors("unet_small_io")
    x = torch.cat((given["a2.x"], given["a2.mixture"]), dim=1)
    noise, labels = given["a2.sigma"].log() / 4, given["a2.class_labels"]
    together = small_unet()(x, noise, labels)
    for row in range(len(x)):
        one = slice(row, row + 1)
        alone = small_unet()(x[one], noise[one], labels[one])
        assert (together[one] - alone).abs().max() < 1e-5


@torch.no_grad()
def test_shorter_images_are_allowed_and_gradients_reach_every_parameter():
    network = UNet(UNetConfig(model_channels=8, num_blocks=1, num_heads=2))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.normal_(0, 0.2)
    with torch.enable_grad():
        out = network(torch.randn(2, 2, 64, 32), torch.zeros(2), torch.eye(4)[:2])
        out.square().sum().backward()
    assert out.shape == (2, 1, 64, 32)
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in network.parameters())


@pytest.mark.parametrize(
    "wrong", [{"img_resolution": 20}, {"model_channels": 6}, {"num_heads": 3}]
)
def test_what_does_not_fit_is_refused(wrong):
    with pytest.raises(ModelError):
        UNetConfig(**wrong)
