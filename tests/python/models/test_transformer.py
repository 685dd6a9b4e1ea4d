"""The routed block transformer: what reaches its output, and what its caches are."""

from __future__ import annotations

import gc
import sys
from dataclasses import replace

import pytest
import torch
from block_cases import Case, case_of
from small_model import small_network

from sideman.models import kv_cache
from sideman.models.conditions import Conditions
from sideman.models.kv_cache import KVCache, Sight
from sideman.models.transformer import BlockTransformer, TransformerConfig

BLOCK, ROWS, BLOCKS = 4, 2, 12
TOLD = {"tags": 2, "sketch_channels": 3, "text_channels": 5}


def case(**settings: int | str) -> Case:
    return case_of(small_network(**settings), ROWS, BLOCKS, seed=0)


def flow(given: Case) -> torch.Tensor:
    t = given.t.expand(given.rows, -1)
    return given.network(given.clean, given.known, given.noisy, t, given.conditions)


@torch.no_grad()
def test_a_block_sees_nothing_later_and_not_its_own_clean_self():
    whole = case()
    start = 6 * BLOCK
    changed = whole.clean.clone()
    changed[..., start:] += 1
    told, other = whole.conditions, whole.other_conditions()
    later = told.cut(slice(0, start + BLOCK)).then(other.cut(slice(start + BLOCK, None)))
    before, after = flow(whole), flow(replace(whole, clean=changed, conditions=later))
    assert torch.allclose(before[..., : start + BLOCK], after[..., : start + BLOCK], atol=1e-6)
    assert not torch.allclose(before[..., start + BLOCK :], after[..., start + BLOCK :], atol=1e-3)


@torch.no_grad()
def test_own_past_marked_unknown_has_no_influence():
    unknown = replace(case(), known=torch.zeros(ROWS, BLOCKS * BLOCK))
    assert torch.equal(flow(unknown), flow(replace(unknown, clean=unknown.clean * 9)))


@torch.no_grad()
@pytest.mark.parametrize(
    "told_by", ["heard", "heard_known", "clock", "sketch", "tags", "part", "lead", "text"]
)
def test_every_condition_reaches_the_output(told_by):
    before = case(**TOLD)
    value = getattr(before.conditions, told_by)
    changed = (value + 1) % 4 if told_by in ("part", "lead") else 1 - value
    after = replace(before, conditions=replace(before.conditions, **{told_by: changed}))
    assert not torch.allclose(flow(after), flow(before), atol=1e-3)


@torch.no_grad()
@pytest.mark.parametrize(("lead", "told_as"), [(-4, 0), (9, 8), (60, 8)])
def test_a_lead_that_the_table_lacks_is_told_as_the_nearest(lead, told_as):
    def led_by(frames: int) -> torch.Tensor:
        given = case()
        leads = torch.full_like(given.conditions.lead, frames)
        return flow(replace(given, conditions=replace(given.conditions, lead=leads)))

    assert torch.equal(led_by(lead), led_by(told_as))
    assert not torch.equal(led_by(lead), led_by(3))


@torch.no_grad()
def test_untold_conditions_lack_the_music_and_the_prompt_alone():
    told = case(**TOLD).conditions
    untold = told.untold()
    for name in ("clock", "sketch", "tags", "part", "lead"):
        assert torch.equal(getattr(untold, name), getattr(told, name))
    for name in ("heard", "heard_known", "text"):
        assert not getattr(untold, name).any()


def test_new_network_predicts_the_linear_estimate_and_gets_gradients_everywhere():
    full = case(**TOLD)
    fresh = replace(full, network=BlockTransformer(full.network.config))
    t = full.t.repeat_interleave(BLOCK)
    scale = (2 * t - 1) / (t.square() + (1 - t).square())
    assert torch.allclose(flow(fresh), scale * full.noisy, atol=1e-6)
    flow(full).square().mean().backward()
    dead = [name for name, weight in full.network.named_parameters() if not weight.grad.any()]
    assert dead == []


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"regime": "sideways"}, "regime 'sideways'"),
        ({"hearing": "never"}, "hearing 'never'"),
        ({"context_frames": 10}, "not whole blocks of 4"),
    ],
)
def test_impossible_configurations_are_refused(settings, why):
    with pytest.raises(ValueError, match=why):
        TransformerConfig(channels=6, **settings)


