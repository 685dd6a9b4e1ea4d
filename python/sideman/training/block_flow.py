"""Blocks denoised each after its own true past: what stage 1 learns, and where its flow leads."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from sideman.diffusion.losses import flow_loss, mix
from sideman.models.transformer import BlockTransformer, TransformerConfig
from sideman.training.batches import Batch

__all__ = ["aimed", "end_loss", "flow", "loss", "per_frame", "targets", "trajectory"]


def targets(config: TransformerConfig, frames: int) -> int:
    """Blocks of a sequence that one pass can train: all, or only the last."""
    return frames // config.block_frames if config.every_block else 1


def loss(
    network: BlockTransformer, batch: Batch, noise: torch.Tensor, level: torch.Tensor
) -> torch.Tensor:
    """Flow loss, mean over target frames; noise as batch.part, level [B, targets]."""
    part, noise = (aimed(network, x) for x in (batch.part, noise))
    noisy = mix(part, noise, per_frame(network, level))
    return flow_loss(flow(network, batch, noisy, level), part, noise).mean()


def flow(
    network: BlockTransformer, batch: Batch, noisy: torch.Tensor, level: torch.Tensor
) -> torch.Tensor:
    """v of the target frames, [B, D, targets o] as `noisy`; level [B, targets]."""
    if network.config.every_block:
        return network(batch.shown, batch.known, noisy, level, batch.conditions)
    block = network.config.block_frames
    batch = batch.cut(slice(-(network.config.context_frames + block), None))  # no more than live
    shown, known = batch.shown[..., :-block], batch.known[:, :-block]
    return network.window(shown, known, noisy, level[:, 0], batch.conditions)


@torch.no_grad()
def trajectory(
    network: BlockTransformer, batch: Batch, noise: torch.Tensor, times: Sequence[float]
) -> torch.Tensor:
    """x of the target frames at each of `times`, by Euler steps from the noise: [times, B, D, n]."""
    x = aimed(network, noise)
    blocks = targets(network.config, batch.part.shape[-1])
    xs = [x]
    for t, following in zip(times, times[1:]):
        level = torch.full((len(x), blocks), t, device=x.device)
        x = x + (following - t) * flow(network, batch, x, level)
        xs.append(x)
    return torch.stack(xs)


def end_loss(
    network: BlockTransformer,
    batch: Batch,
    path: torch.Tensor,
    times: Sequence[float],
    chance: torch.Generator,
) -> torch.Tensor:
    """Squared error of one step to the end of a trajectory, in v, each block from a time of its own
    (the regression of an ODE warm-up; LMDM, arXiv 2605.22717)."""
    blocks = targets(network.config, batch.part.shape[-1])
    drawn = torch.randint(len(times) - 1, (path.shape[1], blocks), generator=chance)
    level = torch.tensor(times, dtype=path.dtype)[drawn].to(path.device)
    index = per_frame(network, drawn).expand(path.shape[1:]).to(path.device)
    x = path.gather(0, index[None])[0]
    missed = per_frame(network, level) * flow(network, batch, x, level) - (x - path[-1])
    return (missed / per_frame(network, level)).square().mean()


def aimed(network: BlockTransformer, x: torch.Tensor) -> torch.Tensor:
    """The target frames of [B, D, n]."""
    return x if network.config.every_block else x[..., -network.config.block_frames :]


def per_frame(network: BlockTransformer, per_block: torch.Tensor) -> torch.Tensor:
    """[B, targets] -> [B, 1, targets o], as the target frames."""
    return per_block.repeat_interleave(network.config.block_frames, 1)[:, None]
