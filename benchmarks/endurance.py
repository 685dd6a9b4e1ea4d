"""Whether a long performance costs more as it goes on: time and memory over many hops.

    python benchmarks/endurance.py --hops 2000

The live Session of a model plays to noise with the beat tracked. Prints medians of the hop time and
the resident memory by quarters, after a warm-up of 50 hops, and draws build/endurance.png.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import numpy as np
import torch

from sideman.models.checkpoint import load_model
from sideman.streaming.controls import Controls, Slot, usual_controls
from sideman.streaming.session import Session

WARM_UP = 50


def resident_mb() -> float:
    """Resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def play(session: Session, controls: Controls, hops: int) -> tuple[np.ndarray, np.ndarray]:
    """Milliseconds and resident megabytes of every hop."""
    rng = np.random.default_rng(0)
    state, spent, memory = session.start(), [], []
    for hop in range(WARM_UP + hops):
        heard = 0.1 * rng.standard_normal(session.hop_samples).astype(np.float32)
        started = time.perf_counter()
        _, state = session.step(state, heard, Slot(hop), controls)
        spent.append(1000 * (time.perf_counter() - started))
        memory.append(resident_mb())
    return np.array(spent[WARM_UP:]), np.array(memory[WARM_UP:])


def draw(path: Path, spent: np.ndarray, memory: np.ndarray) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 5), layout="constrained")
    FigureCanvasAgg(figure)
    times, sizes = figure.subplots(2, 1, sharex=True)
    times.plot(spent, ".", markersize=2)
    times.set_ylabel("ms per hop")
    times.set_ylim(0, np.percentile(spent, 99.5) * 1.5)
    sizes.plot(memory)
    sizes.set_ylabel("resident MB")
    sizes.set_ylim(0, memory.max() * 1.2)
    sizes.set_xlabel("hop")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--model", default="mini")
    options.add_argument("--hops", type=int, default=2000)
    options.add_argument("--steps", type=int, default=None)
    options.add_argument("--out", type=Path, default=Path("build/endurance.png"))
    asked = options.parse_args()
    torch.set_num_threads(1)
    model = load_model(asked.model)
    spec = model.spec
    session = Session(model, spec.parts[:1], spec.hop_frames, spec.lead_frames)
    controls = usual_controls(spec, steps=asked.steps or spec.steps, track=True)
    spent, memory = play(session, controls, asked.hops)
    print("quarter  ms p50   p95   max  resident MB")
    for number, (times, sizes) in enumerate(
        zip(np.array_split(spent, 4), np.array_split(memory, 4), strict=True), start=1
    ):
        print(
            f"{number:7d} {np.median(times):7.1f} {np.percentile(times, 95):5.1f} "
            f"{times.max():5.1f} {sizes[-1]:12.1f}"
        )
    draw(asked.out, spent, memory)
    print(asked.out)


if __name__ == "__main__":
    main()
