"""Who may see whom, under both attention regimes."""

from __future__ import annotations

from small_model import small_network

from sideman.models.masks import enc_dec_mask, training_mask

BLOCK = 4


def test_training_mask_row_by_row():
    mask = training_mask(frames=6, block=2, band=1)
    rows = ["".join("x" if seen else "." for seen in row) for row in mask.tolist()]
    assert rows == [
        "xx.............",
        "xx.............",
        "xxxx...........",
        "xxxx...........",
        "..xxxx.........",
        "..xxxx.........",
        "......xxx......",
        "......xxx......",
        "......xxx......",
        "xx.......xxx...",
        "xx.......xxx...",
        "xx.......xxx...",
        "..xx........xxx",
        "..xx........xxx",
        "..xx........xxx",
    ]


def test_enc_dec_mask_row_by_row():
    rows = ["".join("x" if seen else "." for seen in row) for row in enc_dec_mask(2, 3).tolist()]
    assert rows == ["xx...", "xx...", "xxxxx", "xxxxx", "xxxxx"]


def test_a_full_band_needs_no_mask_and_a_stale_block_is_masked():
    network = small_network(context_frames=8)
    assert network.mask(cached=8, pending=0) is None
    mask = network.mask(cached=8, pending=4)
    assert not mask[BLOCK:, :4].any(), "the target does not see the block that leaves the window"
    assert mask[:BLOCK, :12].all(), "the pending block does"
