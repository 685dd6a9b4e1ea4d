"""What a hop of the window family costs at the published size, with random weights.

    python benchmarks/window_hop.py --threads 2 --rounds 5

Writes the weights once (1 GB, a temporary folder), then opens them in a process of its own for each
precision: time to open, time of a U-Net evaluation, of a hop of two evaluations, and the memory that
is resident afterwards. bfloat16 is only fast where the processor has it; its error is that of the
U-Net's output against float32. The published implementation, on a machine with bfloat16 in hardware:
open 14-18 s, evaluation 0.98 s, two of them 1.9 s, 4.1 GB.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from sideman.models.checkpoint import ModelSpec, channels_last, load_model
from sideman.models.places import WEIGHTS
from sideman.models.window import WindowConfig, WindowNetwork
from sideman.streaming.filling import fill

ROOM = (64, 64)  # codec channels, frames
HOP = 8


def write_model(folder: Path) -> None:
    """A model folder of the published size, with Sideman's codec and random weights."""
    generator = torch.Generator().manual_seed(0)
    config = WindowConfig(preconditioning="consistency", sigma_max=80.0)
    with torch.device("meta"):
        shapes = {name: value.shape for name, value in WindowNetwork(config).state_dict().items()}
    weights = {}
    for name, shape in shapes.items():
        scale = shape[1:].numel() ** -0.5 if len(shape) > 1 else 0.05
        value = scale * torch.randn(shape, generator=generator)
        weights[f"network.{name}"] = 1 + value if "norm" in name and "weight" in name else value
    mini = WEIGHTS / "mini"
    codec = json.loads((mini / "model.json").read_text())["codec"]
    spec = ModelSpec(
        name="random", sample_rate=44100, frame_samples=2048, parts=("bass", "drums", "guitar", "piano"),
        hop_frames=HOP, hops=(HOP,), lead_frames=HOP, leads=(1, 62), window_frames=64, steps=2,
        guidance=1.0, sampler="consistency", family="window",
    )  # fmt: skip
    stored = load_file(str(mini / "model.safetensors"))
    weights = channels_last(weights) | {k: v for k, v in stored.items() if k.startswith("codec.")}
    save_file(weights, str(folder / "model.safetensors"))
    described = {
        "spec": asdict(spec), "codec": codec, "network": config.to_json(),
        "weights": "channels_last",
    }  # fmt: skip
    (folder / "model.json").write_text(json.dumps(described))


def timed(work, rounds: int) -> float:
    """Median seconds; the first time warms up."""
    seconds = []
    for turn in range(rounds + 1):
        started = time.perf_counter()
        work()
        if turn:
            seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def resident_bytes() -> int:
    """Of this process, now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@torch.no_grad()
def measure(path: Path, precision: str, rounds: int) -> dict[str, float]:
    started = time.perf_counter()
    network = load_model(path, precision="float32").network
    if precision == "bfloat16":
        network.to(torch.bfloat16)
    seconds = time.perf_counter() - started
    generator = torch.Generator().manual_seed(1)
    x, context = torch.randn(2, 1, 1, *ROOM, generator=generator)
    labels, noise = torch.eye(4)[:1], torch.zeros(1)

    def evaluation() -> torch.Tensor:
        return network(x, noise, context, labels)

    def hop() -> torch.Tensor:
        return fill(
            network, "consistency", 2, context[0], labels, x[0], HOP,
            lambda: torch.randn(x.shape, generator=generator),
        )  # fmt: skip

    found = {"open_s": seconds, "evaluation_s": timed(evaluation, rounds), "hop_s": timed(hop, rounds)}
    found["resident_gb"] = resident_bytes() / 1e9
    torch.save(evaluation(), path / f"{precision}.out")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--precisions", nargs="+", default=["float32", "bfloat16"])
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    parser.add_argument("--precision", help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.measure:
        print(json.dumps(measure(Path(options.measure), options.precision, options.rounds)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        write_model(path)
        print("precision   open s  evaluation s  hop of 2 s  resident GB")
        for precision in options.precisions:
            command = [
                sys.executable, __file__, "--measure", str(path), "--precision", precision,
                "--threads", str(options.threads), "--rounds", str(options.rounds),
            ]  # fmt: skip
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            row = json.loads(done.stdout.splitlines()[-1])
            print(f"{precision:10s} {row['open_s']:7.2f} {row['evaluation_s']:13.3f} "
                  f"{row['hop_s']:11.3f} {row['resident_gb']:12.2f}", flush=True)  # fmt: skip
        outs = [path / f"{name}.out" for name in options.precisions]
        if len(outs) == 2:
            one, other = (torch.load(out, weights_only=True) for out in outs)
            error = (one - other).square().mean().sqrt() / one.square().mean().sqrt()
            print(f"bfloat16 against float32: {100 * error:.2f} % of the output's level (RMS)")


if __name__ == "__main__":
    main()
