"""A server for the published external, so that its users change only the server.

    sideman serve --protocol multi_track

Source: the messages of the accompaniment system (arXiv 2604.07612). Where the original loses or
misplaces music, this does not: a batch keeps its place whatever is lost of it, batches are played in
their order, the answer lies where it is due and comes unfaded (the external fades it in itself),
several stems are several parts, and what cannot be is answered by /error with a sentence. The
external knows no token: this server listens to one address alone.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from sideman.errors import SettingsError, SidemanError
from sideman.models.checkpoint import ModelSpec
from sideman.models.shared import shared_model
from sideman.serve.messages import address_of
from sideman.serve.published_osc import MOST_FLOATS, Chunk, read, read_chunk, write, write_chunk
from sideman.serve.published_player import Player, slot_samples
from sideman.serve.sockets import open_udp

__all__ = ["PublishedOptions", "PublishedServer", "check_playable"]

STEMS = ("bass", "drums", "guitar", "piano")
RATE = 44100
MOST_LOST = 64  # batches; after more of them nobody plays on where he was
LEAST_WAIT, GAPS = 0.25, 5  # seconds; and so many mean gaps between chunks


@dataclass(frozen=True)
class PublishedOptions:
    """host, port: where we listen; client, client_port: whom we answer, and nobody else."""

    host: str = "127.0.0.1"
    port: int = 7000
    client: str = "127.0.0.1"
    client_port: int = 8000
    model: str = "mini"
    device: str = "auto"


@dataclass(frozen=True)
class Plan:
    """What the external has asked for."""

    package: int = 5120
    r: float = 0.25
    w: int = 1
    fade: float = 0.02
    stems: tuple[str, ...] = ("bass",)

    @property
    def slot(self) -> int:
        return slot_samples(self.r, self.w)


@dataclass
class Batch:
    """A hop on its way: chunks by their first sample."""

    number: int
    count: int
    plan: Plan
    chunks: dict[int, np.ndarray] = field(default_factory=dict)
    first: float = 0.0
    last: float = 0.0

    def samples(self) -> np.ndarray:
        """The hop, silence where a chunk is missing; it keeps its length whatever came."""
        hop = np.zeros(self.plan.slot, np.float32)
        for start, samples in self.chunks.items():
            kept = samples[: max(0, len(hop) - start)]
            hop[start : start + len(kept)] = kept
        return hop

    @property
    def patience(self) -> float:
        """How long after its last chunk the rest is waited for."""
        got = len(self.chunks)
        gap = (self.last - self.first) / (got - 1) if got > 1 else 0.0
        return max(LEAST_WAIT, GAPS * gap)


class PublishedServer(asyncio.DatagramProtocol):
    """`await start()`, then it serves until `await close()`. log: a line for the terminal."""

    def __init__(self, options: PublishedOptions, log: Callable[[str], None] = lambda line: None):
        self.options, self.log = options, log
        self.plan = Plan()
        self.batch: Batch | None = None
        self.port = options.port
        self._asked = False  # a model was asked for: what comes now is played once it is there
        self._done = -1  # the newest batch that is being played, or was
        self._follows: int | None = None  # the number that comes next, where none is lost
        self._finished = 0  # batches that were given to the thread that plays
        self._ready = 0.0
        self._taken = self._unplayed = 0  # by that thread: taken, and left out since the last one played
        self._busy = False
        self._player: Player | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sideman-published")
        self.is_at_work = False  # the thread plays a batch or opens a model
        self._messages: dict[str, Callable[[list[Any]], None]] = {
            "/update_package_size": self._set_package,
            "/update_r": lambda told: self._change(r=_real(told)),
            "/w": lambda told: self._change(w=_whole(_real(told))),
            "/update_fade": self._set_fade,
            "/predict_instruments": self._set_stems,
            "/verbose": lambda told: None,
            "/load_model": lambda told: self._open(),
            "/reset": lambda told: self._reset(),
            "/print": lambda told: self._tell("print writes files on the server: not done here"),
            "/packet_test": self._packet_test,
        }

    async def start(self) -> None:
        """Bind and say that we are ready. Raises SettingsError when the address cannot be had."""
        self._loop = asyncio.get_running_loop()
        self._transport, self.port = await open_udp(self, self.options.host, self.options.port)
        try:
            self._client = await self._address_of_client()
        except SettingsError:
            self._transport.close()
            raise
        self._say(write("/ready", True))

    async def close(self, patience: float = 60.0) -> None:
        """Stop; what is being played or opened has so many seconds to end."""
        if self._timer is not None:
            self._timer.cancel()
        self._transport.close()
        self._thread.shutdown(wait=False, cancel_futures=True)
        given_up = self._loop.time() + patience
        while self.is_at_work and self._loop.time() < given_up:
            await asyncio.sleep(0.01)

    async def _address_of_client(self) -> str:
        """Datagrams come from an address, not from a name. Raises SettingsError for an unknown one."""
        client = self.options.client
        try:
            family = self._transport.get_extra_info("socket").family
            found = await self._loop.getaddrinfo(client, None, family=family)
        except OSError as error:
            raise SettingsError(
                f"cannot answer {client}: {error.strerror or error}; give --client the address of the "
                "external's machine"
            ) from error
        return str(found[0][4][0])

    # --- datagrams ---

    def datagram_received(self, datagram: bytes, peer: tuple[Any, ...]) -> None:
        if peer[0] != self._client:
            return
        address = address_of(datagram)
        try:
            if address == "/context":
                self._take(read_chunk(datagram))
            elif address in self._messages:
                self._messages[address](read(datagram))
            else:
                raise SettingsError(f"{address or 'that'} is not known here")
        except SettingsError as error:
            self._tell(str(error))

    def error_received(self, error: OSError) -> None:
        """Nobody listens at the client's port just now."""

    def _say(self, datagram: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.sendto(datagram, (self._client, self.options.client_port))

    def _tell(self, sentence: str) -> None:
        self.log(sentence)
        self._say(write("/error", sentence))

    # --- what is asked for ---

    def _change(self, **changes: Any) -> None:
        plan = replace(self.plan, **changes)
        plan.slot  # noqa: B018 - raises for what cannot be
        self.plan = plan

    def _set_package(self, told: list[Any]) -> None:
        size = _whole(_real(told))
        if not 128 <= size <= MOST_FLOATS:
            raise SettingsError(
                f"package size is {size} floats: one datagram has room for 128 to {MOST_FLOATS}"
            )
        self._change(package=size)

    def _set_fade(self, told: list[Any]) -> None:
        fade = _real(told)
        if not 0 <= fade <= 1:
            raise SettingsError(f"fade is {fade:g} s; give 0 to 1")
        self._change(fade=fade)

    def _set_stems(self, told: list[Any]) -> None:
        if len(told) != len(STEMS) or not all(flag in (0, 1) for flag in told):
            raise SettingsError(f"predict_instruments: give {len(STEMS)} flags for {STEMS}")
        stems = tuple(stem for stem, flag in zip(STEMS, told) if flag)
        if stems and stems != self.plan.stems:
            self._change(stems=stems)
            if self._asked:
                self._open()

    def _open(self) -> None:
        self._asked = True
        # An object that is made anew counts from the start.
        self.batch, self._done, self._follows = None, -1, None
        self._submit(self._load)

    def _reset(self) -> None:
        self.batch = self._follows = None
        self._submit(self._begin_anew)

    def _packet_test(self, told: list[Any]) -> None:
        count = len(told) - 1
        message = OscMessageBuilder("/packet_test_response")
        message.add_arg(count, "i")
        for _ in range(count):
            message.add_arg(random.random(), "f")
        bundle = OscBundleBuilder(IMMEDIATELY)
        bundle.add_content(message.build())
        self._say(bundle.build().dgram)

    # --- batches ---

    def _take(self, chunk: Chunk) -> None:
        if not self._asked:
            raise SettingsError("no model is loaded; send /load_model")
        if chunk.batch <= self._done:
            return  # of a batch that is played already
        batch, plan, now = self.batch, self.plan, self._loop.time()
        if not (1 <= chunk.count <= 4096 and 0 <= chunk.place < plan.slot):
            raise SettingsError(
                f"batch {chunk.batch}: chunk {chunk.place} of {chunk.count} is not of a hop of "
                f"{plan.slot} samples"
            )
        if batch is not None and chunk.batch < batch.number:
            return  # the one after it has begun
        if batch is not None and chunk.batch > batch.number:
            self._finish()  # the next one has begun: what is missing does not come any more
            batch = None
        if batch is None:
            batch = self.batch = Batch(chunk.batch, chunk.count, plan, first=now)
        batch.chunks[chunk.place] = chunk.samples
        batch.last = now
        if len(batch.chunks) >= batch.count:
            self._finish()
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(batch.patience, self._finish)

    def _finish(self) -> None:
        """Play the batch, whole or not."""
        batch, self.batch = self.batch, None
        if self._timer is not None:
            self._timer.cancel()
        if batch is None:
            return
        lost = 0 if self._follows is None else batch.number - self._follows
        self._done, self._follows = batch.number, batch.number + 1
        missing = batch.count - len(batch.chunks)
        if missing:
            self.log(f"batch {batch.number}: {missing} of {batch.count} chunks did not come")
        if lost:
            self.log(f"{lost} batches before {batch.number} were lost whole")
        self._finished += 1
        since = time.perf_counter()
        self._submit(lambda: self._play_in_time(batch, lost, since))

    # --- the thread that plays ---

    def _submit(self, work: Callable[[], Any]) -> None:
        def run() -> None:
            self.is_at_work = True
            try:
                work()
            except SidemanError as error:
                self._loop.call_soon_threadsafe(self._tell, str(error))
            except Exception as error:  # a model may fail in ways of its own
                reason = (str(error) or type(error).__name__).splitlines()[0]
                self._loop.call_soon_threadsafe(self._tell, f"the model failed: {reason}")
            finally:
                self.is_at_work = False

        self._thread.submit(run)

    def _begin_anew(self) -> None:
        self._unplayed = 0
        if self._player is not None:
            self._player.reset()

    def _load(self) -> None:
        self._unplayed = 0
        model = shared_model(self.options.model, self.options.device)
        check_playable(self.options.model, model.spec)
        self._player = Player(model, self.plan.stems)
        self._ready = time.perf_counter()  # what came while it was opened has not waited
        self.log(f"{self.options.model} plays {' '.join(self.plan.stems)}")

    def _play_in_time(self, batch: Batch, lost: int, since: float) -> None:
        """Play it, unless it has waited for longer than its hop lasts and another is there: an answer
        that comes ever later is none."""
        self._taken += 1
        self._unplayed += lost
        waited = time.perf_counter() - max(since, self._ready)
        if waited > batch.plan.slot / RATE and self._finished > self._taken:
            self._unplayed += 1
            if not self._busy:
                self._busy = True
                raise SettingsError(
                    "busy: the model takes longer than the music; choose fewer parts or a longer hop"
                )
            return
        self._busy = self._busy and waited > batch.plan.slot / RATE / 2
        lost, self._unplayed = self._unplayed, 0
        self._play(batch, lost)

    def _play(self, batch: Batch, lost: int) -> None:
        player, plan = self._player, batch.plan
        if player is None:
            raise SettingsError(f"batch {batch.number}: the model could not be loaded")
        if lost:  # or what follows would be heard too early
            player.miss(min(lost, MOST_LOST) * plan.slot)
        player.hear(batch.samples())
        begin = player.heard + plan.w * plan.slot
        audio = player.play(begin - int(plan.fade * RATE), begin + plan.slot)
        datagrams = [
            write_chunk(f"/{stem}", Chunk(batch.number, place, count, row[start : start + size]))
            for stem, row in zip(player.parts, audio)
            for size, count in [(plan.package, -(-len(row) // plan.package))]
            for place, start in enumerate(range(0, len(row), size))
        ]
        datagrams.append(write("/server_predicted", True))
        self._loop.call_soon_threadsafe(self._send_slowly, datagrams)

    def _send_slowly(self, datagrams: list[bytes]) -> None:
        """One after the other with a breath between: nothing acknowledges them."""
        if datagrams:
            self._say(datagrams[0])
            self._loop.call_later(0.001, self._send_slowly, datagrams[1:])


def check_playable(model: str, spec: ModelSpec) -> None:
    """Raises SettingsError for a model, called so, that the external cannot play with."""
    if spec.family != "block":
        raise SettingsError(
            f"{model} plays whole windows (family {spec.family}), which this protocol cannot ask "
            "for: serve it without --protocol, for sideman~"
        )
    if spec.sample_rate != RATE:
        raise SettingsError(
            f"{model} plays at {spec.sample_rate} Hz, the external at {RATE}; give another model"
        )


def _real(told: list[Any]) -> float:
    if len(told) != 1 or not isinstance(told[0], (int, float)):
        raise SettingsError(f"{told} is not one number")
    return float(told[0])


def _whole(value: float) -> int:
    if not math.isfinite(value) or value != int(value):
        raise SettingsError(f"{value:g} is not a whole number")
    return int(value)
