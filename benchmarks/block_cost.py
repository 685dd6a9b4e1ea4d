"""What one block costs: multiply-adds counted, and measured time, of LMDM's three systems.

    python benchmarks/block_cost.py --threads 2 --large

The uncached window, the enc-dec cache and the block-causal cache of one network play one block after
a full context, in turn in one run, so that a busy machine is busy for all of them. Medians; ratios
are to the uncached window. 192/48 and 230/10 are frames of context and block.
"""

from __future__ import annotations

import argparse
import statistics
import time
from multiprocessing import get_context

import torch

from sideman.evaluation.block_cost import SYSTEMS, Block, large, medium, multiply_adds
from sideman.models.packed import bfloat16_is_fast, pack
from sideman.models.transformer import BlockTransformer, TransformerConfig

FRAME_SECONDS = 2048 / 44100
SHAPES = ((192, 48), (230, 10))
STEPS = (1, 2, 8)


def counted(config: TransformerConfig) -> dict[str, dict[int, int]]:
    """system -> steps -> multiply-adds; nothing is computed for it."""
    with torch.device("meta"):
        block = Block.after_full_context(BlockTransformer(config))
    found = {}
    for system in SYSTEMS:
        one, two = (multiply_adds(lambda: block.play(system, n)) for n in (1, 2))
        found[system] = {steps: one + (steps - 1) * (two - one) for steps in STEPS}
    return found


def full(config: TransformerConfig, precision: str, parts: int) -> Block:
    """The block to play in so many parts at once, with the layers packed as for live playing."""
    network = BlockTransformer(config)
    pack(network, getattr(torch, precision))
    return Block.after_full_context(network, parts)


def measured(block: Block, steps: int, rounds: int) -> dict[str, float]:
    """Median seconds of a block, the systems taking turns."""
    seconds: dict[str, list[float]] = {system: [] for system in SYSTEMS}
    for turn in range(rounds + 1):
        for system in SYSTEMS:
            started = time.perf_counter()
            block.play(system, steps)
            if turn:  # the first one warms up
                seconds[system].append(time.perf_counter() - started)
    return {system: statistics.median(times) for system, times in seconds.items()}


def report(
    name: str, config: TransformerConfig, rounds: int, precision: str, threads: int, parts: int
) -> None:
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    lasts = config.block_frames * FRAME_SECONDS
    block = full(config, precision, parts)
    counts = counted(config)
    weights = sum(w.numel() for w in BlockTransformer(config).parameters())
    print(f"\n{name}: {weights / 1e6:.0f}M weights, {config.context_frames}/{config.block_frames}, "
          f"{precision}, {parts} in a batch, block of {1000 * lasts:.0f} ms")
    print("steps  system        GMAC/block  ratio   ms/batch  ratio  real-time factor")
    for steps in STEPS[:2]:
        times = measured(block, steps, rounds)
        for system in SYSTEMS:
            work = counts[system][steps]
            print(
                f"{steps:5d}  {system:12s} {work / 1e9:11.2f} {counts['window'][steps] / work:6.1f} "
                f"{1000 * times[system]:10.1f} {times['window'] / times[system]:6.1f} "
                f"{times[system] / lasts:8.2f}"
            )
    many = STEPS[2]
    for system in SYSTEMS:
        work = counts[system][many]
        print(f"{many:5d}  {system:12s} {work / 1e9:11.2f} {counts['window'][many] / work:6.1f}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--parts", type=int, default=1, help="blocks in a batch: a band of four")
    options.add_argument("--large", action="store_true", help="also the 340M network")
    options.add_argument(
        "--precision", choices=("float32", "bfloat16"),
        default="bfloat16" if bfloat16_is_fast() else "float32",
    )
    asked = options.parse_args()
    networks = {"medium": medium, **({"large": large} if asked.large else {})}
    for name, network in networks.items():
        for shape in SHAPES:
            # In a process of its own: memory that another network has left in pieces is slower.
            told = (name, network(*shape), asked.rounds, asked.precision, asked.threads, asked.parts)
            process = get_context("spawn").Process(target=report, args=told)
            process.start()
            process.join()


if __name__ == "__main__":
    main()
