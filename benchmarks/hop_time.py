"""How long one hop takes: the whole Session.step of a model, by parts and steps.

    python benchmarks/hop_time.py --model mini --threads 1

Prints median and 95th percentile of wall and processor time per hop in ms. On a busy machine the
processor time is the one to compare; what a musician waits for is the wall time.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import torch

from sideman.models.checkpoint import load_model
from sideman.streaming.controls import Clock, Controls, Slot, usual_controls
from sideman.streaming.session import Session


def measure(session: Session, controls: Controls, hops: int) -> tuple[np.ndarray, np.ndarray]:
    """Wall and processor time in ms of `hops` hops after the window has filled."""
    filled = session.model.network.window_frames // session.hop_frames
    rng = np.random.default_rng(0)
    state, wall, spent = session.start(), [], []
    for hop in range(filled + hops):
        heard = 0.1 * rng.standard_normal(session.hop_samples).astype(np.float32)
        started, processor = time.perf_counter(), time.process_time()
        _, state = session.step(state, heard, Slot(hop), controls)
        wall.append(1000 * (time.perf_counter() - started))
        spent.append(1000 * (time.process_time() - processor))
    return np.array(wall[filled:]), np.array(spent[filled:])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--model", default="mini")
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--hops", type=int, default=60)
    options.add_argument("--steps", type=int, nargs="*", default=None)
    asked = options.parse_args()
    torch.set_num_threads(asked.threads)
    model = load_model(asked.model)
    spec = model.spec
    hop_ms = 1000 * spec.hop_frames * spec.frame_samples / spec.sample_rate
    print(f"{spec.name}: a hop lasts {hop_ms:.0f} ms; {asked.threads} thread(s)")
    print("parts  steps  guidance  wall p50   p95  processor p50   p95")
    for parts in (spec.parts[:1], spec.parts):
        session = Session(model, parts, spec.hop_frames, spec.lead_frames)
        for steps in asked.steps or (2, spec.steps):
            controls = usual_controls(spec, steps=steps, clock=Clock(120, 0.0))
            wall, spent = measure(session, controls, asked.hops)
            times = [np.percentile(values, q) for values in (wall, spent) for q in (50, 95)]
            print(
                f"{len(parts):5d}  {steps:5d}  {spec.guidance:8.1f}  {times[0]:8.1f} {times[1]:5.1f}"
                f"  {times[2]:13.1f} {times[3]:5.1f}"
            )


if __name__ == "__main__":
    main()
