"""The routed block-causal transformer: what may depend on what, and the cache against one pass."""

from __future__ import annotations

import pytest
import torch
from small_model import part_of, random_conditions, small_network

from sideman.models.attention import training_mask
from sideman.models.kv_cache import KVCache
from sideman.models.transformer import BlockTransformer, Conditions

BLOCK, ROWS, FRAMES = 4, 2, 48


@torch.no_grad()
def hidden_states(network: BlockTransformer, *inputs) -> list[torch.Tensor]:
    """The inputs of every layer's attention in one training pass."""
    seen: list[torch.Tensor] = []
    hooks = [
        layer.norm_attention.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0]))
        for layer in network.layers
    ]
    network(*inputs)
    for hook in hooks:
        hook.remove()
    return seen


def sequence(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, Conditions]:
    generator = torch.Generator().manual_seed(seed)
    clean = torch.randn(ROWS, 6, FRAMES, generator=generator)
    noisy = torch.randn(ROWS, 6, FRAMES, generator=generator)
    t = torch.rand(ROWS, FRAMES // BLOCK, generator=generator).repeat_interleave(BLOCK, dim=1)
    return clean, noisy, t, random_conditions(ROWS, FRAMES)


def test_context_states_do_not_depend_on_time_noise_or_target():
    network, known = small_network(), torch.ones(ROWS, FRAMES)
    clean, noisy, t, told = sequence()
    _, other_noisy, other_t, _ = sequence(seed=1)
    one = hidden_states(network, clean, known, noisy, t, told)
    other = hidden_states(network, clean, known, other_noisy, other_t, told)
    for a, b in zip(one, other, strict=True):
        assert torch.equal(a[:, :FRAMES], b[:, :FRAMES])
        assert not torch.equal(a[:, FRAMES:], b[:, FRAMES:])


@torch.no_grad()
def test_a_block_sees_nothing_later_and_not_its_own_clean_self():
    network, known = small_network(), torch.ones(ROWS, FRAMES)
    clean, noisy, t, told = sequence()
    before = network(clean, known, noisy, t, told)
    start = 6 * BLOCK
    changed, told_later = clean.clone(), random_conditions(ROWS, FRAMES, seed=5)
    changed[..., start:] += 1
    heard = torch.cat((told.heard[..., : start + BLOCK], told_later.heard[..., start + BLOCK :]), 2)
    told = Conditions(heard, told.heard_known, told.clock, told.part, told.lead)
    after = network(changed, known, noisy, t, told)
    assert torch.allclose(before[..., : start + BLOCK], after[..., : start + BLOCK], atol=1e-6)
    assert not torch.allclose(before[..., start + BLOCK :], after[..., start + BLOCK :], atol=1e-3)


@torch.no_grad()
def test_own_past_marked_unknown_has_no_influence():
    network, unknown = small_network(), torch.zeros(ROWS, FRAMES)
    clean, noisy, t, told = sequence()
    assert torch.equal(
        network(clean, unknown, noisy, t, told), network(clean * 9, unknown, noisy, t, told)
    )


@torch.no_grad()
@pytest.mark.parametrize("band", [1, 3, 5])
def test_cached_blocks_equal_one_pass_over_twelve_blocks_with_ejection(band):
    network = small_network(band_blocks=band)
    clean, noisy, t, told = sequence()
    known = torch.ones(ROWS, FRAMES)
    known[:, 8:12] = 0
    whole = network(clean, known, noisy, t, told)
    cache = network.empty_cache(ROWS)
    for start in range(0, FRAMES, BLOCK):
        frames = slice(start, start + BLOCK)
        now = part_of(told, frames)
        for row in range(ROWS):
            level = float(t[row, start])
            flow = network.denoise(noisy[..., frames], level, network.prepare(now, cache))
            assert torch.allclose(flow[row], whole[row][:, frames], atol=1e-5)
        cache = network.remember(clean[..., frames], known[:, frames], now, cache)
        assert cache.frames == min(start + BLOCK, band * BLOCK)


@torch.no_grad()
def test_rows_of_a_batch_do_not_mix():
    network, known = small_network(), torch.ones(1, FRAMES)
    clean, noisy, t, told = sequence()
    both = network(clean, known.expand(ROWS, -1), noisy, t, told)
    alone = Conditions(
        told.heard[1:], told.heard_known[1:], told.clock[1:], told.part[1:], told.lead[1:]
    )
    one = network(clean[1:], known, noisy[1:], t[1:], alone)
    assert torch.allclose(both[1:], one, atol=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("told_by", ["heard", "clock", "part", "lead"])
def test_every_condition_reaches_the_output(told_by):
    network, known = small_network(), torch.ones(ROWS, FRAMES)
    clean, noisy, t, told = sequence()
    values = {name: getattr(told, name) for name in Conditions.__dataclass_fields__}
    values[told_by] = values[told_by] + 1
    if told_by == "part":
        values["part"] = values["part"] % 4
    changed = network(clean, known, noisy, t, Conditions(**values))
    assert not torch.allclose(changed, network(clean, known, noisy, t, told), atol=1e-3)


def test_new_network_predicts_the_linear_estimate_and_gets_gradients_everywhere():
    config = small_network().config
    network = BlockTransformer(config)
    clean, noisy, t, told = sequence()
    flow = network(clean, torch.ones(ROWS, FRAMES), noisy, t, told)
    scale = ((2 * t - 1) / (t.square() + (1 - t).square()))[:, None]
    assert torch.allclose(flow, scale * noisy, atol=1e-6)
    full = small_network()
    full(clean, torch.ones(ROWS, FRAMES), noisy, t, told).square().mean().backward()
    dead = [name for name, weight in full.named_parameters() if not weight.grad.any()]
    assert dead == []


def test_training_mask_row_by_row():
    mask = training_mask(frames=6, block=2, band=1)
    rows = ["".join("x" if seen else "." for seen in row) for row in mask.tolist()]
    assert rows[::2] == [
        "xx....|......".replace("|", ""),
        "xxxx..|......".replace("|", ""),
        "..xxxx|......".replace("|", ""),
        "......|xx....".replace("|", ""),
        "xx....|..xx..".replace("|", ""),
        "..xx..|....xx".replace("|", ""),
    ]
    assert rows[::2] == rows[1::2]


def test_append_leaves_the_old_cache_as_it_was():
    old = KVCache.empty(1, 1, 1, 2)
    new = torch.arange(6.0).view(1, 1, 1, 3, 2)
    longer = old.append(new, new, limit=4).append(new, new, limit=4)
    assert old.frames == 0
    assert longer.frames == 4
    assert longer.keys[0, 0, 0, :, 0].tolist() == [4.0, 0.0, 2.0, 4.0]
