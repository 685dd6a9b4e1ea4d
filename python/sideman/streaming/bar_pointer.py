"""Where in the bar the music is: a forward filter over tempo and position, given onsets.

The bar pointer model (Whiteley, Cemgil and Godsill 2006) on the state space of Krebs, Böck and
Widmer (2015): a state is a metre, a whole number of frames per beat and a frame of the bar; it
moves on by one frame at a time and may change its tempo at a beat. Onset strength in each band is
seen as a Poisson count whose rate depends on the place in the bar.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sideman.streaming.rhythm import METRES, PLACES, RATES, REST

__all__ = ["BarPointer", "Reading"]

TEMPO_RANGE = (54.0, 215.0)
TEMPO_CENTRE = 112.0
TEMPO_SPREAD = 0.3  # standard deviation of the log tempo
METRE_PRIOR = {4: 0.9, 3: 0.1}
LAG_SECONDS = 0.015  # from an onset to the frame where the flux is highest
ONSET_SECONDS = 0.014  # how far onsets stray, as a standard deviation
STICKINESS = 60.0
JUMP = 1e-3  # share of beats at which any tempo may follow
LEAK = 1e-5  # share of frames at which anything may follow, while music sounds
SILENT_LEAK = 1e-3  # and in silence
WEIGHT = 0.3  # neighbouring frames and bands are not independent witnesses
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
        prior = _tempo_prior(frame_rate, self.periods)
        blocks = [(metre, row) for metre in METRES for row in range(len(self.periods))]
        lengths = np.array([metre * self.periods[row] for metre, row in blocks])
        self.starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
        self.row = np.repeat([row for _, row in blocks], lengths)
        self.metre = np.repeat([metre for metre, _ in blocks], lengths)
        self.bar_beat = np.concatenate(
            [np.arange(n) / self.periods[row] for n, (_, row) in zip(lengths, blocks)]
        )
        angle = 2 * np.pi * self.bar_beat
        self.waves = np.stack((np.ones_like(angle), np.cos(angle), np.sin(angle)))
        self.waves = self.waves.astype(np.float32)
        self.first, self.last = _beat_ends(self.starts, self.periods)
        self.moves = _moves(self.periods, prior).astype(np.float32)
        log_rate, rate = _rates(frame_rate, self.periods[self.row], self.metre, self.bar_beat)
        self.log_rate = (WEIGHT * log_rate).astype(np.float32)
        self.absence = (WEIGHT * ABSENCE * rate).astype(np.float32)
        metre_prior = np.array([METRE_PRIOR[metre] / metre for metre, _ in blocks])
        weight = np.repeat(metre_prior * np.tile(prior / self.periods, len(METRES)), lengths)
        self.prior = (weight / weight.sum()).astype(np.float32)

    def step(self, belief: np.ndarray, onsets: np.ndarray, trust: np.ndarray) -> np.ndarray:
        """The belief some frames later: onsets float32 [frames, bands] with mean about 1, trust
        [frames] 0 (nothing to hear) to 1."""
        seen = np.exp((onsets @ self.log_rate - self.absence) * trust[:, None].astype(np.float32))
        leaks = LEAK + (1.0 - trust) * SILENT_LEAK
        for likelihood, leak in zip(seen, leaks.tolist(), strict=True):
            moved = np.empty_like(belief)
            moved[1:] = belief[:-1]
            moved[self.first] = belief[self.last] @ self.moves
            moved *= likelihood
            moved *= (1.0 - leak) / moved.sum()
            moved += np.float32(leak) * self.prior
            belief = moved
        return belief

    def read(self, belief: np.ndarray, bpm: float = 0.0) -> Reading:
        """What the belief amounts to; a tempo near `bpm` is kept unless another is clearly better."""
        count = len(self.periods)
        sums = np.add.reduceat(self.waves * belief, self.starts, axis=1)
        sums = sums.reshape(3, len(METRES), count).sum(axis=1)
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
        inside = np.flatnonzero(near[best][self.row])
        beat = np.round(self.bar_beat[inside] - phase).astype(np.int64)
        bars = {}
        for metre in METRES:
            mine = self.metre[inside] == metre
            weights = belief[inside[mine]]
            bars[metre] = np.bincount(beat[mine] % metre, weights, minlength=metre) / mass
        focus = float(np.hypot(cosine, sine) / mass)
        return Reading(60.0 * self.frame_rate / period, phase, float(mass), focus, bars)


def _periods(frame_rate: float) -> np.ndarray:
    """Frames per beat, int64, about 2 % to 4 % apart."""
    low, high = (round(60.0 * frame_rate / bpm) for bpm in reversed(TEMPO_RANGE))
    found = [low]
    while found[-1] < high:
        found.append(found[-1] + max(1, round(found[-1] / 40)))
    return np.array(found)


def _tempo_prior(frame_rate: float, periods: np.ndarray) -> np.ndarray:
    away = np.log(60.0 * frame_rate / periods / TEMPO_CENTRE) / TEMPO_SPREAD
    weight = np.exp(-0.5 * away**2) * np.gradient(np.log(periods))
    return weight / weight.sum()


def _moves(periods: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Probability [from, to] of a tempo at a beat (Krebs et al. 2015, eq. 8), and of a jump."""
    near = np.exp(-STICKINESS * np.abs(periods[None] / periods[:, None] - 1.0))
    return (1 - JUMP) * near / near.sum(axis=1, keepdims=True) + JUMP * prior


def _beat_ends(starts: np.ndarray, periods: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """States [beats of all metres, tempi] that begin a beat, and those that come before them."""
    first, last = [], []
    for metre, block in zip(METRES, starts.reshape(len(METRES), -1), strict=True):
        for beat in range(metre):
            first.append(block + beat * periods)
            last.append(block + (beat - 1) % metre * periods + periods - 1)
    return np.stack(first), np.stack(last)


def _rates(
    frame_rate: float, period: np.ndarray, metre: np.ndarray, bar_beat: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Log rate over the mean, [bands, states], and the sum over bands of the rates [states]."""
    rate = np.repeat(np.array(REST)[:, None], len(period), axis=1)
    seconds = period / frame_rate
    for beats in METRES:
        mine = metre == beats
        for beat in range(beats):
            for place, at in enumerate(PLACES):
                away = (bar_beat[mine] - beat - at + beats / 2) % beats - beats / 2
                late = (away * seconds[mine] - LAG_SECONDS) / ONSET_SECONDS
                height = np.array(RATES[beats])[:, beat, place] - np.array(REST)
                rate[:, mine] += np.maximum(height, 0.0)[:, None] * np.exp(-0.5 * late**2)
    return np.log(rate), rate.sum(axis=0)
