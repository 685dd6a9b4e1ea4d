"""`sideman evaluate stages|reach|distilled|controls|clock|etiquette|codec`: questions about a model beside how well it accompanies."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Optional

import typer

from sideman.cli.following import stretches
from sideman.errors import DataError, SettingsError
from sideman.folders import made_ready

__all__ = ["register"]

Pieces = Annotated[Path, typer.Option(help="Folder of held-out pieces (made by sideman synth).")]
Out = Annotated[Path, typer.Option(help="Folder of the report.")]
Limit = Annotated[Optional[int], typer.Option(min=2, help="Only the first so many pieces.")]
Check = Annotated[bool, typer.Option("--check", help="Fail where it falls short.")]
Report = Callable[[str, int, int], None]


def register(group: typer.Typer) -> None:
    """Add the studies to the group `evaluate`."""
    group.command("stages")(stages)
    group.command("reach")(reach)
    group.command("distilled")(distilled)
    group.command("controls")(controls)
    group.command("clock")(clock)
    group.command("etiquette")(etiquette)
    group.command("codec")(codec)


def stages(
    before: Annotated[str, typer.Option(help="Model folder of the first stage.")],
    after: Annotated[str, typer.Option(help="Model folder after ARC-Forcing.")],
    pieces: Pieces,
    out: Out = Path("build/stages"),
    limit: Limit = None,
    seeds: Annotated[int, typer.Option(min=1, help="Free performances of each beginning.")] = 1,
    check: Check = False,
) -> None:
    """Few steps after ARC-Forcing beside many before it, and how two minutes of each drift."""
    from sideman.data.pieces import load_pieces
    from sideman.evaluation import stages_report
    from sideman.evaluation.stages import compare, drift, playings
    from sideman.models.checkpoint import load_model

    chosen = load_pieces(pieces)[:limit]
    todo = playings(load_model(before), load_model(after))
    made_ready(out)
    with stretches() as show:
        rows = compare(todo, chosen, show)
        long = [playing for playing in todo if "guided" not in playing.name]
        curves = drift(long, chosen, range(seeds), show)
    facts = {"before": before, "after": after, "pieces": len(chosen), "seeds": seeds}
    stages_report.write(out, facts, rows, curves)
    typer.echo(f"{out / 'stages.json'}\n{out / 'stages.png'}")
    _end(stages_report.shortfalls(rows, curves), check)


def reach(
    pieces: Pieces,
    model: Annotated[list[str], typer.Option(help="Name of a model, or its folder; repeat.")],
    grid: Annotated[
        Optional[list[str]],
        typer.Option(help="hop:lead in frames, repeat; a lead of -hop hears the slot itself."),
    ] = None,
    steps: Annotated[
        Optional[list[int]], typer.Option(min=1, help="Denoising steps; repeat. Default: its own.")
    ] = None,
    clock: Annotated[bool, typer.Option(help="Whether they are told the beat.")] = True,
    out: Out = Path("build/reach"),
    limit: Limit = None,
    seed: int = 0,
) -> None:
    """Families, regimes, leads and steps in one table and picture: quality against reach."""
    from rich.console import Console
    from rich.table import Table

    from sideman.data.pieces import load_pieces
    from sideman.evaluation import reach_report
    from sideman.evaluation.reach import measure_reach, playings_of
    from sideman.models.checkpoint import load_model

    grids = [_grid(text) for text in grid or ()]
    todo = [
        playing
        for given, name in zip(model, _told_apart(model), strict=True)
        for playing in playings_of(name, load_model(given), grids, steps or (), clock)
    ]
    chosen = load_pieces(pieces)[:limit]
    made_ready(out)
    with stretches() as show:
        real, found = measure_reach(todo, chosen, show, seed)
    shown = Table(*reach_report.COLUMNS)
    for row in reach_report.table(real, found):
        shown.add_row(*row)
    Console(width=max(140, Console().width)).print(shown)
    for path in reach_report.write(out, {"pieces": len(chosen), "seed": seed, "clock": clock}, real, found):
        typer.echo(path)


def distilled(
    pieces: Pieces,
    teacher: Annotated[str, typer.Option(help="Folder of the window model that taught.")],
    student: Annotated[str, typer.Option(help="Folder of the one that was distilled from it.")],
    out: Out = Path("build/distilled"),
    limit: Limit = None,
    seed: int = 0,
    check: Check = False,
) -> None:
    """What a student keeps of its teacher's quality, each with its own steps, and its speed-up."""
    from dataclasses import asdict

    from sideman.data.pieces import load_pieces
    from sideman.evaluation.distilled import (
        check_families,
        kept_shares,
        sampling_seconds,
        shortfalls,
    )
    from sideman.evaluation.reach import measure_reach, playings_of
    from sideman.models.checkpoint import load_model

    models = {"teacher": load_model(teacher), "student": load_model(student)}
    check_families(models.values())
    todo = [
        playing for name, model in models.items() for playing in playings_of(name, model, (), ())
    ]
    chosen = load_pieces(pieces)[:limit]
    made_ready(out)
    with stretches() as show:
        real, found = measure_reach(todo, chosen, show, seed)
    shares = kept_shares(*(one.row for one in found))
    slow, fast = sampling_seconds(todo)
    for share in shares:
        kept = f"{share.share:6.0%}" if share.told else "  none to keep"
        typer.echo(f"{share.figure:16s} teacher {share.teacher:7.3f}  student {share.student:7.3f}  {kept}")
    typer.echo(
        f"sampling         teacher {1000 * slow:7.1f} ms ({todo[0].network_calls} evaluations)  student "
        f"{1000 * fast:7.1f} ms ({todo[1].network_calls})  {slow / fast:.1f} times as fast"
    )
    _write(out / "distilled.json", {
        "teacher": teacher, "student": student, "pieces": len(chosen), "seed": seed,
        "real": asdict(real), "rows": [asdict(one) for one in found], "shares": [asdict(share) for share in shares],
        "sampling_seconds": {"teacher": slow, "student": fast},
    })  # fmt: skip
    _end(shortfalls(shares, slow / fast), check)


