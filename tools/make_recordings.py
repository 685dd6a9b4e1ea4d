"""Writes a folder of takes as a musician would record them, to try `sideman train instrument` with.

    python -m tools.make_recordings OUT --minutes 20 --program 11 --plays piano

A part of composed pieces is played on another General MIDI program (11: vibraphone) than any that the
shipped model was trained on; every second take has the whole mix in place of the context.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from sideman.audio import save
from sideman.data.composer import compose
from sideman.data.fluid import installed_sound_fonts
from sideman.data.render import render_score
from sideman.data.score import SAMPLE_RATE
from sideman.data.synthesis import plan_set


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--program", type=int, default=11)
    parser.add_argument("--plays", default="piano", help="the part whose notes it plays")
    parser.add_argument("--seed", type=int, default=7001)
    asked = parser.parse_args()
    font = installed_sound_fonts()[0]
    written = 0.0
    for number, plan in enumerate(plan_set("train", asked.seed, 4 * asked.minutes)):
        score = compose(plan)
        if asked.plays not in score.parts or len(score.parts) < 3:
            continue
        programs = {**score.programs, asked.plays: asked.program}
        parts, _ = render_score(replace(score, programs=programs), [font])
        part = parts.pop(asked.plays)
        context = sum(parts.values())
        save(asked.out / f"take {number:02} part.wav", part, SAMPLE_RATE)
        kind, beside = ("mix", context + part) if number % 2 else ("context", context)
        save(asked.out / f"take {number:02} {kind}.wav", beside, SAMPLE_RATE)
        written += len(part) / SAMPLE_RATE / 60
        if written >= asked.minutes:
            break
    print(f"{asked.out}: {written:.1f} minutes")


if __name__ == "__main__":
    main()
