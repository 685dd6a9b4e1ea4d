"""Multiply-adds counted from the running network, against the arithmetic of LMDM."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from sideman.evaluation.block_cost import PROMPT_TOKENS, SYSTEMS, Block, large, multiply_adds
from sideman.models.transformer import BlockTransformer

SMALL = replace(large(12, 4), width=32, layers=2, heads=2, hidden=64, text_channels=16)


def block_of(config, device: str) -> Block:
    with torch.device(device):
        return Block.after_full_context(BlockTransformer(config))


def layers_cost(config, tokens: int, keys: int) -> int:
    """Multiply-adds of all layers for tokens that each see so many keys and the prompt."""
    width = config.width
    linear = (4 + 2) * width**2 + 3 * width * config.hidden
    return config.layers * tokens * (linear + 2 * (keys + PROMPT_TOKENS) * width)


def expected(config, system: str, steps: int) -> int:
    """A block after a full context: the formula behind the table of speed-ups."""
    context, block = config.context_frames, config.block_frames
    short = layers_cost(config, block + 1, context + block + 1)
    if system == "window":
        return steps * layers_cost(config, context + block + 1, context + block + 1)
    if system == "enc_dec":
        return layers_cost(config, context, context) + steps * short
    seen = context + 2 * block + 1
    fused = layers_cost(config, 2 * block + 1, seen)
    # In the last layer the pending block leaves keys and values alone.
    projections = config.width**2 * 3
    unasked = layers_cost(replace(config, layers=1), block, seen) - block * projections
    return fused - unasked + (steps - 1) * short


@pytest.fixture(scope="module", params=[(192, 48), (230, 10)], ids=["192/48", "230/10"])
def counted(request):
    """Of the network of 340M weights: system -> multiply-adds of 1 and of 2 steps."""
    config = large(*request.param)
    block = block_of(config, "meta")
    return config, {
        system: [multiply_adds(lambda: block.play(system, steps)) for steps in (1, 2)]
        for system in SYSTEMS
    }


def cost(counts: list[int], steps: int) -> int:
    """Every step after the first costs the same (see below)."""
    return counts[0] + (steps - 1) * (counts[1] - counts[0])


def test_costs_are_those_of_the_formula(counted):
    config, counts = counted
    for system in SYSTEMS:
        for steps in (1, 2, 8):
            found = cost(counts[system], steps)
            assert found == pytest.approx(expected(config, system, steps), rel=0.01), system


def test_speed_ups_are_those_of_the_formula(counted):
    config, counts = counted
    for system in SYSTEMS:
        for steps in (1, 2, 8):
            found = cost(counts["window"], steps) / cost(counts[system], steps)
            wanted = expected(config, "window", steps) / expected(config, system, steps)
            assert found == pytest.approx(wanted, rel=0.03), system


def test_the_formula_is_that_of_the_table():
    rounded = {
        (192, 48, "enc_dec"): {1: 1.00, 2: 1.67, 8: 3.31},
        (192, 48, "block_causal"): {1: 2.47, 2: 3.29, 8: 4.38},
        (230, 10, "enc_dec"): {1: 1.0, 2: 1.9, 8: 6.1},
        (230, 10, "block_causal"): {2: 15, 8: 20},
    }
    for (context, block, system), speed_ups in rounded.items():
        config = large(context, block)
        for steps, wanted in speed_ups.items():
            found = expected(config, "window", steps) / expected(config, system, steps)
            assert found == pytest.approx(wanted, rel=0.03)


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_meta_device_counts_what_a_real_run_counts(system):
    real, meta = block_of(SMALL, "cpu"), block_of(SMALL, "meta")
    for steps in (1, 3):
        assert multiply_adds(lambda: real.play(system, steps)) == multiply_adds(
            lambda: meta.play(system, steps)
        )


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_step_after_the_first_costs_the_same(system):
    block = block_of(SMALL, "cpu")
    counts = [multiply_adds(lambda: block.play(system, steps)) for steps in (1, 2, 8)]
    assert counts[2] == cost(counts, 8)


def test_layers_and_rows_multiply_the_count():
    def of(layers: int, rows: int) -> int:
        network = BlockTransformer(replace(SMALL, layers=layers))
        block = Block.after_full_context(network, rows)
        return multiply_adds(lambda: block.play("block_causal", 2))

    assert of(4, 1) - of(2, 1) == of(6, 1) - of(4, 1)
    in_layers = of(4, 1) - of(2, 1)
    assert of(4, 3) - of(2, 3) == 3 * in_layers


def test_a_block_is_played_alike_by_the_window_and_enc_dec():
    torch.manual_seed(0)
    network = BlockTransformer(SMALL)
    for weight in network.parameters():
        torch.nn.init.normal_(weight, std=0.1)
    block = Block.after_full_context(network)
    played = block.play("window", 3)
    assert torch.allclose(block.play("enc_dec", 3), played, atol=1e-5)
    assert not torch.allclose(played, block.noise, atol=0.1)
