"""Where in the bar the music is: a forward filter over tempo and position, given onsets.

The bar pointer model (Whiteley, Cemgil and Godsill 2006) on the state space of Krebs, Böck and
Widmer (2015): a state is a rhythm pattern, a whole number of frames per beat and a frame of the
bar; it moves on by one frame at a time and may change its tempo at a beat. Onset strength in each
band, and how much the harmony changes, are seen as Poisson counts whose rates depend on the place
in the bar.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sideman.streaming.rhythm import PATTERNS, REST, Pattern

__all__ = ["METRES", "BarPointer", "Reading"]

METRES = tuple(sorted({pattern.beats for pattern in PATTERNS}, reverse=True))
TEMPO_RANGE = (56.0, 215.0)
TEMPO_CENTRE = 112.0
TEMPO_SPREAD = 0.3  # standard deviation of the log tempo
FINENESS = 24  # tempi are about one part in so many apart
# Of the onsets' bands, and of the change of harmony: from what begins to the frame where it is seen
# best, how far it strays from there (a standard deviation), and what it weighs, since neighbouring
# frames and bands are not independent witnesses.
LAG_SECONDS = (0.015, 0.015, 0.015, 0.23)
SPREAD_SECONDS = (0.014, 0.014, 0.014, 0.06)
WEIGHTS = np.array((0.3, 0.3, 0.3, 0.2))
STICKINESS = 60.0
JUMP = 1e-3  # share of beats at which any tempo may follow
OTHER_PATTERN = 0.02  # share of beats at which another pattern of the metre goes on
SLIP = 0.002  # and at which any beat of any pattern may follow
LEAK = 1e-5  # share of frames at which anything may follow, while music sounds
SILENT_LEAK = 1e-3  # and in silence
ABSENCE = 1.0  # what a missing onset says, against a present one
NEAR = 1.09  # tempi within this ratio are one tempo
KEPT = 0.6  # a tempo is given up when it has less than this share of the best one's probability


@dataclass(frozen=True)
class Reading:
    """The most probable tempo and the phase in its beat.

    mass: probability of that tempo; focus: length of the mean phase vector, 0..1;
    bars[metre][k]: probability that the present beat is beat k of a bar of that metre.
    """

    bpm: float
    phase: float
    mass: float
    focus: float
    bars: dict[int, np.ndarray]


class BarPointer:
    """The tables of the filter at one frame rate (Hz); the belief is a float32 [states] array."""

    def __init__(self, frame_rate: float):
        self.frame_rate = frame_rate
        self.periods = _periods(frame_rate)
        blocks = [(pattern, period) for pattern in PATTERNS for period in self.periods]
        lengths = np.array([pattern.beats * period for pattern, period in blocks])
        self.starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
        self.period = np.concatenate([np.full(pattern.beats * p, p) for pattern, p in blocks])
        self.metre = np.repeat([pattern.beats for pattern, _ in blocks], lengths)
        self.bar_beat = np.concatenate([np.arange(b.beats * p) / p for b, p in blocks])
        angle = 2 * np.pi * self.bar_beat
        self.waves = np.stack((np.ones_like(angle), np.cos(angle), np.sin(angle)))
        self.waves = self.waves.astype(np.float32)
        self.first, self.last = _beat_ends(self.starts, self.periods)
        tempo_prior = _tempo_prior(frame_rate, self.periods)
        self.tempo_moves = _tempo_moves(self.periods, tempo_prior).astype(np.float32)
        self.beat_moves = _beat_moves().astype(np.float32)
        rates = [_rates(b, np.arange(b.beats * p) / p, p / frame_rate) for b, p in blocks]
        rate = np.concatenate(rates, axis=1)
        self.log_rate = (WEIGHTS[:, None] * np.log(rate)).astype(np.float32)
        self.absence = (ABSENCE * (WEIGHTS @ rate)).astype(np.float32)
        shares = np.array([pattern.share / pattern.beats for pattern in PATTERNS])
        weight = np.repeat(np.outer(shares, tempo_prior / self.periods).ravel(), lengths)
        self.prior = (weight / weight.sum()).astype(np.float32)

    def step(self, belief: np.ndarray, onsets: np.ndarray, trust: np.ndarray) -> np.ndarray:
        """The belief some frames (32 at most) later.

        onsets: float32 [frames, bands] with mean about 1; trust: [frames], 0 (nothing to hear) to 1.
        """
        seen = np.exp((onsets @ self.log_rate - self.absence) * trust[:, None].astype(np.float32))
        for likelihood in seen:
            moved = np.empty_like(belief)
            moved[1:] = belief[:-1]
            moved[self.first] = self.beat_moves @ (belief[self.last] @ self.tempo_moves)
            moved *= likelihood
            belief = moved
        leak = LEAK * len(trust) + SILENT_LEAK * float((1.0 - trust).sum())
        return belief * np.float32((1.0 - leak) / belief.sum()) + np.float32(leak) * self.prior

    def read(self, belief: np.ndarray, bpm: float = 0.0) -> Reading:
        """What the belief amounts to; a tempo near `bpm` is kept unless another is clearly better."""
        sums = np.add.reduceat(self.waves * belief, self.starts, axis=1)
        sums = sums.reshape(3, len(PATTERNS), -1).sum(axis=1)
        near = np.abs(np.log(self.periods[:, None] / self.periods)) < np.log(NEAR)
        masses = near @ sums[0]
        best = int(masses.argmax())
        if bpm > 0:
            now = int(np.abs(np.log(self.periods * bpm / (60.0 * self.frame_rate))).argmin())
            kept = int((masses * near[now]).argmax())
            best = kept if masses[kept] > KEPT * masses[best] else best
        mass, cosine, sine = sums @ near[best]
        phase = float(np.arctan2(sine, cosine) / (2 * np.pi)) % 1.0
        share = sums[0] * near[best]
        period = np.exp((share @ np.log(self.periods)) / share.sum())
        inside = np.isin(self.period, self.periods[near[best]])
        beat = np.round(self.bar_beat - phase).astype(np.int64)
        bars = {}
        for metre in METRES:
            mine = inside & (self.metre == metre)
            bars[metre] = np.bincount(beat[mine] % metre, belief[mine], minlength=metre) / mass
        focus = float(np.hypot(cosine, sine) / mass)
        return Reading(60.0 * self.frame_rate / float(period), phase, float(mass), focus, bars)


def _periods(frame_rate: float) -> np.ndarray:
    """Frames per beat, int64, rising."""
    low, high = (round(60.0 * frame_rate / bpm) for bpm in reversed(TEMPO_RANGE))
    found = [low]
    while found[-1] < high:
        found.append(found[-1] + max(1, round(found[-1] / FINENESS)))
    return np.array(found)


def _tempo_prior(frame_rate: float, periods: np.ndarray) -> np.ndarray:
    away = np.log(60.0 * frame_rate / periods / TEMPO_CENTRE) / TEMPO_SPREAD
    weight = np.exp(-0.5 * away**2) * np.gradient(np.log(periods))
    return weight / weight.sum()


def _tempo_moves(periods: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Probability [from, to] of a tempo at a beat (Krebs et al. 2015, eq. 8), and of a jump."""
    near = np.exp(-STICKINESS * np.abs(periods[None] / periods[:, None] - 1.0))
    return (1 - JUMP) * near / near.sum(axis=1, keepdims=True) + JUMP * prior