def controls(
    pieces: Pieces,
    model: Annotated[str, typer.Option(help="Name of a model, or its folder.")] = "mini",
    part: Annotated[str, typer.Option(help="The part that plays.")] = "guitar",
    out: Out = Path("build/controls"),
    limit: Limit = None,
    check: Check = False,
) -> None:
    """Whether tags, blends, inertia, sketch, guidance and seed do what they say."""
    from sideman.data.pieces import load_pieces
    from sideman.evaluation import adherence
    from sideman.models.checkpoint import load_model

    opened = load_model(model)
    if part not in opened.spec.parts:
        raise SettingsError(f"cannot play {part}: {model} knows {' '.join(opened.spec.parts)}")
    chosen = [piece for piece in load_pieces(pieces) if part in piece.parts][:limit]
    short = [piece.id for piece in chosen if not adherence.long_enough(piece)]
    if short:
        typer.echo(
            f"note: too short, and left out: {len(short)} of {len(chosen)} pieces ({', '.join(short)})"
        )
    made_ready(out)
    with stretches() as show:
        figures = adherence.measure_controls(
            opened, chosen, part, lambda n, of: show("pieces", n, of)
        )
    for name, figure in figures.items():
        typer.echo(f"{name:16s} {figure.mean:+.3f} [{figure.low:+.3f} {figure.high:+.3f}]  {figure.asked}")
    _write(out / f"controls-{part}.json", adherence.as_json(figures))
    _end(adherence.shortfalls(figures), check)


def clock(
    pieces: Annotated[
        list[Path], typer.Option(help="Folders of held-out pieces, one per kind of tempo.")
    ],
    out: Out = Path("build/clock"),
    limit: Limit = None,
) -> None:
    """How well the beat is heard, by tempo and style, beside a plain tracker."""
    from sideman.data.pieces import load_pieces
    from sideman.evaluation import tracking, tracking_report

    found = [piece for folder in pieces for piece in load_pieces(folder)[:limit]]
    chosen = [piece for piece in found if piece.beat_known]
    if len(chosen) < len(found):
        typer.echo(f"note: nobody knows the beat of {len(found) - len(chosen)} of {len(found)} pieces: left out")
    if not chosen:
        raise DataError("cannot measure a tracker: nobody knows the beat of these pieces; give others")
    made_ready(out)
    rows = []
    with stretches() as show:
        for done, piece in enumerate(chosen, start=1):
            for part in piece.parts:
                rows.extend(tracking.track(piece, part))
            show("pieces", done, len(chosen))
    typer.echo(tracking_report.write(out, rows))


