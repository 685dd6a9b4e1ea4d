"""What a cache may hold and what a cached pass gives, over random networks, in float32."""

from __future__ import annotations

from dataclasses import replace
from unittest import mock

import pytest
import torch
from block_cases import Case, case_of, cases, hidden_states, play_block
from hypothesis import given, settings
from hypothesis import strategies as st
from small_model import small_network

from sideman.models import kv_cache
from sideman.models.block_pass import BlockPass
from sideman.models.masks import band_mask
from sideman.models.rope import rotate, rotation

EXACT = {"atol": 1e-5, "rtol": 1e-5}
FEW = settings(max_examples=25, derandomize=True)
regimes = st.sampled_from(["block_causal", "enc_dec"])
any_case = st.one_of(
    cases(regime, hearing)
    for regime in ("block_causal", "enc_dec")
    for hearing in ("delayed", "cutoff")
)


def close(one: torch.Tensor, other: torch.Tensor) -> None:
    torch.testing.assert_close(one, other, **EXACT)


def whole(case: Case) -> torch.Tensor:
    """The flow of all blocks in one training pass."""
    t = case.t.expand(case.rows, -1)
    return case.network(case.clean, case.known, case.noisy, t, case.conditions)


def last_block(case: Case) -> tuple[int, slice, slice]:
    """Index of the last block, its frames, and the context that enc-dec sees of the past."""
    start = (case.blocks - 1) * case.block
    first = max(0, start - case.network.window_frames)
    return case.blocks - 1, slice(start, start + case.block), slice(first, start)


@FEW
@given(any_case, st.floats(0.01, 1), st.booleans())
@torch.no_grad()
def test_context_states_do_not_depend_on_time_noise_target_or_what_is_unknown(case, t, told):
    network = case.network
    _, target, context = last_block(case)
    frames = slice(context.start, target.stop)
    conditions, others = case.conditions.cut(frames), case.other_conditions().cut(frames)
    length = context.stop - context.start
    unknown = (1 - conditions.heard_known)[:, None]
    changed = replace(
        conditions,
        heard=conditions.heard + 5 * unknown,
        clock=torch.cat((conditions.clock[..., :length], others.clock[..., length:]), -1),
        sketch=torch.cat((conditions.sketch[..., :length], others.sketch[..., length:]), -1),
    )

    def states(x: torch.Tensor, at: torch.Tensor, conditions) -> list[torch.Tensor]:
        clean, known = case.clean[..., context], case.known[:, context]
        return hidden_states(network, lambda: network.window(clean, known, x, at, conditions))

    x = case.noisy[..., target]
    one = states(x, torch.full((case.rows,), 0.5), conditions)
    other = states(1 - x, torch.full((case.rows,), t), changed if told else conditions)
    assert len(one) == network.config.layers
    for a, b in zip(one, other, strict=True):
        assert torch.equal(a[:, :length], b[:, :length])
        assert not torch.equal(a[:, length:], b[:, length:])


@FEW
@given(cases("block_causal"), st.integers(0, 10_000))
@torch.no_grad()
def test_training_passes_keep_clean_frames_from_time_noise_and_target(case, seed):
    generator = torch.Generator().manual_seed(seed)
    frames = case.clean.shape[-1]
    one = hidden_states(case.network, lambda: whole(case))
    changed = replace(
        case,
        noisy=torch.randn(case.noisy.shape, generator=generator),
        t=torch.rand(case.blocks, generator=generator),
    )
    other = hidden_states(case.network, lambda: whole(changed))
    for a, b in zip(one, other, strict=True):
        assert torch.equal(a[:, :frames], b[:, :frames])


@FEW
@given(any_case, st.integers(0, 40))
@torch.no_grad()
def test_music_at_or_after_the_cutoff_has_no_influence_on_the_output(case, cutoff):
    network, (index, _, context) = case.network, last_block(case)
    known = case.conditions.heard_known.clone()
    known[:, context.start + cutoff :] = 0
    heard = case.conditions.heard.clone()
    told = replace(case.conditions, heard_known=known)
    heard[..., context.start + cutoff :] = case.other_conditions().heard[..., context.start + cutoff :]
    cache = network.empty_cache(case.rows)
    one = play_block(case, cache, context, index, told)
    other = play_block(case, cache, context, index, replace(told, heard=heard))
    assert torch.equal(one[0], other[0])
    assert torch.equal(one[1], other[1])
    assert torch.equal(one[2].keys, other[2].keys)
    assert torch.equal(one[2].values, other[2].values)


