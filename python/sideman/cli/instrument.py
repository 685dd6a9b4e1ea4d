"""`sideman train instrument`: from a folder of recordings to a part of one's own, in an hour."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from sideman.cli.following import bar, follow, stretches
from sideman.cli.material import length, training_precision
from sideman.errors import SettingsError

if TYPE_CHECKING:
    import torch

    from sideman.data.own_pieces import BeatOf, Material
    from sideman.data.pieces import Piece
    from sideman.models.checkpoint import LoadedModel
    from sideman.training.model import ModelOptions

__all__ = ["register"]

VARIANTS = 2  # the context as recorded, and at another level
BEAT_UNITS = (2, 12)
Bpm = Annotated[
    Optional[float],
    typer.Option(min=20, max=400, help="Tempo of takes recorded to a click; else it is heard."),
]
BeatsPerBar = Annotated[int, typer.Option(min=BEAT_UNITS[0], max=BEAT_UNITS[1])]
LISTENED = 20  # pieces that share and guidance are chosen on; fewer are too few to tell


def register(group: typer.Typer) -> None:
    """Add the verb to the group `train`."""
    group.command("instrument")(train_instrument)


def register_study(group: typer.Typer) -> None:
    """Add the verb to the group `evaluate`."""
    group.command("instrument")(evaluate_instrument)


def train_instrument(
    recordings: Annotated[
        Path,
        typer.Argument(help="Folder of takes: 'verse part.wav' with 'verse context.wav' or '... mix.wav'."),
    ],
    name: Annotated[str, typer.Option(help="What the instrument is called; the object loads it by this.")],
    minutes: Annotated[Optional[float], typer.Option(min=0.01, help="Train for this long; default 40.")] = None,
    steps: Annotated[Optional[int], typer.Option(min=1, help="Or for this many steps.")] = None,
    bpm: Bpm = None,
    beats_per_bar: BeatsPerBar = 4,
    base: Annotated[str, typer.Option(help="The model to begin with.")] = "mini",
    like: Annotated[
        Optional[str], typer.Option(help="The base's part to begin as; default: the one that fits best.")
    ] = None,
    run: Annotated[
        Optional[Path], typer.Option(help="Working folder; the same one resumes. Default: RECORDINGS/../NAME-run.")
    ] = None,
    out: Annotated[
        Optional[Path], typer.Option(help="Model folder to write; default: among your own models.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    threads: Annotated[int, typer.Option(min=0, help="CPU threads; 0 = all.")] = 0,
    device: Annotated[str, typer.Option(help="auto (a GPU where there is one), cpu, cuda or mps.")] = "auto",
) -> None:
    """Tune a model on your own recordings. Run the same command again to go on after an interruption."""
    from sideman.data.own_pieces import learnt_of, spares_takes
    from sideman.models.places import own_models
    from sideman.training.feeding import training_device
    from sideman.training.instrument import (
        check_name,
        export_instrument,
        instrument_options,
        weights_for,
    )
    from sideman.folders import made_ready
    from sideman.training.model import with_changes
    from sideman.training.together import alone

    alone("train an instrument")
    check_name(name)
    lasting, where = length(minutes, steps), training_device(device)
    opened = _base(base, threads)
    place = run or recordings.resolve().parent / f"{name}-run"
    # Another processor than the one it began on may like another precision.
    likes = training_precision("auto", where)
    precision = _told(place, "precision") or likes
    if precision != likes:
        typer.echo(f"note: the run began in {precision}, and {likes} may be quicker here")
    options = with_changes(instrument_options(opened, name, precision), seed=seed, **lasting)
    if like:
        weights_for(opened, like)
    target = out or own_models() / name
    _check_ours(target, place, name)
    material = _cut(recordings, name, place, _beat_of(bpm, beats_per_bar))
    _check_same(material, place, target, asked=run is not None)
    made_ready(target.parent)  # before hours are spent
    training, known, reported = _training(
        opened, material, name, place, options, like=like, where=where, base=base,
        threads=threads,
    )  # fmt: skip
    follow(training, f"sideman train instrument {recordings} --name {name} ...")
    share, guidance = _mixture(place, opened, name, known, told=bool(bpm))
    export_instrument(place, opened, target, name, guidance, share, learnt_of(material))
    typer.echo(f"plays with guidance {guidance:g} and {share:.0%} of the tuning")
    kept = "whole takes" if spares_takes(material.pieces) else "other parts of takes that it learnt from"
    _report(target, base, reported, name, place, told=bool(bpm), judged_on=kept)
    typer.echo(f"{name} in {target}: [sideman~ {_as_argument(target, name)}] plays it")


def _check_ours(target: Path, place: Path, name: str) -> None:
    """Raises SettingsError where `target` holds a model of other recordings than the run in `place`
    learns from. One that does not say of which is the run's, as long as there is one."""
    from sideman.training.model_card import OF_RECORDINGS

    if not (target / "model.json").exists():
        return
    card = target / "MODEL_CARD.md"
    said = card.read_text(encoding="utf-8") if card.is_file() else ""
    ours = _told(place, "recordings")
    if ours is None or (OF_RECORDINGS in said and f"{OF_RECORDINGS} {ours}" not in said):
        raise SettingsError(
            f"{name} is there already, in {target}: give another --name or --out, or remove that folder"
        )


