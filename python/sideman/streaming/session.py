"""Session: the only code that knows a model in time. Bridge, server and evaluation call it.

Hop n of the music answers slot n, which starts `lead` frames after the hop has ended. A step reads
as five lines: listen, place, denoise, remember, sound. Steps of several sessions that share a model
are denoised as one batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from sideman.diffusion.schedules import SCHEDULES
from sideman.errors import ModelError, SettingsError
from sideman.models.checkpoint import LoadedModel
from sideman.models.codec import soft_limit
from sideman.models.conditions import CLOCK_CHANNELS
from sideman.models.kv_cache import KVCache
from sideman.models.rests import rests
from sideman.streaming.asked import check_answer, check_asked, clean_audio, known_hops, left_out
from sideman.streaming.batch import Work, denoise
from sideman.streaming.controls import Clock, Controls, Slot, clock_of
from sideman.streaming.memory import Memory
from sideman.streaming.modes import (
    UNHEARD,
    echo_share,
    is_sounding,
    mixed,
    own_at_hop,
    plays,
    ramp,
    rests_too,
    silent_hops,
)
from sideman.streaming.onset_envelope import ENVELOPE_HOP
from sideman.streaming.prompting import prompt_of
from sideman.streaming.showing import showing, unshown
from sideman.streaming.state import SessionState
from sideman.streaming.tracker import tracker_at

__all__ = ["Call", "Session"]

MOST_HEARD_AFTER = 6  # hops that were left out, about 10 ms each


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Call:
    """One step of one session, of either family: what its `step` takes. before, sketch_before: the
    music and the sketch just before the hop, where they are known, for hops that were left out."""

    session: Any
    state: Any
    heard: np.ndarray
    slot: Slot
    controls: Controls
    sketch: np.ndarray | None = None
    before: np.ndarray | None = None
    sketch_before: np.ndarray | None = None


@dataclass(frozen=True)
class _Hop:
    """A hop between listening and sounding.

    audio, sketch: what is heard, cleaned; heard [D, hop]: its latents; source: the audio that mode
    delay repeats; clock: at the slot.
    """

    work: Work
    audio: np.ndarray
    sketch: np.ndarray | None
    heard: torch.Tensor
    source: np.ndarray
    clock: Clock | None


class Session:
    """Plays `parts` with a model, hop by hop. It holds no memory of its own: see SessionState.

    Raises ModelError for parts, hop or lead that the model was not trained for.
    """

    def __init__(
        self, model: LoadedModel, parts: Sequence[str], hop_frames: int, lead_frames: int
    ):
        spec = model.spec
        check_asked(spec.name, spec.parts, parts, spec.hops, hop_frames, spec.leads, lead_frames)
        if spec.schedule not in SCHEDULES:
            raise ModelError(
                f"cannot play {spec.name}: it wants the schedule {spec.schedule!r}, which this version does "
                f"not know ({', '.join(SCHEDULES)}); export the model again"
            )
        self.model = model
        self.parts = tuple(parts)
        self.hop_frames = hop_frames
        self.lead_frames = lead_frames
        self.hop_samples = hop_frames * spec.frame_samples
        self.reaction_samples = self.hop_samples + lead_frames * spec.frame_samples
        self.frame_seconds = spec.frame_samples / spec.sample_rate
        # The tracker counts whole frames of its onset envelope; other hops are played untracked.
        whole = self.hop_samples % ENVELOPE_HOP == 0
        self.tracker = tracker_at(spec.sample_rate) if whole else None
        self.device = model.device
        self.part_rows = torch.tensor([spec.parts.index(part) for part in parts])
        self.gains = torch.tensor([[spec.gain(part)] for part in parts])
        self.lead_rows = torch.full_like(self.part_rows, lead_frames)
        self.open_frames = self._open_frames()
        self.memory_frames = max(self.open_frames, model.network.window_frames)

    def _open_frames(self) -> int:
        """Newest frames that every step goes through again.

        The last block; with hearing `cutoff` also those that may still learn what was heard (the
        stale blocks of LMDM's section on accompaniment); the whole context under enc-dec.
        """
        config = self.model.network.config
        if not config.caches:
            return config.context_frames
        stale = 0 if config.hearing == "delayed" else -(-self.lead_frames // self.hop_frames)
        return self.hop_frames * (1 + max(0, stale))

    def start(self, seed: int = 0) -> SessionState:
        """The state before the first hop."""
        rows, codec, config = len(self.parts), self.model.codec, self.model.network.config
        return SessionState(
            seed=seed,
            next_hop=0,
            cache=self.model.network.empty_cache(rows),
            memory=Memory.empty(
                rows, codec.channels, CLOCK_CHANNELS, config.sketch_channels, config.tags, self.device
            ),
            open_frames=0,
            dominant="",
            playing=False,
            silent=UNHEARD,
            own=torch.zeros(rows, max(self.reaction_samples, self.hop_samples)),
            sketched=codec.silence_latent()[None, :, None].clone(),
            unsketched=UNHEARD,
            delays=False,
            encoder=codec.encoder_state(1),
            sketch_encoder=codec.encoder_state(1),
            decoder=codec.decoder_state(rows),
            tracker=self.tracker and self.tracker.start(),
            feedback=None,
            echo=None,
        )

    @property
    def facts(self) -> dict[str, Any]:
        """What a saved state must be of to be gone on from here."""
        return {
            "model": self.model.spec.name, "parts": self.parts, "hop": self.hop_frames,
            "lead": self.lead_frames,
        }  # fmt: skip

    def step(
        self,
        state: SessionState,
        heard: np.ndarray,
        slot: Slot,
        controls: Controls,
        cancelled: Callable[[], bool] = _never,
        sketch: np.ndarray | None = None,
        before: np.ndarray | None = None,
        sketch_before: np.ndarray | None = None,
    ) -> tuple[np.ndarray, SessionState]:
        """One hop of music, float32 [hop samples], answered by float32 [parts, hop samples].

        sketch: the same hop of the second inlet; None is no sketch, and so is silence from a second
        on. In hops that were left out since the last step nothing was played, and what was heard
        and shown is the end of `before` and `sketch_before`, up to this hop, float32 [any number],
        or silence where they do not reach. Of these hops the model hears the newest
        MOST_HEARD_AFTER, the tracker all. Where they fill the window of the model all begins anew,
        with the newest that `before` has, but the seed and the tracker, which goes on with as many
        as the window has. Samples that are
        not finite count as zero. Raises SettingsError for a hop that lies in the past or has the
        wrong length and for tags that the model does not know, ModelError where what the model
        gives is not finite, Cancelled when the caller withdrew; `state` is untouched in every case.
        """
        call = Call(self, state, heard, slot, controls, sketch, before, sketch_before)
        return Session.step_together([call], cancelled)[0]

    @staticmethod
    @torch.inference_mode()
    def step_together(
        calls: Sequence[Call], cancelled: Callable[[], bool] = _never
    ) -> list[tuple[np.ndarray, SessionState]]:
        """Several steps at once, those that allow it in one batch; each as if it were alone."""
        hops = [call.session._place(call) for call in calls]
        played = denoise([hop.work for hop in hops], cancelled)
        return [
            call.session._sound(call, hop, latents, cache)
            for call, hop, (latents, cache) in zip(calls, hops, played, strict=True)
        ]

    def heard_clock(self, state: SessionState) -> Clock | None:
        """What the tracker hears of tempo and beat at the end of the last hop."""
        return self.tracker and self.tracker.clock(state.tracker)

    def _place(self, call: Call) -> _Hop:
        """Listen, and make room in the memory for the block to play."""
        controls = call.controls
        tags, text = prompt_of(self.model, controls)
        audio = clean_audio(call.heard, self.hop_samples)
        shown = None if call.sketch is None else clean_audio(call.sketch, self.hop_samples)
        state = self._catch_up(call, tags)
        state = self._told_otherwise(state, controls, tags)
        state = self._track(state, audio, controls)
        own = own_at_hop(state.own, self.hop_samples)
        source = audio + self._ramp(state.feedback, controls.feedback).numpy() * own
        state, heard = self._encode(state, audio)
        delays = controls.mode == "delay"
        sketch_of = source if delays else shown
        state, sketch = showing(self.model, self.hop_frames, state, sketch_of, delays)
        clock = self._clock(state, controls)
        told = heard if controls.mode == "accompany" else None
        state = self._room(state, told, self._clock_told(clock, controls), sketch, tags)
        work = Work(
            self.model, self.part_rows, self.lead_rows, self.hop_frames, self.open_frames,
            state, controls, text,
        )
        return _Hop(work, audio, shown, heard, source, clock)

    def _catch_up(self, call: Call, tags: torch.Tensor) -> SessionState:
        """Hear the hops that were left out, and play silence in them."""
        state, controls, hop_id = call.state, call.controls, call.slot.hop_id
        missed = hop_id - state.next_hop
        if missed < 0:
            raise SettingsError(
                f"cannot play hop {hop_id}: hop {state.next_hop} comes next; start a new session"
            )
        if missed * self.hop_frames >= (window := self.model.network.window_frames):
            state, missed = self._begin_anew(call, window // self.hop_frames)
        music = left_out(call.before, missed, self.hop_samples)
        shown: Sequence[np.ndarray | None] = [None] * missed
        if call.sketch_before is not None:
            shown = left_out(call.sketch_before, missed, self.hop_samples)
        for place, (audio, sketch) in enumerate(zip(music, shown, strict=True)):
            back = (place - missed) * self.hop_frames * self.frame_seconds
            told = replace(controls, clock=controls.clock and controls.clock.moved(back))
            long_ago = missed - place > MOST_HEARD_AFTER
            state = self._missed(state, audio, sketch, told, tags, long_ago)
        return state

    def _begin_anew(self, call: Call, hops: int) -> tuple[SessionState, int]:
        """The state after a gap of a window, of so many hops, and how many of them are still to be
        heard: the newest of those that are known. The tracker has heard the others."""
        state, silent = call.state, call.state.silent
        known = known_hops(call.before, self.hop_samples)
        newest = min(known, hops, MOST_HEARD_AFTER)
        for audio in left_out(call.before, hops, self.hop_samples)[: hops - newest]:
            state = self._track(state, audio, call.controls)
            silent = silent_hops(silent, audio, None)
        fresh, first = self.start(state.seed), call.slot.hop_id - newest
        return replace(fresh, next_hop=first, tracker=state.tracker, silent=silent), newest

    def _missed(
        self,
        state: SessionState,
        audio: np.ndarray,
        shown: np.ndarray | None,
        controls: Controls,
        tags: torch.Tensor,
        long_ago: bool,
    ) -> SessionState:
        """The state after a hop that was not answered. long_ago: it is not heard either, but by the
        tracker: hearing many would make the next one late."""
        delays, rest, decoder = controls.mode == "delay", self._rest(), state.decoder
        state = self._track(state, audio, controls)
        channels = self.model.network.config.sketch_channels
        heard, sketch = None, torch.zeros(channels, self.hop_frames, device=self.device)
        played = torch.zeros(len(self.parts), self.hop_samples)
        if long_ago:  # what was heard before it, and shown, is not what the next hop follows
            encoder = self.model.codec.encoder_state(1)
            state = replace(unshown(self.model, state), unsketched=UNHEARD, encoder=encoder)
        else:
            state, heard = self._encode(state, audio)
            sketch_of = audio if delays else shown
            state, sketch = showing(self.model, self.hop_frames, state, sketch_of, delays)
            played, decoder = self.model.codec.decode(rest, decoder)
        clock = self._clock(state, controls)
        told = heard if controls.mode == "accompany" else None
        state = self._room(state, told, self._clock_told(clock, controls), sketch, tags)
        memory = state.memory.playing(rest)
        hidden = rests(memory.played, self.model.codec)
        if long_ago or (delays and is_sounding(audio)):  # nobody chose to rest there
            hidden = torch.ones_like(hidden)
        memory = memory.hiding(hidden, self.hop_frames)
        silent = silent_hops(state.silent, audio, shown)
        if heard is not None and not plays(controls.mode, audio, silent):  # the past, answered or not
            memory, decoder = self._primed(heard, clock, state)
        return replace(
            state,
            memory=memory.last(self.memory_frames),
            own=torch.cat((state.own[:, self.hop_samples :], played.cpu()), dim=1),
            decoder=decoder,
            silent=silent,
            next_hop=state.next_hop + 1,
        )

    def _rest(self) -> torch.Tensor:
        """A hop of silence, [P, D, hop]."""
        silence = self.model.codec.silence_latent()[None, :, None]
        return silence.expand(len(self.parts), -1, self.hop_frames).contiguous()

    def _told_otherwise(
        self, state: SessionState, controls: Controls, tags: torch.Tensor
    ) -> SessionState:
        """Start from the memory anew when the cache no longer fits what is asked."""
        branches = controls.branches
        changed = state.dominant != controls.dominant
        memory = state.memory
        if changed:
            # Half of the window at most is thought over anew by other tags, unless more inertia is
            # asked for: that hop is dear.
            hops = memory.frames // self.hop_frames
            kept = self.hop_frames * round(controls.inertia * hops)
            carried = memory.last(max(kept, self.hop_frames * (hops // 2)))
            memory = carried.retagged(tags, carried.frames - kept)
        if changed or state.cache.rows != branches * len(self.parts):
            cache = self.model.network.empty_cache(branches * len(self.parts))
            state = replace(
                state, cache=cache, memory=memory, open_frames=memory.frames,
                dominant=controls.dominant,
            )
        return state

    def _track(
        self, state: SessionState, heard: np.ndarray, controls: Controls
    ) -> SessionState:
        if self.tracker is None:
            return state
        if not controls.track:  # what it heard before would be stale by the time it is asked again
            return replace(state, tracker=self.tracker.start())
        return replace(state, tracker=self.tracker.hear(state.tracker, heard))

    def _clock(self, state: SessionState, controls: Controls) -> Clock | None:
        """The clock at the start of the slot."""
        if controls.clock is not None or not controls.track:
            return controls.clock
        heard = self.heard_clock(state)
        return heard and heard.moved(self.lead_frames * self.frame_seconds)

    def _clock_told(self, clock: Clock | None, controls: Controls) -> Clock | None:
        """The clock of the block. What mode delay gives back keeps the place in the beat at which it
        was heard: the sketch is of that moment."""
        if clock is None or controls.mode != "delay":
            return clock
        return clock.moved(-self.reaction_samples / self.model.spec.sample_rate)

    def _clock_rows(self, clock: Clock | None) -> torch.Tensor:
        rows = torch.from_numpy(clock_of(clock, self.hop_frames, self.frame_seconds))
        return rows.to(self.device)

    def _encode(self, state: SessionState, heard: np.ndarray) -> tuple[SessionState, torch.Tensor]:
        audio = torch.from_numpy(heard)[None].to(self.device)
        latents, encoder = self.model.codec.encode(audio, state.encoder)
        return replace(state, encoder=encoder), latents[0]

    def _room(
        self,
        state: SessionState,
        heard: torch.Tensor | None,
        clock: Clock | None,
        sketch: torch.Tensor,
        tags: torch.Tensor,
    ) -> SessionState:
        """Append the block to play to the memory, told what there is to tell."""
        parts, hop, channels = len(self.parts), self.hop_frames, self.model.codec.channels
        delayed = self.model.network.config.hearing == "delayed"
        told, here = delayed and heard is not None, self.device
        block = Memory(
            played=torch.zeros(parts, channels, hop, device=here),
            known=torch.ones(parts, hop, device=here),
            heard=heard if told else torch.zeros(channels, hop, device=here),
            heard_known=torch.full((hop,), float(told), device=here),
            clock=self._clock_rows(clock),
            sketch=sketch,
            tags=tags[:, None].expand(-1, hop),
        )
        memory = state.memory.then(block)
        if not delayed and heard is not None:
            memory = memory.hearing(heard, memory.frames - hop - self.lead_frames)
        open_frames = min(state.open_frames + hop, memory.frames)
        return replace(state, memory=memory, open_frames=open_frames)

    def _sound(
        self, call: Call, hop: _Hop, played: torch.Tensor, cache: KVCache
    ) -> tuple[np.ndarray, SessionState]:
        """Remember the block [P, D, hop] and decode it to float32 [P, hop samples]."""
        state, controls = hop.work.state, call.controls
        silent = silent_hops(state.silent, hop.audio, hop.sketch)
        rested = rests_too(silent, self.hop_frames * self.frame_seconds, controls, hop.clock)
        latents = self._rest() if rested else played
        audio, decoder = self.model.codec.decode(latents, state.decoder)
        audio = audio.cpu()
        check_answer(state.next_hop, played, audio)
        memory = state.memory.playing(latents)
        memory = memory.hiding(rests(memory.played, self.model.codec), self.hop_frames)
        playing = plays(controls.mode, hop.audio, silent)
        if not playing:
            memory, decoder = self._primed(hop.heard, hop.clock, state)
        gate, echo = self._ramp(state.playing, playing), echo_share(controls)
        plain, audio = gate * audio, gate * self._as_loud(audio)
        if echo or state.echo:
            share = self._ramp(state.echo, echo)
            plain, audio = (mixed(one, share, hop.source) for one in (plain, audio))
        state = replace(
            state,
            cache=cache,
            memory=memory.last(self.memory_frames),
            open_frames=min(state.open_frames, self.open_frames),
            # Without the model's gains, which an echo would meet again each time that it comes round.
            own=torch.cat((state.own[:, self.hop_samples :], plain), dim=1),
            playing=playing,
            silent=silent,
            decoder=decoder,
            next_hop=state.next_hop + 1,
            feedback=controls.feedback,
            echo=echo,
        )
        return audio.numpy(), state

    def _ramp(self, before: float | None, now: float) -> torch.Tensor:
        """Gain [hop samples], from that of the last hop, if there was one."""
        before = now if before is None else before
        return ramp(before, now, self.hop_samples, self.model.spec.sample_rate)

    def _as_loud(self, audio: torch.Tensor) -> torch.Tensor:
        """At the levels that the model asks for, [P, hop samples], never above full scale."""
        return soft_limit(self.gains * audio) if self.model.spec.gains_db else audio

    def _primed(
        self, heard: torch.Tensor, clock: Clock | None, state: SessionState
    ) -> tuple[Memory, object]:
        """Take the hop heard as what was played, and when it was heard as the time of playing."""
        played = self.model.codec.limit(heard[None]).expand(len(self.parts), -1, -1)
        reaction = self.reaction_samples / self.model.spec.sample_rate
        clock = clock and clock.moved(-reaction)
        memory = state.memory.playing(played).clocked(self._clock_rows(clock))
        _, decoder = self.model.codec.decode(played.contiguous(), state.decoder)
        return memory, decoder
