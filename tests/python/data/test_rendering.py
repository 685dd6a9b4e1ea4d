"""The sound of a score: at its time, in tune with its chords, at a sensible level."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sideman.data import fluid
from sideman.data.composer import compose
from sideman.data.fluid import check_sound_font, installed_sound_fonts
from sideman.data.harmony import chord_pitch_classes
from sideman.data.render import note_events, render_score
from sideman.data.score import PARTS, SAMPLE_RATE, Note, Score
from sideman.errors import DataError

Rendered = list[tuple[Score, dict[str, np.ndarray]]]


@pytest.fixture(scope="module")
def rendered(fluidsynth, short_plans) -> Rendered:
    fonts = installed_sound_fonts()
    scores = [compose(plan) for plan in short_plans]
    return [(score, render_score(score, fonts)[0]) for score in scores]


def test_events_are_in_order_and_an_off_precedes_an_on(short_plans) -> None:
    plan = short_plans[0]
    notes = [Note(1.0, 1.0, 60, 90), Note(0.0, 1.0, 60, 80)]
    a, b, c = (plan.sample_at(beat) for beat in (0.0, 1.0, 2.0))
    assert note_events(plan, notes) == [
        (a, True, 60, 80),
        (b, False, 60, 0),
        (b, True, 60, 90),
        (c, False, 60, 0),
    ]


def test_parts_have_the_length_of_the_piece_and_the_mix_its_level(rendered: Rendered) -> None:
    for score, parts in rendered:
        assert set(parts) == set(score.parts) == set(PARTS)
        assert all(audio.shape == (score.plan.samples,) for audio in parts.values())
        assert all(audio.dtype == np.float32 for audio in parts.values())
        peak = 20 * np.log10(np.abs(sum(parts.values())).max())
        assert -8.1 < peak < -4.9
        assert all(np.abs(audio).max() < 1.0 for audio in parts.values())


def test_nothing_sounds_before_its_first_note_and_then_it_does(rendered: Rendered) -> None:
    for score, parts in rendered:
        for part, audio in parts.items():
            first = score.plan.sample_at(score.parts[part][0].start)
            assert not audio[:first].any()
            assert np.abs(audio[first : first + 4410]).max() > 1e-4


def test_struck_drums_are_heard_within_20_ms(rendered: Rendered) -> None:
    heard = []
    for score, parts in rendered:
        starts = [score.plan.sample_at(n.start) for n in score.parts["drums"] if n.velocity > 80]
        for sample in sorted(set(starts)):
            before = parts["drums"][max(sample - 441, 0) : sample]
            after = parts["drums"][sample : sample + 882]
            heard.append(np.abs(after).max() > 1.2 * (np.abs(before).max() if before.size else 0))
    assert len(heard) > 30
    assert np.mean(heard) > 0.9


def test_sound_is_in_tune_with_the_chords(rendered: Rendered) -> None:
    """Energy on the pitch classes of the chord against that on the same chord a tritone away."""
    ratios = []
    for score, parts in rendered:
        audio = parts["guitar"] + parts["piano"]
        for chord, after in zip(score.chords, score.chords[1:]):
            start, end = (score.plan.sample_at(c.start) for c in (chord, after))
            classes = pitch_class_energy(audio[start + 2048 : end])
            on = sum(classes[pc] for pc in chord_pitch_classes(chord))
            off = sum(classes[(pc + 6) % 12] for pc in chord_pitch_classes(chord))
            if on + off > 0:
                ratios.append(on / (on + off))
    assert len(ratios) > 8
    assert np.median(ratios) > 0.75


def pitch_class_energy(audio: np.ndarray) -> np.ndarray:
    power = np.abs(np.fft.rfft(audio * np.hanning(audio.size))) ** 2
    hertz = np.fft.rfftfreq(audio.size, 1 / SAMPLE_RATE)
    band = (hertz > 100) & (hertz < 1200)
    classes = np.round(69 + 12 * np.log2(hertz[band] / 440)).astype(int) % 12
    return np.bincount(classes, weights=power[band], minlength=12)


def test_what_was_rendered_before_leaves_no_trace(rendered: Rendered) -> None:
    fonts = installed_sound_fonts()
    again = {score.plan.id: render_score(score, fonts)[0] for score, _ in reversed(rendered)}
    for score, parts in rendered:
        for part, audio in parts.items():
            np.testing.assert_array_equal(audio, again[score.plan.id][part])


def test_missing_sound_font_is_one_line_that_says_what_to_do(fluidsynth, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        check_sound_font(tmp_path / "no.sf2")
    assert str(caught.value) == (
        f"cannot open sound font {tmp_path}/no.sf2: no such file; give an .sf2 file"
    )


def test_file_that_is_no_sound_font_is_refused(fluidsynth, tmp_path: Path) -> None:
    fake = tmp_path / "fake.sf2"
    fake.write_bytes(b"not a sound font" * 100)
    with pytest.raises(DataError, match="FluidSynth does not read it"):
        check_sound_font(fake)


def test_no_installed_font_names_the_packages(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(fluid, "_FONT_FOLDERS", (str(tmp_path),))
    with pytest.raises(DataError, match="install timgm6mb-soundfont or fluid-soundfont-gm"):
        installed_sound_fonts()


def test_fonts_are_found_by_name_and_links_count_once(tmp_path: Path, monkeypatch) -> None:
    for name in ("b.sf2", "a.sf2"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "default.sf2").symlink_to(tmp_path / "a.sf2")
    monkeypatch.setattr(fluid, "_FONT_FOLDERS", (str(tmp_path),))
    assert [path.resolve().name for path in installed_sound_fonts()] == ["a.sf2", "b.sf2"]