def test_enc_dec_contexts_need_not_be_whole_blocks():
    assert TransformerConfig(channels=6, context_frames=10, regime="enc_dec").context_frames == 10


def test_a_width_that_heads_do_not_divide_is_refused():
    with pytest.raises(ValueError, match="width 30 over 4 heads"):
        BlockTransformer(TransformerConfig(channels=6, width=30, heads=4))


def test_append_leaves_the_old_cache_as_it_was():
    old = KVCache.empty(1, 1, 1, 2)
    new = torch.arange(6.0).view(1, 1, 1, 3, 2)
    longer = old.append(new, new, limit=4).append(new, new, limit=4)
    assert old.frames == 0
    assert longer.frames == 4
    assert longer.keys[0, 0, 0, :, 0].tolist() == [4.0, 0.0, 2.0, 4.0]


def test_joined_conditions_and_caches_keep_the_order_of_their_rows():
    one, other = case(**TOLD).conditions, case(**TOLD).other_conditions()
    both = Conditions.joined([one, other])
    assert torch.equal(both.heard, torch.cat((one.heard, other.heard)))
    assert torch.equal(both.text[ROWS:], other.text)
    caches = [KVCache(torch.full((1, 1, 1, 2, 2), float(n)), torch.zeros(1, 1, 1, 2, 2)) for n in (1, 2)]
    assert KVCache.joined(caches).keys[0, :, 0, 0, 0].tolist() == [1.0, 2.0]
    assert torch.equal(KVCache.joined(caches).cut(slice(1, 2)).keys, caches[1].keys)


def test_caches_that_slid_differently_are_joined_at_the_largest_of_their_numbers():
    one, other = (
        KVCache(torch.randn(1, 1, 1, 2, 8), torch.zeros(1, 1, 1, 2, 8), first) for first in (0, 5)
    )
    joined = KVCache.joined([one, other])
    assert joined.first == 5
    assert torch.equal(joined.keys[:, :1], one.moved(5).keys)
    assert torch.equal(joined.keys[:, 1:], other.keys)


def test_the_memory_of_a_pass_goes_to_the_next_of_its_size_and_never_to_two():
    cache = KVCache(torch.zeros(1, 1, 1, 2, 8), torch.zeros(1, 1, 1, 2, 8))
    one, other = (Sight.of(cache, 3, torch.float32) for _ in range(2))
    first = one.keys[0].data_ptr()
    assert first != other.keys[0].data_ptr()
    later = one.newest(2, 1)
    del one
    assert Sight.of(cache, 3, torch.float32).keys[0].data_ptr() != first, "still in use"
    del later
    again = [Sight.of(cache, 3, torch.float32) for _ in range(kv_cache.MOST_SPARE)]
    places = [sight.keys[0].data_ptr() for sight in again]
    assert first in places
    assert len(set(places)) == len(places)
    for room in range(20):
        Sight.of(cache, room, torch.float32)
    assert len(kv_cache._Memory.spare) <= kv_cache.MOST_SPARE


def test_a_pass_for_which_there_is_no_memory_fails_with_that_alone(monkeypatch):
    """Half of it may be there already. What __del__ raises is printed beside the error."""
    printed = []
    monkeypatch.setattr(sys, "unraisablehook", printed.append)

    def full(*told, **named):
        raise torch.OutOfMemoryError("the device is full")

    cache = KVCache(torch.zeros(1, 1, 1, 5, 8), torch.zeros(1, 1, 1, 5, 8))
    kv_cache.forget_spare()
    for which in ("empty", "empty_like"):
        monkeypatch.setattr(torch, which, full)
        with pytest.raises(torch.OutOfMemoryError):
            Sight.of(cache, 7, torch.float32)
        monkeypatch.undo()
        monkeypatch.setattr(sys, "unraisablehook", printed.append)
    gc.collect()
    assert not printed and not kv_cache._Memory.spare
