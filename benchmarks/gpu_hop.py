"""How long a hop of a large model takes on a GPU: the block-causal pass in bfloat16.

    python benchmarks/gpu_hop.py [--rounds 200]

One hop is a block of 4 frames (186 ms) after a full context: K steps of the `base` network for 1, 4
or 16 rows (parts times branches of guidance), without codec and transport. Each row says how long
the host waits for it: as launched by PyTorch, and replayed from one CUDA graph.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import torch

from sideman.evaluation.block_cost import Block
from sideman.models.codec import Codec
from sideman.models.packed import pack
from sideman.models.transformer import BlockTransformer
from sideman.training.model import preset

STEPS = (1, 2, 4)
ROWS = (1, 4, 16)


def graph_of(run: Callable[[], torch.Tensor]) -> Callable[[], None]:
    """The same work as one launch, on the memory it has now."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            run()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        run()
    return graph.replay


def waits(run: Callable[[], object], rounds: int) -> list[float]:
    """Sorted milliseconds until the result is there."""
    found = []
    for turn in range(rounds + 10):
        torch.cuda.synchronize()
        started = time.perf_counter()
        run()
        torch.cuda.synchronize()
        if turn >= 10:  # the first ones warm up
            found.append(1000 * (time.perf_counter() - started))
    return sorted(found)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--rounds", type=int, default=200)
    rounds = options.parse_args().rounds
    if not torch.cuda.is_available():
        raise SystemExit("gpu_hop needs a CUDA device, and torch finds none; nothing was measured")
    torch.manual_seed(0)
    network = BlockTransformer(preset("base", Codec()).network).cuda().eval()
    weights = sum(weight.numel() for weight in network.parameters())
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}, {weights / 1e6:.0f}M weights")
    pack(network)
    print("steps  rows   launched p50   p99 ms     graph p50   p99 ms")
    for steps in STEPS:
        for rows in ROWS:
            block = Block.after_full_context(network, rows)
            figures = []
            with torch.no_grad():
                for run in (lambda: block.play("block_causal", steps), None):
                    run = run or graph_of(lambda: block.play("block_causal", steps))
                    times = waits(run, rounds)
                    figures += [times[len(times) // 2], times[int(len(times) * 0.99)]]
            print(f"{steps:5d} {rows:5d} {figures[0]:14.2f} {figures[1]:8.2f} "
                  f"{figures[2]:13.2f} {figures[3]:8.2f}")


if __name__ == "__main__":
    main()
