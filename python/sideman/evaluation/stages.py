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
from sideman.evaluation.scores import Score, measure
from sideman.evaluation.takes import PATIENCE, Asked, play_in_turns
from sideman.models.checkpoint import LoadedModel
from sideman.streaming.controls import Controls
from sideman.streaming.sessions import AnySession, network_calls, open_session

__all__ = [
    "FREE_SECONDS", "Playing", "Row", "check_codecs", "compare", "drift", "playings", "slopes",
]  # fmt: skip

FREE_SECONDS = 120.0
PRIMED_SECONDS = 8.0
WINDOW_SECONDS = 10.0
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
    latents and in log-mel levels. Means over pieces: lifts of harmony (pitched parts) and a8, with
    intervals; a8 None where nobody knows the beat. Evaluations of the network per hop."""

    name: str
    latent_distance: float
    mel_distance: float
    harmony_lift: float
    harmony_interval: tuple[float, float]
    a8: float | None
    a8_interval: tuple[float, float] | None
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
    codec = todo[0].model.codec
    silent = max(playing.session(parts[0]).reaction_samples for playing in todo)
    real = [
        _listen(codec, piece, part, reconstruction(codec, piece.audio(part)), silent)
        for piece, part in places
    ]
    judge = _Judge([part for _, part in places], [take.patches for take in real])
    rows = [_row("real, through the codec", judge, places, real, 0)]
    for playing in todo:
        sessions = {part: playing.session(part) for part in parts}
        asked = (
            Asked(
                sessions[part], piece, piece.context(part),
                lambda _, controls=playing.controls: controls, seed=seed + index, clock=playing.clock,
            )
            for index, (piece, part) in enumerate(places)
        )
        played = play_in_turns(
            asked, len(places), lambda n, of, name=playing.name: report(name, n, of)
        )
        takes = [
            _listen(codec, piece, part, audio, silent)
            for (piece, part), audio in zip(places, played, strict=True)
        ]
        rows.append(_row(playing.name, judge, places, takes, playing.network_calls))
    return rows


def drift(
    todo: Sequence[Playing], pieces: Sequence[Piece], seeds: Sequence[int], report: Report
) -> dict[str, np.ndarray]:
    """Distance from real music in each 10 s of two minutes of free running, from its beginning.

    Each part of each piece is primed with its true beginning and goes on alone (mode continue): no
    music, only the clock. Returns log-mel distances [1 + pieces, windows] by playing: row 0 of all
    performances, then without those of one piece each (see metrics.jackknife_interval). Raises
    DataError where no piece has a part to be played.
    """
    parts = todo[0].model.spec.parts
    places = [(piece, part, seed) for piece, part in _places(pieces, parts) for seed in seeds]
    codec, rate = todo[0].model.codec, pieces[0].sample_rate
    names = [part for _, part, _ in places]
    real = [
        {"mel": _patches("mel", codec, rate, reconstruction(codec, piece.audio(part)))}
        for piece, part, _ in places
    ]
    judge = _Judge(names, real)
    primed, curves = round(PRIMED_SECONDS * rate), {}
    for playing in todo:
        sessions = {part: playing.session(part) for part in parts}
        reaction = sessions[parts[0]].reaction_samples
        samples = primed + reaction + round(FREE_SECONDS * rate)
        asked = (
            Asked(
                sessions[part], piece, _priming(piece.audio(part), primed, samples),
                lambda _, controls=_continuing(playing.controls): controls, seed=OTHER * index + seed,
            )
            for index, (piece, part, seed) in enumerate(places)
        )
        played = play_in_turns(
            asked, len(places), lambda n, of, name=playing.name: report(name, n, of)
        )
        free = [_by_window(codec, rate, audio[primed + reaction :]) for audio in played]
        curves[playing.name] = _curve(judge, free, [piece.id for piece, _, _ in places])
    return curves


def slopes(curve: np.ndarray) -> np.ndarray:
    """Rise of the distance per minute, by least squares, for each row of a curve [rows, windows]."""
    minutes = np.arange(curve.shape[1]) * WINDOW_SECONDS / 60
    return np.polyfit(minutes, curve.T, 1)[0]


def _places(pieces: Sequence[Piece], parts: Sequence[str]) -> list[tuple[Piece, str]]:
    """Every part of every piece; not one that is silent in all of them, from which nothing can be
    told apart."""
    places = []
    for part in parts:
        having = [piece for piece in pieces if part in piece.parts]
        if any(piece.audio(part).any() for piece in having):
            places += [(piece, part) for piece in having]
    if not places:
        raise DataError(f"cannot compare: no piece has {' or '.join(parts)}; give other pieces")
    return places


@dataclass(frozen=True)
class _Take:
    """What is kept of a take: its score, and its patches by kind."""

    score: Score
    patches: dict[str, np.ndarray]


def _listen(
    codec: torch.nn.Module, piece: Piece, part: str, audio: np.ndarray, silent: int
) -> _Take:
    """silent: samples from the beginning that distances leave out."""
    rate, heard = piece.sample_rate, audio[silent:]
    patches = {kind: _patches(kind, codec, rate, heard) for kind in ("latent", "mel")}
    return _Take(measure(piece, audio, piece.context(part)), patches)


@torch.no_grad()
def _patches(kind: str, codec: torch.nn.Module, rate: int, audio: np.ndarray) -> np.ndarray:
    samples = torch.from_numpy(audio)
    if kind == "mel":
        return distance.mel_patches(samples, rate)
    whole = len(audio) // codec.frame_samples * codec.frame_samples
    return distance.latent_patches(codec.encode_all(samples[None, :whole])[0])


class _Judge:
    """Distances of sets of takes from real ones, part by part; a take has patches by kind."""

    def __init__(self, parts: list[str], real: Sequence[dict[str, np.ndarray]]):
        self.parts = parts
        self.scales, self.real = {}, {}
        for kind in real[0]:
            patches = [take[kind] for take in real]
            for part in dict.fromkeys(parts):
                pooled = np.concatenate(_of(part, parts, patches))
                self.scales[kind, part] = scale = distance.Scale.of(pooled)
                self.real[kind, part] = distance.moments(scale(pooled))

    def distances(
        self, kind: str, patches: Sequence[np.ndarray], parts: Sequence[str]
    ) -> dict[str, float]:
        """part -> distance of its pooled patches from the real ones."""
        found = {}
        for part in dict.fromkeys(parts):
            pooled = np.concatenate(_of(part, parts, patches))
            moments = distance.moments(self.scales[kind, part](pooled))
            found[part] = distance.frechet(moments, self.real[kind, part])
        return found


def _of(part: str, parts: Sequence[str], values: Sequence[np.ndarray]) -> list[np.ndarray]:
    return [value for name, value in zip(parts, values, strict=True) if name == part]


def _row(
    name: str,
    judge: _Judge,
    places: Sequence[tuple[Piece, str]],
    takes: Sequence[_Take],
    calls: int,
) -> Row:
    pitched = [
        (piece.id, take.score.harmony_lift)
        for (piece, part), take in zip(places, takes, strict=True) if part != "drums"
    ]  # fmt: skip
    aligned = [
        (piece.id, take.score.a8)
        for (piece, _), take in zip(places, takes, strict=True) if take.score.a8 is not None
    ]  # fmt: skip
    latent, mel = (
        judge.distances(kind, [take.patches[kind] for take in takes], judge.parts)
        for kind in ("latent", "mel")
    )
    return Row(
        name, *(float(np.mean(list(found.values()))) for found in (latent, mel)),
        *metrics.mean_over(*_columns(pitched)),
        *(metrics.mean_over(*_columns(aligned)) if aligned else (None, None)),
        calls,
    )  # fmt: skip


def _columns(pairs: Sequence[tuple[str, float]]) -> tuple[list[str], list[float]]:
    return [name for name, _ in pairs], [value for _, value in pairs]


def _by_window(codec: torch.nn.Module, rate: int, audio: np.ndarray) -> list[np.ndarray]:
    window = round(WINDOW_SECONDS * rate)
    return [
        _patches("mel", codec, rate, audio[start : start + window])
        for start in range(0, len(audio) - window + 1, window)
    ]


def _curve(
    judge: _Judge, free: Sequence[Sequence[np.ndarray]], pieces: Sequence[str]
) -> np.ndarray:
    """free: patches of each take by window; pieces: of which piece each take is."""
    names = list(dict.fromkeys(pieces))
    return np.array([
        _distances_without(judge, [patches[number] for patches in free], pieces, names)
        for number in range(len(free[0]))
    ]).T  # fmt: skip


def _distances_without(
    judge: _Judge, patches: Sequence[np.ndarray], pieces: Sequence[str], names: Sequence[str]
) -> list[float]:
    """Mean over parts of all takes, then without those of each piece; a part that no other piece
    has stays as it is."""
    whole, found = judge.distances("mel", patches, judge.parts), []
    for name in (None, *names):
        index = [place for place, piece in enumerate(pieces) if piece != name]
        parts = [judge.parts[place] for place in index]
        rest = judge.distances("mel", [patches[place] for place in index], parts) if index else {}
        found.append(float(np.mean(list((whole | rest).values()))))
    return found


def _continuing(controls: Controls) -> Controls:
    return replace(controls, mode="continue")


def _priming(audio: np.ndarray, primed: int, samples: int) -> np.ndarray:
    return np.pad(audio[:primed], (0, samples - min(primed, len(audio))))