def etiquette(
    pieces: Pieces,
    model: Annotated[str, typer.Option(help="Name of a model, or its folder.")] = "mini",
    out: Out = Path("build/etiquette"),
    limit: Limit = None,
    check: Check = False,
) -> None:
    """Whether the parts rest when the music rests, come back, and keep to its level."""
    from rich.console import Console
    from rich.table import Table

    from sideman.data.pieces import load_pieces
    from sideman.evaluation import etiquette as study
    from sideman.models.checkpoint import load_model

    opened = load_model(model)
    spec = opened.spec
    reaction = (spec.hop_frames + spec.lead_frames) * spec.frame_samples / spec.sample_rate
    found = load_pieces(pieces)[:limit]
    short = [piece.id for piece in found if not study.hole_in(piece)]
    if short:
        typer.echo(f"note: no room for a rest, or no tempo, in {len(short)} of {len(found)} pieces ({', '.join(short)})")
    made_ready(out)
    with stretches() as show:
        manners = study.ask(opened, found, lambda n, of: show("playing", n, of))
    shown = Table("", "rests after", "is back after", "level", "peak", "start")
    for part, figures in study.summarise(manners).items():
        units = {"rest": "s", "back": "s", "level": "dB", "peak": "dB", "start": "dB"}
        shown.add_row(part, *(
            f"{f.mean:.2f} {unit} [{f.low:.2f} {f.high:.2f}]" if (f := figures.get(name)) else "-"
            for name, unit in units.items()
        ))  # fmt: skip
    Console(width=max(119, Console().width)).print(shown)
    for path in study.write(out, {"model": model}, manners, reaction):
        typer.echo(path)
    _end(study.shortfalls(manners, reaction), check)


def codec(
    pieces: Pieces,
    codec: Annotated[
        list[str], typer.Option(help="Run folder of a codec, or a model that has one; repeat.")
    ],
    out: Out = Path("build/codec"),
    limit: Limit = None,
) -> None:
    """How far codecs sound from the true parts, and what they keep; each also before training."""
    from dataclasses import asdict

    from rich.console import Console
    from rich.table import Table

    from sideman.cli.material import opened_codec
    from sideman.data.pieces import load_pieces
    from sideman.evaluation import codec_table
    from sideman.models.codec import Codec

    codecs = {}
    for given, name in zip(codec, _told_apart(codec), strict=True):
        codecs[name] = opened = opened_codec(given)
        if isinstance(opened, Codec):
            codecs[f"{name}, untrained"] = codec_table.untrained(opened)
    chosen = load_pieces(pieces)[:limit]
    parts = list(dict.fromkeys(part for piece in chosen for part in piece.parts))
    made_ready(out)
    with stretches() as show:
        rows = codec_table.compare(codecs, chosen, parts, lambda n, of: show("parts", n, of))
    shown = Table("part", "codec", "log-mel distance", "log-mel error", "harmony kept", "a8 kept")
    for row in rows:
        harmony = "-" if row.harmony_kept is None else f"{row.harmony_kept:.0%}"
        shown.add_row(row.part, row.codec, f"{row.mel_distance:.2f}", f"{row.mel_error:.1f} dB",
                      harmony, "-" if row.a8_kept is None else f"{row.a8_kept:.0%}")
    Console(width=max(100, Console().width)).print(shown)
    _write(out / "codec.json", {"pieces": len(chosen), "rows": [asdict(row) for row in rows]})


def _told_apart(given: list[str]) -> list[str]:
    """What each is called in a table: the name of its folder, or the whole of what was given where
    two have that name."""
    names = [Path(one).name or one for one in given]
    return [one if names.count(name) > 1 else name for one, name in zip(given, names, strict=True)]


def _grid(text: str) -> tuple[int, int]:
    try:
        hop, lead = (int(word) for word in text.split(":"))
    except ValueError as error:
        raise SettingsError(f"cannot use grid {text}: give hop:lead in frames, as 8:8") from error
    return hop, lead


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    typer.echo(path)


def _end(short: list[str], check: bool) -> None:
    for line in short:
        typer.echo(f"falls short: {line}", err=True)
    if check and short:
        raise typer.Exit(1)
