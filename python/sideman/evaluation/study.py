"""Runs an evaluation: every piece is one job, its parts played in one batch; kept on disk when it is
done."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from sideman import audio
from sideman.data.pieces import Piece, load_pieces
from sideman.errors import DataError, ModelError, SettingsError, SidemanError
from sideman.evaluation import controls, scores
from sideman.evaluation.clock_watch import ClockWatch, ignore
from sideman.evaluation.scores import Take, mean_score, measure
from sideman.evaluation.takes import PATIENCE, Asked, play_together
from sideman.models.checkpoint import LoadedModel, bytes_of, load_model
from sideman.streaming.controls import Controls, usual_controls
from sideman.streaming.sessions import open_session
from sideman.workers import end, end_on_interrupt, processes, unheard

__all__ = ["Plan", "check", "run"]

PACKAGE = Path(__file__).parents[1]
SOURCES = (".", "data", "diffusion", "evaluation", "models", "streaming")


@dataclass(frozen=True)
class Plan:
    """What is evaluated. `pieces` is a folder of pieces, of which the first `limit` count; hop and
    lead in frames; each take of the model is played with `seeds` seeds and averaged, every piece with
    seeds of its own, so that luck is not the same for all; of the first `examples` pieces the sound
    is kept."""

    model: str
    pieces: str
    hop_frames: int
    lead_frames: int
    steps: int
    guidance: float
    temperature: float = 1.0
    limit: int | None = None
    seeds: int = 1
    examples: int = 1

    def __post_init__(self) -> None:
        if self.seeds < 1:
            raise SettingsError(f"cannot evaluate with {self.seeds} seeds: give 1 or more")
        if self.limit is not None and self.limit < 2:
            raise SettingsError(
                f"cannot evaluate {self.limit} pieces: parts are compared with those of another "
                "piece; give 2 or more")


@dataclass(frozen=True)
class _Job:
    plan: Plan
    index: int
    parts: tuple[str, ...]
    out: Path
    fingerprint: str


def check(plan: Plan) -> LoadedModel:
    """The model. Raises ModelError or SettingsError for what it cannot play so."""
    model = _opened(plan.model)
    open_session(model, model.spec.parts[:1], plan.hop_frames, plan.lead_frames)
    _usual(plan, model)
    return model


def run(
    plan: Plan, out: Path, workers: int, report: Callable[[int, int], None]
) -> list[Take]:
    """Score every row for every part of every piece; what `out` holds already is not done again.

    `report(done, all)` is called after each piece. Interrupted, it leaves what is finished for the
    next call with the same plan, model and pieces. Raises ModelError when the model does not fit,
    DataError where no piece has a part of its own.
    """
    _opened.cache_clear()  # the name may stand for other weights than in an earlier run
    model, pieces = check(plan), _pieces(plan)
    if model.spec.sample_rate != pieces[0].sample_rate:
        raise ModelError(
            f"cannot evaluate {plan.model}: it plays at {model.spec.sample_rate} Hz and the "
            f"pieces are at {pieces[0].sample_rate}; choose a model of that rate")
    fingerprint = _fingerprint(plan, model, pieces)
    present = [tuple(part for part in model.spec.parts if part in piece.parts) for piece in pieces]
    jobs = [_Job(plan, index, parts, out, fingerprint)
            for index, parts in enumerate(present) if parts]
    if not jobs:
        raise DataError(
            f"cannot evaluate {plan.model}: no piece has {' or '.join(model.spec.parts)}; give "
            "other pieces")
    to_do = [job for job in jobs if _stored(job, pieces) is None]
    report(len(jobs) - len(to_do), len(jobs))
    with closing(_finished(to_do, workers)) as finished:
        for done, _ in enumerate(finished, 1 + len(jobs) - len(to_do)):
            report(done, len(jobs))
    return [take for job in jobs for take in _stored(job, pieces) or ()]


def _finished(jobs: Sequence[_Job], workers: int) -> Generator[None, None, None]:
    if (workers := processes(workers, len(jobs))) == 1:
        yield from map(_work, jobs)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_prepare_worker)
    try:
        with unheard():
            futures = [pool.submit(_work, job) for job in jobs]
        for future in as_completed(futures):
            yield future.result()
    except BrokenProcessPool as error:
        raise SidemanError("an evaluation worker died: probably out of memory; run the same "
                           "command again with fewer --workers") from error
    finally:
        end(pool)


def _prepare_worker() -> None:
    """One thread each; a job is either on disk or not."""
    import torch

    torch.set_num_threads(1)
    end_on_interrupt()


@lru_cache(maxsize=1)
def _opened(model: str) -> LoadedModel:
    return load_model(model)


def _pieces(plan: Plan) -> list[Piece]:
    return load_pieces(plan.pieces)[: plan.limit]


def _work(job: _Job) -> None:
    pieces, model = _pieces(job.plan), _opened(job.plan.model)
    piece = pieces[job.index]
    takes: list[Take] = []
    for part, (played, right) in _model_rows(job, model, piece).items():
        rows = {**played, **_control_rows(model, pieces, job.index, part)}
        if job.index < job.plan.examples:
            _write_example(job.out / "audio" / f"{piece.id}_{part}.wav", piece, part,
                           rows[scores.MINI_CLOCK][0])
        context = piece.context(part)
        takes += [Take(piece.id, part, row, mean_score([measure(piece, x, context) for x in played]),
                       right if row == scores.MINI_TRACKED else None)
                  for row, played in rows.items()]
    _store(job, piece, takes)


def _model_rows(
    job: _Job, model: LoadedModel, piece: Piece
) -> dict[str, tuple[dict[str, list[np.ndarray]], float | None]]:
    """By part: what the model plays with each kind of clock; how often the tracked one was right."""
    plan = job.plan
    usual = _usual(plan, model)
    tracking = replace(usual, track=True)
    sessions = {part: open_session(model, [part], plan.hop_frames, plan.lead_frames)
                for part in job.parts}
    watches = {part: ClockWatch(session, piece) for part, session in sessions.items()}
    heard = {part: piece.context(part) for part in job.parts}

    def asked(part: str, clock: bool, track: bool, seed: int) -> Asked:
        return Asked(sessions[part], piece, heard[part], lambda _: tracking if track else usual,
                     seed=seed, clock=clock, watch=watches[part] if track else ignore)

    kinds = {scores.MINI_CLOCK: (True, False), scores.MINI_TRACKED: (False, True),
             scores.MINI_FREE: (False, False)}
    seeds = range(job.index * plan.seeds, (job.index + 1) * plan.seeds)
    played = iter(play_together([
        asked(part, *kind, seed) for part in job.parts for kind in kinds.values() for seed in seeds
    ]))
    return {part: ({row: [next(played) for _ in seeds] for row in kinds}, watches[part].share_right)
            for part in job.parts}


def _usual(plan: Plan, model: LoadedModel) -> Controls:
    return usual_controls(
        model.spec, steps=plan.steps, guidance=plan.guidance, temperature=plan.temperature,
        patience=PATIENCE,
    )


def _control_rows(
    model: LoadedModel, pieces: Sequence[Piece], index: int, part: str
) -> dict[str, list[np.ndarray]]:
    piece = pieces[index]
    rows = {
        scores.TRUE: [piece.audio(part)],
        scores.CODEC: [controls.reconstruction(model.codec, piece.audio(part))],
        scores.SILENCE: [controls.silence(piece)],
    }
    if any(part in other.parts for number, other in enumerate(pieces) if number != index):
        rows[scores.OTHER] = [controls.another_piece(pieces, index, part)]
    if piece.beat_known:
        rows[scores.REPEAT] = [controls.repeat_last_bar(piece, part)]
    return rows


def _write_example(path: Path, piece: Piece, part: str, played: np.ndarray) -> None:
    """Context and part as they would sound together, turned down only where they would clip."""
    mix = piece.context(part) + played
    audio.save(path, mix / max(1.0, float(np.abs(mix).max())), piece.sample_rate)


def _path(job: _Job, piece: Piece) -> Path:
    return job.out / "takes" / f"{piece.id}.json"


def _store(job: _Job, piece: Piece, takes: Sequence[Take]) -> None:
    path = _path(job, piece)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"fingerprint": job.fingerprint, "takes": [take.as_json() for take in takes]}
    partial = path.with_suffix(f".{os.getpid()}.partial")
    partial.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    os.replace(partial, path)


def _stored(job: _Job, pieces: Sequence[Piece]) -> list[Take] | None:
    """The takes of a job that was done before under the same conditions."""
    try:
        content = json.loads(_path(job, pieces[job.index]).read_text(encoding="utf-8"))
        if content["fingerprint"] == job.fingerprint:
            return [Take.from_json(take) for take in content["takes"]]
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def _fingerprint(plan: Plan, model: LoadedModel, pieces: Sequence[Piece]) -> str:
    """Changes with anything that a score depends on: plan, weights, pieces, and the code that plays
    and scores."""
    told = {name: value for name, value in asdict(plan).items() if name not in ("model", "pieces")}
    digest = hashlib.sha256(json.dumps([told, asdict(model.spec)], sort_keys=True).encode())
    for module in (model.codec, model.network):
        for name, value in sorted(module.state_dict().items()):
            digest.update(name.encode() + bytes_of(value))
    for piece in pieces:
        digest.update(piece.digest().encode())
    for source in sorted(path for name in SOURCES for path in (PACKAGE / name).glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]
