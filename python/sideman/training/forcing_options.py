"""What a run of stage 2 is, and its presets."""

from __future__ import annotations

from dataclasses import dataclass

from sideman.data.tags import TAGS
from sideman.diffusion.schedules import SCHEDULES
from sideman.errors import DataError, SettingsError
from sideman.models.transformer import TransformerConfig
from sideman.training.batches import Withhold

__all__ = ["ForcingOptions", "forcing_preset"]


@dataclass(frozen=True)
class ForcingOptions:
    """What a run is. Either `steps` or `minutes` is set: the learning rate ends with it.

    blocks: length of a rollout; lead_in: up to so many blocks more are played before it, without
    gradient, so that it also begins from where the model gets by itself; most_steps: denoising
    steps of a block are 1 to so many, at the times of `schedule` (log_snr, as LMDM: the second of
    two at t = .88); play_schedule: the times at which it is rehearsed and played (uniform: the
    second at .5, where it keeps what the first decided; learnt at .88 and played there two steps
    are nearest, see docs/experiments.md); jump_steps: first steps: the model alone learns to jump
    to where the first stage's flow leads in `euler_steps` Euler steps, at `jump_rate` (at `rate`,
    if it goes on from an earlier run of this stage, which can jump); head_start: so many more, in
    whose first half the discriminator learns the flow loss, then its task. In the game the model
    learns at `rate`, from the judges and, with weight `match` (0: it is not asked), from the
    difference between the first stage's flow, guided on the clock by `on_beat`, and that of what it
    plays, which takes `fake_turns` steps at `fake_rate` for each of its own. Of the discriminator:
    critic_rate; exit_layer, head: as in Discriminator; contrast: weight of its contrastive loss;
    smooth: weight of the squared change of its scores under a little noise (an approximate R1 and
    R2 penalty, as optional as in LMDM). sound: weight of what a second judge, of log-mel levels,
    says of a rollout, 0: it is not asked.
    """

    network: TransformerConfig
    steps: int = 0
    minutes: float = 0.0
    batch: int = 8
    blocks: int = 12
    lead_in: int = 0
    most_steps: int = 2
    schedule: str = "log_snr"
    play_schedule: str = "uniform"
    rate: float = 5e-5
    jump_rate: float = 5e-4
    critic_rate: float = 3e-4
    jump_steps: int = 0
    head_start: int = 2000
    euler_steps: int = 8
    match: float = 60.0
    on_beat: float = 1.1
    fake_turns: int = 3
    fake_rate: float = 5e-4
    exit_layer: int = 3
    head: int = 32
    contrast: float = 3.0
    smooth: float = 0.0
    sound: float = 4.0
    warm_up: int = 20
    average: float = 0.998
    seed: int = 0
    leads: tuple[int, int] = (1, 8)
    usual_lead: int = 3
    tags: tuple[str, ...] = TAGS
    save_seconds: float = 120.0
    check_steps: int = 200
    withhold: Withhold = Withhold(past=0.25, past_block=0.2)

    def __post_init__(self) -> None:
        for name in (self.schedule, self.play_schedule):
            if name not in SCHEDULES:
                raise SettingsError(
                    f"no schedule {name!r}: schedules are {', '.join(sorted(SCHEDULES))}"
                )

    @property
    def frames(self) -> int:
        """Of a sequence that is judged: the past and a rollout."""
        return self.network.context_frames + self.blocks * self.network.block_frames

    @property
    def drawn_frames(self) -> int:
        return self.frames + self.lead_in * self.network.block_frames


def forcing_preset(name: str, network: TransformerConfig) -> ForcingOptions:
    """Named options for a network of stage 1. Raises DataError for another name."""
    if name == "tiny":
        return ForcingOptions(network, minutes=45.0, batch=16)
    if name == "mini":
        return ForcingOptions(network, minutes=180.0, exit_layer=4, batch=4)
    raise DataError(f"no preset {name!r}: presets are mini, tiny")