def _beat_moves() -> np.ndarray:
    """Probability [to, from] of a beat, given the one that would come next; beats of all patterns
    in a row."""
    metre = np.concatenate([np.full(pattern.beats, pattern.beats) for pattern in PATTERNS])
    number = np.concatenate([np.arange(pattern.beats) for pattern in PATTERNS])
    alike = (metre[:, None] == metre) & (number[:, None] == number)
    other = OTHER_PATTERN * alike / alike.sum(axis=0)
    return (1 - OTHER_PATTERN - SLIP) * np.eye(len(metre)) + other + SLIP / len(metre)


def _beat_ends(starts: np.ndarray, periods: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """States [beats of all patterns, tempi] that begin a beat, and those that come before them."""
    first, last = [], []
    for pattern, block in zip(PATTERNS, starts.reshape(len(PATTERNS), -1), strict=True):
        for beat in range(pattern.beats):
            first.append(block + beat * periods)
            last.append(block + (beat - 1) % pattern.beats * periods + periods - 1)
    return np.stack(first), np.stack(last)


def _rates(pattern: Pattern, bar_beat: np.ndarray, seconds: float) -> np.ndarray:
    """Rate of onsets and of changes of harmony [bands, places of the bar] where a beat lasts
    `seconds`."""
    lag, spread = (np.array(each)[:, None] for each in (LAG_SECONDS, SPREAD_SECONDS))
    rest = np.array(REST)[:, None]
    rate = np.repeat(rest, len(bar_beat), axis=1)
    for beat in range(pattern.beats):
        for place, at in enumerate(pattern.places):
            half = pattern.beats / 2
            away = (bar_beat - beat - at + half) % pattern.beats - half
            late = (away * seconds - lag) / spread
            height = np.array(pattern.rates)[:, beat, place, None] - rest
            rate += np.maximum(height, 0.0) * np.exp(-0.5 * late**2)
    rate[-1] /= rate[-1].mean()  # its places are wide: they fill more of a fast bar
    return rate
