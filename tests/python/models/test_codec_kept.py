"""The acceptance of the shipped codec: what is left of harmony and rhythm of held-out pieces."""

from __future__ import annotations

import pytest

from sideman.data.fluid import fluidsynth_missing, installed_sound_fonts
from sideman.data.pieces import load_pieces
from sideman.data.synthesis import plan_set, synthesise
from sideman.evaluation.codec_gate import KEPT_AT_LEAST, codec_gate
from sideman.models.checkpoint import load_model

PARTS = ("bass", "drums", "guitar", "piano")


def test_held_out_parts_keep_their_harmony_and_their_rhythm(tmp_path):
    if fluidsynth_missing():
        pytest.skip(fluidsynth_missing())
    plans = plan_set("heldout", 0, minutes=1.2)
    synthesise(tmp_path, plans, installed_sound_fonts(), 1, lambda progress: None)
    kept = codec_gate(load_model("mini").codec, load_pieces(tmp_path), PARTS)
    assert set(kept) == set(PARTS)
    lost = {part: share for part, share in kept.items() if not share.passes}
    assert not lost, f"below {KEPT_AT_LEAST}: {lost}"