@FEW
@given(cases("enc_dec"))
@torch.no_grad()
def test_enc_dec_steps_from_the_cache_equal_the_window(case):
    index, target, context = last_block(case)
    first, later, cache = play_block(
        case, case.network.empty_cache(case.rows), context, index
    )
    expected = case.network.window(
        case.clean[..., context], case.known[:, context], case.noisy[..., target],
        case.t[index].expand(case.rows), case.conditions.cut(slice(context.start, target.stop)),
    )
    close(first, expected)
    close(later, expected)
    assert cache.frames == context.stop - context.start


@FEW
@given(cases("block_causal", blocks=(12, 14)))
@torch.no_grad()
def test_block_causal_steps_from_the_cache_equal_one_pass_over_everything(case):
    expected = whole(case)
    cache = case.network.empty_cache(case.rows)
    for index in range(case.blocks):
        start = index * case.block
        pending = slice(max(0, start - case.block), start)
        first, later, cache = play_block(case, cache, pending, index)
        frames = slice(start, start + case.block)
        close(first, expected[..., frames])
        close(later, expected[..., frames])
        assert cache.frames == min(start, case.network.window_frames)


@FEW
@given(cases("block_causal", blocks=(12, 14)), st.integers(1, 11))
@torch.no_grad()
def test_a_cache_begun_anew_from_the_memory_equals_one_pass_over_the_memory(case, change):
    """From block `change` on everything is told otherwise; the memory is told so, too."""
    start = change * case.block
    memory = slice(max(0, start - case.network.window_frames), start)
    after = slice(memory.start, None)
    told = case.other_conditions()
    cut = replace(
        case, clean=case.clean[..., after], noisy=case.noisy[..., after],
        known=case.known[:, after], t=case.t[memory.start // case.block :],
        conditions=told.cut(after),
    )
    expected = whole(cut)
    cache, pending = case.network.empty_cache(case.rows), memory
    for index in range(change, case.blocks):
        start = index * case.block
        first, later, cache = play_block(case, cache, pending, index, told)
        frames = slice(start - memory.start, start - memory.start + case.block)
        close(first, expected[..., frames])
        close(later, expected[..., frames])
        pending = slice(start, start + case.block)


@FEW
@given(cases("block_causal", "cutoff", blocks=(6, 14)), st.integers(1, 3))
@torch.no_grad()
def test_open_blocks_may_learn_what_was_heard_until_they_settle(case, stale):
    """Every step knows the music up to `stale` blocks before its own, and sees what it would if
    all were computed anew."""
    network, block = case.network, case.block
    heard_known = torch.zeros_like(case.conditions.heard_known)
    cache, settled = network.empty_cache(case.rows), 0
    for index in range(case.blocks):
        start = index * block
        known_end = max(0, start - stale * block)
        heard_known[:, :known_end] = 1
        told = replace(case.conditions, heard_known=heard_known)
        first, later, cache = play_block(
            case, cache, slice(settled, start), index, told, settle=known_end - settled
        )
        expected = network.window(
            case.clean[..., :start], case.known[:, :start], case.noisy[..., start : start + block],
            case.t[index].expand(case.rows), told.cut(slice(0, start + block)),
        )
        close(first, expected)
        close(later, expected)
        settled = known_end


@FEW
@given(cases("block_causal"))
@torch.no_grad()
def test_the_fused_pass_equals_a_clean_pass_and_then_a_step(case):
    network = case.network
    cache = network.empty_cache(case.rows)
    for index in range(1, case.blocks):
        start = index * case.block
        pending, target = slice(start - case.block, start), slice(start, start + case.block)
        fused, later, grown = play_block(case, cache, pending, index)
        expected, keys, values = _separately(case, cache, pending, target, float(case.t[index]))
        close(fused, expected)
        close(later, expected)
        cache = cache.append(keys, values, network.window_frames)
        close(grown.keys, cache.keys)
        close(grown.values, cache.values)


def _separately(case, cache, pending, target, t):
    """A pass over the clean block alone, then one over [target | global] from the longer cache."""
    network, conditions = case.network, case.conditions
    band, block = network.config.band_blocks, case.block
    clean = network.clean_tokens(case.clean[..., pending], case.known[:, pending])
    clean = clean + network.told(conditions.cut(pending)).frames
    numbers = torch.arange(cache.frames + block) // block
    prompt = network.prompt(conditions)
    mask = band_mask(numbers[cache.frames :], numbers, band)
    sight = network.sight(cache, block)
    network.trunk(clean, network.own_turns(sight), sight, mask, prompt)
    keys, values = (whole[:, :, :, cache.frames :].clone() for whole in (sight.keys, sight.values))
    window = cache.append(keys, values, network.window_frames)
    times, x = torch.full((case.rows,), t), case.noisy[..., target]
    tokens = network.target_tokens(x, times, network.told(conditions.cut(target)))
    sight = network.sight(window, block + 1)
    tokens = network.trunk(tokens, network.own_turns(sight), sight, None, prompt)
    return network.flow(tokens[:, :-1], x, times[:, None]), keys, values



@pytest.mark.parametrize("regime", ["block_causal", "enc_dec"])
def test_who_has_played_can_still_learn(regime):
    """What a performance leaves behind for the next pass is in no gradient's way, and says the same."""
    case = case_of(small_network(regime=regime), rows=2, blocks=3, seed=1)

    def play() -> torch.Tensor:
        cache, past = case.network.empty_cache(case.rows), slice(0, case.block)
        return play_block(case, cache, past, 1)[0]

    with torch.inference_mode():
        played = play()
    learnt = play()
    learnt.square().mean().backward()
    assert torch.equal(learnt.detach(), played)
    assert all(layer.attention.to_qkv.weight.grad.any() for layer in case.network.layers)


@FEW
@given(cases("block_causal", blocks=(8, 14)))
@torch.no_grad()
def test_cached_keys_are_those_recomputed_and_turned_back_those_of_the_window(case):
    """Numbered on while the window slides, or from elsewhere: turned by what they are moved."""
    network, block = case.network, case.block
    cache = network.empty_cache(case.rows)
    for index in range(case.blocks):
        start = index * block
        _, _, cache = play_block(case, cache, slice(max(0, start - block), start), index)
    frames = (case.blocks - 1) * block
    past = slice(0, frames)
    tokens = network.clean_tokens(case.clean[..., past], case.known[:, past])
    tokens = tokens + network.told(case.conditions.cut(past)).frames
    numbers = torch.arange(frames) // block
    mask = band_mask(numbers, numbers, network.config.band_blocks)
    whole = network.sight(network.empty_cache(case.rows), frames)
    network.trunk(tokens, network.own_turns(whole), whole, mask, network.prompt(case.conditions))
    slid = frames - cache.frames
    newest = whole.keys[:, :, :, slid:]
    assert cache.first == slid
    close(cache.keys, newest)
    close(network.sight(cache, 0).keys, newest)
    for first in (0, slid + 7):
        turned = rotation(torch.full((cache.frames,), first - slid), network.rotary)
        moved = cache.moved(first)
        assert moved.first == first
        close(moved.keys, rotate(newest, turned))


@FEW
@given(cases("block_causal", blocks=(12, 14)), st.integers(1, 30))
@torch.no_grad()
def test_where_the_numbers_start_again_nothing_is_heard_of_it(case, limit):
    expected = whole(case)
    cache, firsts = case.network.empty_cache(case.rows), []
    with mock.patch.object(kv_cache, "RENUMBERED", limit):
        for index in range(case.blocks):
            start = index * case.block
            pending = slice(max(0, start - case.block), start)
            first, later, cache = play_block(case, cache, pending, index)
            close(first, expected[..., start : start + case.block])
            close(later, expected[..., start : start + case.block])
            firsts.append(cache.first)
    assert max(firsts) < limit


@FEW
@given(any_case)
@torch.no_grad()
def test_rows_of_a_batch_equal_one_row_after_the_other(case):
    index, _, context = last_block(case)
    cache = case.network.empty_cache(case.rows)
    together = play_block(case, cache, context, index)
    for row in range(case.rows):
        one = slice(row, row + 1)
        alone = replace(
            case, clean=case.clean[one], noisy=case.noisy[one], known=case.known[one],
            conditions=_row(case.conditions, one),
        )
        first, later, grown = play_block(alone, case.network.empty_cache(1), context, index)
        close(first, together[0][one])
        close(later, together[1][one])
        close(grown.keys, together[2].cut(one).keys)


def _row(conditions, one):
    values = {name: getattr(conditions, name) for name in conditions.__dataclass_fields__}
    return replace(
        conditions, **{name: None if v is None else v[one] for name, v in values.items()}
    )


@torch.no_grad()
@FEW
@given(cases("enc_dec", blocks=(3, 5)))
def test_a_pass_is_stateless_towards_its_inputs(case):
    """Asked twice in either order, a pass says the same: nothing of x or t is kept."""
    index, target, context = last_block(case)
    told = case.conditions.cut(slice(context.start, target.stop))
    x = case.noisy[..., target]
    clean, known = case.clean[..., context], case.known[:, context]
    one = BlockPass(case.network, case.network.empty_cache(case.rows), clean, known, told)
    other = BlockPass(case.network, case.network.empty_cache(case.rows), clean, known, told)
    a, b = one(x, 0.9), one(-x, 0.1)
    d, c = other(-x, 0.1), other(x, 0.9)
    close(a, c)
    close(b, d)
