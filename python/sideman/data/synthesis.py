"""Writes sets of pieces: resumable, in several processes, the same set whatever their number."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from sideman.data import pieces
from sideman.data.composer import compose, plan_piece
from sideman.data.render import font_of, render_score
from sideman.data.score import Plan, Score
from sideman.errors import DataError, SettingsError
from sideman.workers import end, ignore_interrupt, processes, unheard

__all__ = ["Progress", "plan_set", "synthesise", "write_piece"]


@dataclass(frozen=True)
class Progress:
    """How far a set is: pieces and seconds of music on disk, and in the whole set."""

    pieces: int
    all_pieces: int
    seconds: float
    all_seconds: float


def plan_set(preset: str, seed: int, minutes: float, tempo: str = "constant") -> list[Plan]:
    """The plans of the pieces 0, 1, 2 ... of a set, until they last `minutes` together."""
    if minutes <= 0:
        raise SettingsError(f"minutes is {minutes:g}: a set needs music; give a number above 0")
    plans: list[Plan] = []
    seconds = 0.0
    while seconds < minutes * 60.0:
        plans.append(plan_piece(preset, seed, len(plans), tempo))
        seconds += plans[-1].seconds
    return plans


def synthesise(
    out: Path,
    plans: Sequence[Plan],
    fonts: Sequence[Path],
    workers: int,
    report: Callable[[Progress], None],
) -> Progress:
    """Write every piece of `plans` that is not in `out` yet; what exists is left alone. workers:
    processes, 0: one for each CPU.

    KeyboardInterrupt ends it after the pieces in progress; the next call goes on from there.
    Raises DataError when a piece cannot be rendered or written, and where `out` holds pieces of
    another set; what a longer one of the same left there may stay.
    """
    out.mkdir(parents=True, exist_ok=True)
    by_id = {plan.id: plan for plan in plans}
    there = {card.parent.name for card in out.glob("[!.]*/piece.json")}
    for place, name in enumerate(sorted(there)):
        _check_same(out / name, by_id, fonts, composed=place == 0)
    open_plans = [plan for plan in plans if plan.id not in there]
    total = sum(plan.seconds for plan in plans)
    seconds = total - sum(plan.seconds for plan in open_plans)
    state = Progress(len(plans) - len(open_plans), len(plans), seconds, total)
    report(state)
    with closing(_done(out, open_plans, fonts, workers)) as done:
        for plan in done:
            state = Progress(state.pieces + 1, len(plans), state.seconds + plan.seconds, total)
            report(state)
    return state


def write_piece(out: Path, plan: Plan, fonts: Sequence[Path]) -> Plan:
    """Compose, render and write one piece, unless another run has by now; the folder appears only
    when it is complete."""
    if not (out / plan.id / pieces.CARD).is_file():
        score = compose(plan)
        parts, font = render_score(score, fonts)
        card = json.dumps(_card(score, list(parts), font), separators=(",", ":"))
        pieces.write_piece(out / plan.id, card, parts)
    return plan


def _check_same(
    folder: Path, plans: Mapping[str, Plan], fonts: Sequence[Path], composed: bool
) -> None:
    """A set of two seeds, of other sounds or of another composer would be half one thing, half the
    other. What the plans do not reach is of a longer set, if it is what would come there. composed:
    the music itself is compared as well, which takes a moment; one piece tells of them all."""
    like = next(iter(plans.values()))
    kind = like.tempo.kind if like.tempo else "constant"
    try:
        card = json.loads((folder / "piece.json").read_text(encoding="utf-8"))
        there = int(card.get("index", 0))
        plan = plans.get(folder.name) or plan_piece(like.preset, like.seed, there, kind)
        wanted = {"preset": None, "seed": None, "tempo": None, **_planned(plan)}
        wanted["sound_font"] = font_of(plan, fonts).name
        music = json.loads(json.dumps(_composed(compose(plan)))) if composed else {}
        wanted |= music
        other = next((name for name in wanted if card.get(name) != wanted[name]), None)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise DataError(f"{folder} cannot be read ({error}); delete it, and run this again") from error
    if other in music:
        raise DataError(
            f"{folder} is of another version of Sideman, which composed its {other} otherwise: "
            f"make the rest with that one, or give another folder than {folder.parent}"
        )
    if other:
        before, now = (_shown(other, facts.get(other)) for facts in (card, wanted))
        raise DataError(
            f"{folder} is of another set: its {other} is {before}, now {now}; give another folder than "
            f"{folder.parent}"
        )


def _shown(name: str, fact: object) -> object:
    """A fact of a card, short enough for one line."""
    if name != "tempo":
        return fact
    return fact.get("kind") if isinstance(fact, dict) else "constant"


def _planned(plan: Plan) -> dict[str, object]:
    """What a card says of the plan, as JSON has it."""
    facts = {
        "id": plan.id,
        "preset": plan.preset,
        "seed": plan.seed,
        "index": plan.index,
        "style": plan.style,
        "bpm": plan.bpm,
        "beats_per_bar": plan.beats_per_bar,
        "downbeat_sample": plan.downbeat_sample,
        "samples": plan.samples,
    }
    if plan.tempo:
        facts["tempo"] = json.loads(json.dumps(asdict(plan.tempo)))
    return facts


def _card(score: Score, parts: list[str], font: Path) -> dict[str, object]:
    music = _composed(score)
    return {
        **_planned(score.plan),
        "key": music["key"],
        "sound_font": font.name,
        "parts": parts,
        "programs": music["programs"],
        "chords": music["chords"],
    }


def _composed(score: Score) -> dict[str, object]:
    """What a card says of the music."""
    return {
        "key": score.key,
        "programs": dict(score.programs),
        "chords": [[round(c.start, 6), c.root, c.quality] for c in score.chords],
    }


def _done(
    out: Path, plans: Sequence[Plan], fonts: Sequence[Path], workers: int
) -> Generator[Plan, None, None]:
    workers = processes(workers, len(plans))
    if workers == 1:
        for plan in plans:
            yield write_piece(out, plan, fonts)
        return
    # Spawned, not forked: the parent runs a progress thread.
    pool = ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context("spawn"), initializer=ignore_interrupt
    )
    try:
        # The queue is kept short so that an interrupt has little to wait for.
        waiting = iter(plans)
        running: set[Future[Plan]] = set()
        for plan in waiting:
            with unheard():
                running.add(pool.submit(write_piece, out, plan, fonts))
            if len(running) >= 2 * workers:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
    except BrokenProcessPool as error:
        raise DataError(
            "a synth worker died: probably out of memory; run the same command "
            "again with fewer --workers"
        ) from error
    finally:
        end(pool)