def _check_same(material: Material, place: Path, target: Path, asked: bool) -> None:
    """Raises SettingsError where the run in `place` began with other recordings, before anything is
    made of these; asked: whether the folder was named."""
    began = _told(place, "recordings")
    if began in (None, material.digest):
        return
    theirs = [place, target] if (target / "model.json").exists() else [place]
    raise SettingsError(
        f"the recordings, or the tempo told, are not those that {place} began with: give another "
        f"--name{' and --run' * asked}, or remove {' and '.join(map(str, theirs))} to begin anew"
    )


def _as_argument(target: Path, name: str) -> str:
    """What an object is told to play the model in `target` with: its name, where that finds it.
    Not where the shell names the folder of models: a host that was not started there knows nothing
    of that."""
    from sideman.models.places import own_models

    whole = target.resolve()
    if not os.environ.get("SIDEMAN_MODELS") and whole == (own_models() / name).resolve():
        return name
    path = whole.as_posix()
    return f'"{path}"' if " " in path else path


def evaluate_instrument(
    recordings: Annotated[Path, typer.Argument(help="Folder of takes that it was not trained on.")],
    model: Annotated[str, typer.Option(help="The instrument: its name or folder.")],
    base: Annotated[str, typer.Option(help="The untuned model to compare it with.")] = "mini",
    out: Annotated[Path, typer.Option(help="Folder of the report.")] = Path("build/instrument"),
    bpm: Bpm = None,
    beats_per_bar: BeatsPerBar = 4,
) -> None:
    """An instrument of your own beside the untuned model, on other takes than it learnt."""
    from sideman.evaluation.own_instrument import LEARNT, OTHERS, SOME, check_place
    from sideman.evaluation.stages import check_codecs
    from sideman.folders import made_ready
    from sideman.models.checkpoint import load_model, model_spec

    name = model_spec(model).parts[0]
    check_codecs(load_model(one) for one in (model, base))  # before hours of takes are heard
    check_place(out)
    made_ready(out)
    material = _cut(recordings, name, out, _beat_of(bpm, beats_per_bar))
    learnt = _learnt(model, material)
    every = len(learnt) == len(material.takes)
    if learnt:
        which = "these recordings" if every else f"some of these takes ({', '.join(learnt)})"
        typer.echo(f"note: {model} learnt {which}: beside other music it may do worse")
    _report(
        Path(model), base, material.pieces, name, out, told=bool(bpm),
        judged_on=LEARNT if every else SOME if learnt else OTHERS,
    )  # fmt: skip


def _learnt(model: str, material: Material) -> list[str]:
    """The names of those takes of the material that the model's card says it was tuned on; cards of
    old know it as a whole."""
    from sideman.models.places import find_model
    from sideman.training.model_card import OF_RECORDINGS, OF_TAKES

    card = find_model(model) / "MODEL_CARD.md"
    said = card.read_text(encoding="utf-8") if card.is_file() else ""
    whole = OF_TAKES not in said and f"{OF_RECORDINGS} {material.digest}" in said
    return [take.name for take in material.takes.values() if whole or take.digest in said]


def _beat_of(bpm: float | None, beats_per_bar: int) -> BeatOf:
    """The beat as it was told, else as it is heard."""
    from sideman.data.own_pieces import steady
    from sideman.training.listening import heard_beat

    return steady(bpm, beats_per_bar) if bpm else heard_beat


def _cut(recordings: Path, name: str, place: Path, beat_of: BeatOf) -> Material:
    """The pieces of the recordings; what is odd about them is said before hours are spent."""
    from sideman.data.own_pieces import cut_takes
    from sideman.data.recordings import find_takes

    takes = find_takes(recordings)
    with bar("listening") as show:
        material = cut_takes(takes, name, place / "pieces", beat_of, show)
    typer.echo(
        f"{len(takes)} takes, {len(material.pieces)} pieces, {name} sounds for "
        f"{material.minutes:.1f} minutes"
    )
    for remark in material.remarks:
        typer.echo(f"note: {remark}")
    return material


