"""Two models beside each other, as ARC-Forcing wants to be judged: few steps against many, and how
long performances drift.

Everything is played by the live Session and measured on its audio. Real music is the true parts of
the same pieces, through the codec, so that what the codec loses is nobody's fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from sideman.data.latents import codec_hash
from sideman.data.pieces import Piece
from sideman.errors import DataError, SettingsError
from sideman.evaluation import distance, metrics
from sideman.evaluation.controls import reconstruction
from sideman.evaluation.scores import measure
from sideman.evaluation.takes import PATIENCE, Asked, play_together
from sideman.models.checkpoint import LoadedModel
from sideman.streaming.controls import Controls
from sideman.streaming.sessions import AnySession, network_calls, open_session

__all__ = [
    "FREE_SECONDS", "Playing", "Row", "check_codecs", "compare", "drift", "playings", "slopes",
]  # fmt: skip

FREE_SECONDS = 120.0
PRIMED_SECONDS = 8.0
WINDOW_SECONDS = 10.0
RESAMPLES = 400
OTHER = 7919  # from the seed of one performance to that of the next

Report = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Playing:
    """A model and how it is denoised; hop and lead in frames, None: the model's own. asked: the part
    that it plays in place of the one that is judged, None: that one. clock: whether `compare`
    tells it the beat. called: what its model is called in a table, "": as its spec says."""

    name: str
    model: LoadedModel
    controls: Controls
    hop_frames: int | None = None
    lead_frames: int | None = None
    asked: str | None = None
    clock: bool = True
    called: str = ""

    def session(self, part: str) -> AnySession:
        """Raises ModelError for a hop or lead that the model cannot play."""
        spec = self.model.spec
        hop = spec.hop_frames if self.hop_frames is None else self.hop_frames
        lead = spec.lead_frames if self.lead_frames is None else self.lead_frames
        return open_session(self.model, [self.asked or part], hop, lead)

    @property
    def network_calls(self) -> int:
        """Evaluations of the network for a hop, each branch of guidance counted."""
        return network_calls(self.model, self.controls)


@dataclass(frozen=True)
class Row:
    """Figures of one playing, means over parts: squared Frechet distances from real music in
    latents and in log-mel levels; lifts of harmony (pitched parts) and a8, with intervals over
    pieces; evaluations of the network per hop."""

    name: str
    latent_distance: float
    mel_distance: float
    harmony_lift: float
    harmony_interval: tuple[float, float]
    a8: float
    a8_interval: tuple[float, float]
    network_calls: int


def playings(before: LoadedModel, after: LoadedModel) -> list[Playing]:
    """What is compared: 20 Euler steps before, with and without guidance; few steps before and
    after. Raises SettingsError for models of different codecs."""
    check_codecs([before, after])
    many = before.spec.guidance
    plain = Controls(20, 1.0, patience=PATIENCE)
    few = replace(plain, sampler="ping-pong")
    return [
        Playing("before, 20 Euler", before, plain),
        Playing(f"before, 20 Euler, guided {many:g}", before, replace(plain, guidance=many)),
        *(
            Playing(f"{name}, {steps} ping-pong", model, replace(few, steps=steps))
            for name, model in (("before", before), ("after", after))
            for steps in (1, 2)
        ),
    ]


def check_codecs(models: Iterable[LoadedModel]) -> None:
    """Raises SettingsError for models of different codecs: one of them cannot judge the others."""
    codecs = [model.codec for model in models]
    ours = [codec for codec in codecs if not getattr(codec, "comes_from_elsewhere", False)]
    if len({type(codec) for codec in codecs}) > 1 or len({codec_hash(codec) for codec in ours}) > 1:
        raise SettingsError(
            "cannot compare models of different codecs in one table: take one at a time"
        )


def compare(
    todo: Sequence[Playing], pieces: Sequence[Piece], report: Report, seed: int = 0
) -> list[Row]:
    """Every playing accompanies every piece, and every part of it, with noise of its own, from `seed`
    on. Distances leave out the longest reaction of them, which is silence and no playing. Raises
    DataError where no piece has a part to be played."""
    parts = todo[0].model.spec.parts
    places = _places(pieces, parts)
    codec, rate = todo[0].model.codec, pieces[0].sample_rate
    real = [reconstruction(codec, piece.audio(part)) for piece, part in places]
    silent = max(playing.session(parts[0]).reaction_samples for playing in todo)
    judge = _Judge(codec, rate, [part for _, part in places], [audio[silent:] for audio in real])
    rows = [_row("real, through the codec", judge, places, real, 0, silent)]
    for playing in todo:
        sessions = {part: playing.session(part) for part in parts}
        asked = [
            Asked(
                sessions[part], piece, piece.context(part),
                lambda _, controls=playing.controls: controls, seed=seed + index, clock=playing.clock,
            )
            for index, (piece, part) in enumerate(places)
        ]
        played = play_together(asked, lambda n, of, name=playing.name: report(name, n, of))
        rows.append(_row(playing.name, judge, places, played, playing.network_calls, silent))
    return rows


def drift(
    todo: Sequence[Playing], pieces: Sequence[Piece], seeds: Sequence[int], report: Report
) -> dict[str, np.ndarray]:
    """Distance from real music in each 10 s of two minutes of free running, from its beginning.

    Each part of each piece is primed with its true beginning and goes on alone (mode continue): no
    music, only the clock. Returns log-mel distances [resamples, windows] by playing, row 0 of all
    performances, the others of pieces drawn with replacement. Raises DataError where no piece has a
    part to be played.
    """
    parts = todo[0].model.spec.parts
    places = [(piece, part, seed) for piece, part in _places(pieces, parts) for seed in seeds]
    codec, rate = todo[0].model.codec, pieces[0].sample_rate
    names = [part for _, part, _ in places]
    real = [reconstruction(codec, piece.audio(part)) for piece, part, _ in places]
    judge = _Judge(codec, rate, names, real)
    primed, curves = round(PRIMED_SECONDS * rate), {}
    for playing in todo:
        sessions = {part: playing.session(part) for part in parts}
        reaction = sessions[parts[0]].reaction_samples
        samples = primed + reaction + round(FREE_SECONDS * rate)
        asked = [
            Asked(
                sessions[part], piece, _priming(piece.audio(part), primed, samples),
                lambda _, controls=_continuing(playing.controls): controls, seed=OTHER * index + seed,
            )
            for index, (piece, part, seed) in enumerate(places)
        ]
        played = play_together(asked, lambda n, of, name=playing.name: report(name, n, of))
        free = [audio[primed + reaction :] for audio in played]
        curves[playing.name] = _curve(judge, free, [p.id for p, _, _ in places], rate)
    return curves


def slopes(curve: np.ndarray) -> np.ndarray:
    """Rise of the distance per minute, by least squares, for each row of a curve [rows, windows]."""
    minutes = np.arange(curve.shape[1]) * WINDOW_SECONDS / 60
    return np.polyfit(minutes, curve.T, 1)[0]


def _places(pieces: Sequence[Piece], parts: Sequence[str]) -> list[tuple[Piece, str]]:
    places = [(piece, part) for part in parts for piece in pieces if part in piece.parts]
    if not places:
        raise DataError(f"cannot compare: no piece has {' or '.join(parts)}; give other pieces")
    return places


class _Judge:
    """Distances of sets of takes from real ones, part by part."""

    def __init__(self, codec: torch.nn.Module, rate: int, parts: list[str], real: list[np.ndarray]):
        self.codec, self.rate, self.parts = codec, rate, parts
        self.scales, self.real = {}, {}
        for kind in ("latent", "mel"):
            patches = [self.patches(kind, audio) for audio in real]
            for part in dict.fromkeys(parts):
                pooled = np.concatenate(_of(part, parts, patches))
                self.scales[kind, part] = scale = distance.Scale.of(pooled)
                self.real[kind, part] = distance.moments(scale(pooled))

    @torch.no_grad()
    def patches(self, kind: str, audio: np.ndarray) -> np.ndarray:
        samples = torch.from_numpy(audio)
        if kind == "mel":
            return distance.mel_patches(samples, self.rate, self.codec.frame_samples)
        whole = len(audio) // self.codec.frame_samples * self.codec.frame_samples
        return distance.latent_patches(self.codec.encode_all(samples[None, :whole])[0])

    def distance(self, kind: str, patches: Sequence[np.ndarray], parts: Sequence[str]) -> float:
        """Mean over parts of the distance of pooled patches from the real ones."""
        found = []
        for part in dict.fromkeys(parts):
            pooled = np.concatenate(_of(part, parts, patches))
            moments = distance.moments(self.scales[kind, part](pooled))
            found.append(distance.frechet(moments, self.real[kind, part]))
        return float(np.mean(found))


def _of(part: str, parts: Sequence[str], values: Sequence[np.ndarray]) -> list[np.ndarray]:
    return [value for name, value in zip(parts, values, strict=True) if name == part]


def _row(
    name: str,
    judge: _Judge,
    places: Sequence[tuple[Piece, str]],
    played: Sequence[np.ndarray],
    calls: int,
    silent: int,
) -> Row:
    scores = [
        measure(piece, audio, piece.context(part))
        for (piece, part), audio in zip(places, played, strict=True)
    ]
    parts = [part for _, part in places]
    pitched = [part != "drums" for part in parts]
    lifts = [s.harmony_lift for s, counts in zip(scores, pitched, strict=True) if counts]
    names = [piece.id for piece, _ in places]
    pitched_names = [name for name, counts in zip(names, pitched, strict=True) if counts]
    aligned = [score.a8 for score in scores]
    distances = {
        kind: judge.distance(kind, [judge.patches(kind, audio[silent:]) for audio in played], parts)
        for kind in ("latent", "mel")
    }
    return Row(
        name, distances["latent"], distances["mel"],
        *metrics.mean_over(pitched_names, lifts), *metrics.mean_over(names, aligned), calls,
    )


def _curve(
    judge: _Judge, free: Sequence[np.ndarray], pieces: Sequence[str], rate: int
) -> np.ndarray:
    window = round(WINDOW_SECONDS * rate)
    count = len(free[0]) // window
    patches = [
        [judge.patches("mel", audio[n * window : (n + 1) * window]) for n in range(count)]
        for audio in free
    ]
    names, rng = list(dict.fromkeys(pieces)), np.random.default_rng(0)
    rows = []
    for drawn in [names, *(rng.choice(names, len(names)) for _ in range(RESAMPLES))]:
        index = [i for name in drawn for i, piece in enumerate(pieces) if piece == name]
        parts = [judge.parts[i] for i in index]
        rows.append(
            [judge.distance("mel", [patches[i][n] for i in index], parts) for n in range(count)]
        )
    return np.array(rows)


def _continuing(controls: Controls) -> Controls:
    return replace(controls, mode="continue")


def _priming(audio: np.ndarray, primed: int, samples: int) -> np.ndarray:
    return np.pad(audio[:primed], (0, samples - min(primed, len(audio))))
