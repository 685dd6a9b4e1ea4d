"""Writes docs/listening.md and its examples: held-out pieces 0 to 5, each with one part by the model.

    python -m tools.listening [MODEL]

Which piece and which part is fixed here, before anybody listens; nothing is chosen by ear.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile

from sideman.data.composer import plan_piece
from sideman.data.fluid import installed_sound_fonts
from sideman.data.pieces import Piece, load_pieces
from sideman.data.synthesis import synthesise
from sideman.evaluation.takes import PATIENCE, Asked, play_together
from sideman.models.checkpoint import LoadedModel, load_model
from sideman.streaming.controls import usual_controls
from sideman.streaming.sessions import open_session

DOCS = Path(__file__).parent.parent / "docs"
PARTS = ("bass", "drums", "guitar", "piano", "bass", "guitar")  # of pieces 0 to 5
SECONDS, FADE_SECONDS = 12.0, 0.5
APART = 0.35  # how far the part lies to the right of the music, 1 = only there

PAGE = """# Listening

Six pieces that the model never heard, each with one part played live by `{model}`: it hears the others
(left of the middle) and plays (right of it) {reaction:.0f} ms behind what it has heard, with the beat of
the host's transport. Pieces and parts were fixed by number before anybody listened
(`tools/listening.py`); the music is composed and rendered by `sideman synth --preset heldout`.

| piece | style | bpm | the model plays | |
|---|---|---|---|---|
{rows}

Beside each lies what the composer had written for the part, to compare.
"""


def main(name: str = "mini") -> None:
    model = load_model(name)
    folder = DOCS / "listening"
    folder.mkdir(exist_ok=True)
    fonts = [font for font in installed_sound_fonts() if font.name == "TimGM6mb.sf2"]
    with TemporaryDirectory() as place:
        plans = [plan_piece("heldout", 0, index) for index in range(len(PARTS))]
        synthesise(Path(place), plans, fonts or installed_sound_fonts(), 1, lambda state: None)
        pieces = load_pieces(place)
        played = _played(model, pieces)
        rows = [
            _example(folder, number, piece, part, audio)
            for number, (piece, part, audio) in enumerate(zip(pieces, PARTS, played, strict=True))
        ]
    spec = model.spec
    reaction = 1000 * (spec.hop_frames + spec.lead_frames) * spec.frame_samples / spec.sample_rate
    page = PAGE.format(model=spec.name, reaction=reaction, rows="\n".join(rows))
    (DOCS / "listening.md").write_text(page, encoding="utf-8")


def _played(model: LoadedModel, pieces: list[Piece]) -> list[np.ndarray]:
    spec = model.spec
    usual = usual_controls(spec, patience=PATIENCE)
    return play_together(
        [
            Asked(
                open_session(model, [part], spec.hop_frames, spec.lead_frames), piece,
                piece.context(part), lambda _: usual,
            )
            for piece, part in zip(pieces, PARTS, strict=True)
        ]
    )  # fmt: skip


def _example(folder: Path, number: int, piece: Piece, part: str, played: np.ndarray) -> str:
    context = piece.context(part)
    names = []
    for kind, audio in (("model", played), ("composer", piece.audio(part))):
        name = f"{number}-{piece.style}-{part}-{kind}.ogg"
        _write(folder / name, context, audio, piece.sample_rate)
        names.append(f"[{kind}](listening/{name})")
    return f"| {number} | {piece.style} | {piece.bpm:g} | {part} | {', '.join(names)} |"


def _write(path: Path, context: np.ndarray, part: np.ndarray, rate: int) -> None:
    samples, fade = int(SECONDS * rate), int(FADE_SECONDS * rate)
    sides = [
        (1 - side * APART) * context + (1 + side * APART) * part for side in (-1.0, 1.0)
    ]
    stereo = np.stack(sides, axis=1)[:samples]
    stereo[-fade:] *= np.linspace(1, 0, fade)[:, None]
    stereo /= max(1.0, float(np.abs(stereo).max()))
    # Written in pieces: libsndfile's Vorbis overflows its stack on long blocks.
    with soundfile.SoundFile(path, "w", rate, 2, format="OGG", subtype="VORBIS") as file:
        for start in range(0, len(stereo), rate):
            file.write(stereo[start : start + rate].astype(np.float32))


if __name__ == "__main__":
    main(*sys.argv[1:2])
