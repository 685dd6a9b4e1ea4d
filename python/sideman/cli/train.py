"""`sideman train codec|model|forcing|window|distill|instrument|export`: from pieces to weights, resumable."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from sideman.cli import instrument
from sideman.cli.following import bar, follow, in_turn
from sideman.cli.material import check_causal, length, material, opened_codec, training_precision

__all__ = ["register"]

LEVELLED = 36  # pieces that levels are measured on: a dozen leaves a dB to chance
MOST_BATCH = 256  # four times that of `base`: what is more at once fills any memory

Data = Annotated[Path, typer.Option("--data", help="Folder of pieces, made by sideman synth or prepare.")]
Run = Annotated[Path, typer.Option("--run", help="Folder of this run; the same one resumes it.")]
AnyCodec = Annotated[
    str, typer.Option("--codec", help="Run folder of the codec, or a model that has one.")
]
Device = Annotated[
    str, typer.Option(help="auto (a GPU where there is one), cpu, cuda or mps.")
]
Threads = Annotated[int, typer.Option("--threads", min=0, help="CPU threads; 0 = all.")]
Minutes = Annotated[Optional[float], typer.Option(min=0.01, help="Train for this long.")]
Steps = Annotated[Optional[int], typer.Option(min=1, help="Or for this many steps.")]
Accumulate = Annotated[
    Optional[int],
    typer.Option(
        min=1, max=1024, help="Batches of each process whose gradients add up to one step."
    ),
]
Rate = Annotated[
    Optional[float], typer.Option(min=1e-9, max=1.0, help="Peak learning rate.")
]
Cache = Annotated[
    Optional[Path], typer.Option(help="Where encoded pieces go; default: DATA/../latents.")
]
SaveSeconds = Annotated[
    Optional[float], typer.Option(min=0, help="Seconds between checkpoints; default 120.")
]
Variants = Annotated[int, typer.Option(min=1, help="Mixes per part and piece.")]
Limit = Annotated[Optional[int], typer.Option(min=1, help="Use the first pieces only.")]


def register(app: typer.Typer) -> None:
    """Add the verb `train` with its sub-verbs."""
    group = typer.Typer(help="Train a codec or a model, or export a trained model.")
    group.command("codec")(train_codec)
    group.command("model")(train_model)
    group.command("forcing")(train_forcing)
    group.command("window")(train_window)
    group.command("distill")(train_distill)
    group.command("export")(export)
    instrument.register(group)
    app.add_typer(group, name="train")


def train_model(
    data: Data,
    codec: AnyCodec,
    run: Run,
    preset: Annotated[str, typer.Option(help="mini; tiny: both stages on two cores; base: a GPU.")] = "mini",
    regime: Annotated[
        str, typer.Option(help="block_causal: small hops; enc_dec: whole context, dearer.")
    ] = "block_causal",
    minutes: Minutes = None,
    steps: Steps = None,
    batch: Annotated[
        Optional[int], typer.Option(min=1, max=MOST_BATCH, help="Sequences per step.")
    ] = None,
    accumulate: Accumulate = None,
    rate: Rate = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    begin: Annotated[
        Optional[str], typer.Option(help="Start from the weights of another run, or of a model.")
    ] = None,
    threads: Threads = 0,
    device: Device = "auto",
    precision: Annotated[
        str, typer.Option(help="auto, float32 or bfloat16 (faster where the CPU has it).")
    ] = "auto",
    cache: Cache = None,
    variants: Variants = 1,
    limit: Limit = None,
    save_seconds: SaveSeconds = None,
    time_mean: Annotated[
        Optional[float],
        typer.Option(help="Mean of logit t: above 0 learns what to play, below 0 how exactly."),
    ] = None,
    time_spread: Annotated[
        Optional[float], typer.Option(min=0.1, help="Standard deviation of logit t.")
    ] = None,
    lead: Annotated[
        Optional[int],
        typer.Option(help="One lead alone, in frames, in place of all; -4 hears the slot itself: for studies."),
    ] = None,
    hop: Annotated[
        Optional[int],
        typer.Option(min=1, max=48, help="Frames of a block, in place of 4: fewer react sooner and cost more."),
    ] = None,
) -> None:
    """Train the model that plays. Run the same command again to go on after an interruption."""
    from sideman.training.feeding import training_device
    from sideman.models.checkpoint import load_model
    from sideman.models.places import model_folder
    from sideman.training.model import ModelTraining, weights_from, with_changes
    from sideman.training.model import preset as named

    place = training_device(device)
    likes = training_precision(precision, place)
    music = material(data, codec, cache, variants, limit, threads)
    options = with_changes(
        named(preset, music.codec, regime, hop),
        **length(minutes, steps),
        batch=batch,
        accumulate=accumulate,
        rate=rate,
        seed=seed,
        precision=_begun_in(run, likes) if precision == "auto" else likes,
        save_seconds=save_seconds,
        time_mean=time_mean,
        time_spread=time_spread,
        usual_lead=lead,
        leads=None if lead is None else (lead, lead),
    )
    facts, weights = music.facts, None
    if begin and model_folder(begin):
        weights = weights_from(load_model(begin, precision="float32"), options, music.codec)
        facts, begin = {**facts, "base": begin}, None
    training = in_turn(ModelTraining, options, music, run, facts, begin, place, weights)
    follow(training, f"sideman train model --data {data} --codec {codec} --run {run} ...")


def _begun_in(run: Path, likes: str) -> str:
    """The precision that an interrupted run began in, else the one that is liked here: another
    machine may like another, and the run goes on all the same."""
    from sideman.training.run_folder import RunFolder
    from sideman.training.together import Together

    if not (run / "config.json").is_file():
        return likes
    began = RunFolder(run).config().get("precision", likes)
    if began != likes and Together.found().first:
        typer.echo(f"note: the run began in {began}, and {likes} may be quicker here")
    return began


def train_forcing(
    data: Data,
    codec: AnyCodec,
    run: Run,
    begin: Annotated[Path, typer.Option(help="The run of `train model` to go on from.")],
    preset: Annotated[str, typer.Option(help="That run's preset: mini or tiny.")] = "mini",
    minutes: Minutes = None,
    steps: Steps = None,
    batch: Annotated[
        Optional[int], typer.Option(min=1, max=MOST_BATCH, help="Rollouts per step.")
    ] = None,
    jump_steps: Annotated[
        Optional[int], typer.Option(min=0, help="Steps of jumping before the discriminator comes.")
    ] = None,
    head_start: Annotated[
        Optional[int], typer.Option(min=0, help="Steps in which the discriminator learns alone.")
    ] = None,
    match: Annotated[
        Optional[float],
        typer.Option(min=0, help="Weight of playing what the first stage would, beside the judges."),
    ] = None,
    on_beat: Annotated[
        Optional[float],
        typer.Option(min=1, help="How far that leans on the clock: nearer the beat, not in sound."),
    ] = None,
    sound: Annotated[
        Optional[float],
        typer.Option(min=0, help="Weight of the judge who hears the sound; 0: latents alone."),
    ] = None,
    lead_in: Annotated[
        Optional[int],
        typer.Option(min=0, help="Up to so many blocks more are played before those that are judged."),
    ] = None,
    schedule: Annotated[
        Optional[str], typer.Option(help="Times of the steps that it learns: log_snr (as LMDM), quadratic or uniform.")
    ] = None,
    play_schedule: Annotated[
        Optional[str], typer.Option(help="Times at which it is rehearsed and played, the same or later ones.")
    ] = None,
    student: Annotated[
        Optional[Path], typer.Option(help="An earlier run of this stage to go on from.")
    ] = None,
    rate: Rate = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    threads: Threads = 0,
    device: Device = "auto",
    cache: Cache = None,
    variants: Variants = 1,
    limit: Limit = None,
) -> None:
    """Second stage (ARC-Forcing): the model learns from what it plays, for few steps and no drift."""
    from sideman.training.feeding import training_device
    from sideman.training.forcing import ForcingTraining
    from sideman.training.forcing_options import forcing_preset
    from sideman.training.model import leads_of, network_of, tags_of, with_changes
    from sideman.training.run_folder import RunFolder

    place = training_device(device)
    music = material(data, codec, cache, variants, limit, threads)
    options = with_changes(
        forcing_preset(preset, network_of(RunFolder(begin))),
        **length(minutes, steps), rate=rate, seed=seed, batch=batch, jump_steps=jump_steps,
        head_start=head_start, match=match, on_beat=on_beat, sound=sound, lead_in=lead_in,
        schedule=schedule, play_schedule=play_schedule,
        tags=tags_of(RunFolder(begin)), **leads_of(RunFolder(begin)),
    )
    training = in_turn(ForcingTraining, options, music, run, begin, music.facts, place, student)
    follow(training, f"sideman train forcing --data {data} --begin {begin} --run {run} ...")


def train_window(
    data: Data,
    run: Run,
    codec: AnyCodec = "mini",
    preset: Annotated[str, typer.Option(help="paper (a GPU), or tiny: two cores.")] = "paper",
    minutes: Minutes = None,
    steps: Steps = None,
    batch: Annotated[
        Optional[int], typer.Option(min=1, max=MOST_BATCH, help="Windows per step.")
    ] = None,
    accumulate: Accumulate = None,
    rate: Rate = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    begin: Annotated[
        Optional[Path], typer.Option(help="Start from the weights of this other run.")
    ] = None,
    threads: Threads = 0,
    device: Device = "auto",
    cache: Cache = None,
    variants: Variants = 1,
    limit: Limit = None,
) -> None:
    """Train a diffusion model of the window family (the accompaniment paper's)."""
    from sideman.training.feeding import training_device
    from sideman.training.model import with_changes
    from sideman.training.window import WindowTraining, window_preset

    place = training_device(device)
    music = material(data, codec, cache, variants, limit, threads)
    options = with_changes(
        window_preset(preset), **length(minutes, steps), batch=batch, accumulate=accumulate, rate=rate, seed=seed
    )
    training = in_turn(WindowTraining, options, music, run, music.facts, begin, place)
    follow(training, f"sideman train window --data {data} --run {run} ...")


def train_distill(
    data: Data,
    run: Run,
    begin: Annotated[Path, typer.Option(help="The run of `train window` that teaches.")],
    codec: AnyCodec = "mini",
    preset: Annotated[str, typer.Option(help="That run's preset: paper or tiny.")] = "paper",
    minutes: Minutes = None,
    steps: Steps = None,
    batch: Annotated[
        Optional[int], typer.Option(min=1, max=MOST_BATCH, help="Windows per step.")
    ] = None,
    accumulate: Accumulate = None,
    rate: Rate = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    threads: Threads = 0,
    device: Device = "auto",
    cache: Cache = None,
    variants: Variants = 1,
    limit: Limit = None,
) -> None:
    """Distil a window model into one that plays in two evaluations (consistency)."""
    from sideman.training.distill import Distillation, distill_preset
    from sideman.training.feeding import training_device
    from sideman.training.model import with_changes
    from sideman.training.run_folder import RunFolder
    from sideman.training.window import window_of

    place = training_device(device)
    music = material(data, codec, cache, variants, limit, threads)
    options = with_changes(
        distill_preset(preset, window_of(RunFolder(begin))),
        **length(minutes, steps), batch=batch, accumulate=accumulate, rate=rate, seed=seed,
    )
    training = in_turn(Distillation, options, music, run, begin, music.facts, place)
    follow(training, f"sideman train distill --data {data} --begin {begin} --run {run} ...")


def train_codec(
    data: Data,
    run: Run,
    minutes: Minutes = None,
    steps: Steps = None,
    rate: Rate = None,
    threads: Threads = 0,
) -> None:
    """Train the codec's decoder. Run the same command again to go on after an interruption."""
    import torch

    from sideman.data.pieces import load_pieces
    from sideman.models.codec import CodecConfig
    from sideman.training.codec import CodecOptions, CodecTraining
    from sideman.training.model import with_changes
    from sideman.training.together import alone

    alone("train a codec")
    if threads:
        torch.set_num_threads(threads)
    options = with_changes(CodecOptions(), **length(minutes, steps), rate=rate)
    with bar("statistics") as show:
        training = CodecTraining(options, CodecConfig(), load_pieces(data), run, show)
    follow(training, f"sideman train codec --data {data} --run {run} ...")


def export(
    run: Annotated[
        list[Path],
        typer.Argument(help="Run folder of the model; several that began alike: their mean."),
    ],
    codec: AnyCodec,
    out: Annotated[Path, typer.Option(help="Model folder to write.")],
    name: Annotated[Optional[str], typer.Option(help="Name of the model; default: that of its folder.")] = None,
    steps: Annotated[
        Optional[int], typer.Option(min=1, max=50, help="Default denoising steps.")
    ] = None,
    guidance: Annotated[Optional[float], typer.Option(help="Default guidance, 0 to 20.")] = None,
    temperature: Annotated[
        Optional[float], typer.Option(min=0, max=2, help="Default temperature.")
    ] = None,
    listening: Annotated[
        Optional[float],
        typer.Option(min=0, max=1, help="How far a block's end goes by the music, not its own past."),
    ] = None,
    growing: Annotated[
        Optional[float],
        typer.Option(min=0, max=1, help="How far guidance grows within a block, from none to twice."),
    ] = None,
    level_on: Annotated[
        Optional[Path],
        typer.Option(help="Make the parts as loud as in the first pieces of this folder."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Also where another model is in --out, which is lost.")
    ] = False,
) -> None:
    """Write a model folder (model.json, model.safetensors, MODEL_CARD.md) from a run."""
    from sideman.data.pieces import load_pieces
    from sideman.training.export import check_place, export_model

    if not replace:
        check_place(out, run)
    name = name or out.resolve().name
    used = opened_codec(codec)
    check_causal(used, codec)
    pieces = load_pieces(level_on)[:LEVELLED] if level_on else ()
    export_model(
        run[0], used, out, name, pieces, run[1:], steps=steps, guidance=guidance,
        temperature=temperature, listening=listening, growing=growing,
    )
    size = sum(file.stat().st_size for file in out.iterdir()) / 1e6
    typer.echo(f"{name} in {out}, {size:.1f} MB")