def _base(base: str, threads: int) -> LoadedModel:
    import torch

    from sideman.models.checkpoint import load_model

    if threads:
        torch.set_num_threads(threads)
    return load_model(base, precision="float32")


def _training(
    base_model: LoadedModel,
    material: Material,
    name: str,
    place: Path,
    options: ModelOptions,
    *,
    like: str | None,
    where: torch.device,
    base: str,
    threads: int,
) -> tuple[Any, list[Piece], list[Piece]]:
    """The training, pieces that it knows or is checked on, and those that the report is about."""
    from sideman.data.latents import encode_pieces
    from sideman.data.own_pieces import divide, spares_takes, varied
    from sideman.training.instrument import InstrumentTraining, closest_part, weights_for

    taught, checked, reported = divide(material.pieces)
    with bar("varying") as show:
        learnt = [*taught, *varied(taught, name, place / "varied", show)]
    with bar("encoding") as show:
        latents = place / f"latents-{material.digest[:8]}"
        every = [*learnt, *checked]
        encoded = encode_pieces(every, base_model.codec, latents, VARIANTS, show, threads, [name])
    learnt, kept = encoded[: len(learnt)], encoded[len(learnt) :]
    chosen = like or _told(place, "like")
    if not chosen:
        with bar("comparing parts") as show:
            chosen = closest_part(base_model, options, kept, where, show)
    typer.echo(f"begins as a player of {chosen}")
    hours = sum(piece.samples for piece in taught) / base_model.spec.sample_rate / 3600
    facts = {
        "recordings": material.digest, "base": base, "like": chosen, "pieces": len(taught),
        "hours": round(hours, 2),
    }  # fmt: skip
    if spares_takes(material.pieces):  # a run that learnt from every take is another one
        facts["kept"] = "whole takes"
    weights = weights_for(base_model, chosen)
    training = InstrumentTraining(
        options, learnt, kept, base_model.codec, place, facts, device=where, weights=weights
    )
    return training, [*checked, *taught][:LISTENED], reported


def _told(place: Path, key: str) -> str | None:
    """What an interrupted run in this folder was told."""
    from sideman.training.run_folder import RunFolder

    return RunFolder(place).config().get(key) if (place / "config.json").is_file() else None


def _mixture(
    run: Path, base: LoadedModel, name: str, pieces: Sequence[Piece], told: bool
) -> tuple[float, float]:
    """The share of the tuning and the guidance that it plays with."""
    from tempfile import TemporaryDirectory

    from sideman.evaluation.own_instrument import SHARES, best_mixture
    from sideman.evaluation.stages import Playing
    from sideman.evaluation.takes import PATIENCE
    from sideman.models.checkpoint import load_model
    from sideman.streaming.controls import usual_controls
    from sideman.training.instrument import export_instrument

    usual = usual_controls(base.spec, patience=PATIENCE)
    rival = Playing("untuned", base, usual, asked=_told(run, "like"))
    tuned = {}
    with TemporaryDirectory() as folder, stretches() as show:
        for share in SHARES:
            place = Path(folder, f"{share:g}")
            export_instrument(run, base, place, name, share=share)
            tuned[share] = load_model(place)
        return best_mixture(tuned, rival, pieces, show, told)


def _report(
    model: Path,
    base: str,
    pieces: Sequence[Piece],
    name: str,
    place: Path,
    *,
    told: bool,
    judged_on: str,
) -> None:
    """What it plays beside the untuned model; told: whether the beat was told, not heard;
    judged_on: how the pieces lie to what it learnt."""
    from rich.console import Console
    from rich.table import Table

    from sideman.evaluation import own_instrument
    from sideman.models.checkpoint import load_model

    with stretches() as show:
        rows = own_instrument.judged(load_model(model), load_model(base), pieces, show)
    beat = all(piece.bpm for piece in pieces)
    ids = [piece.id for piece in pieces]
    facts = {"name": name, "base": base, "pieces": ids, "judged_on": judged_on}
    own_instrument.write(place, facts, rows, beat, told)
    eighths = "a8" if told or not beat else "a8 by the beat heard"
    table = Table("", "latents", "log-mel", "harmony lift", eighths)
    for row in rows:
        table.add_row(
            row.name, f"{row.latent_distance:.2f}", f"{row.mel_distance:.2f}",
            f"{row.harmony_lift:.3f}", f"{row.a8:.2f}" if beat else "-",
        )
    Console().print(table)
    typer.echo(f"judged on {len(ids)} pieces: {judged_on}")
    for short in own_instrument.shortfalls(rows, told):
        typer.echo(f"no better than the untuned model: {short}")
    typer.echo(f"{place / 'report.json'}\n{place / 'report.png'}")
