"""Everything a performance remembers, as one value: copy it, save it, compare it, go back to it.

The state also holds the codec's own states, whatever dataclasses of tensors and numbers those are;
saving walks through them by field, so no codec has to know about files.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from sideman.errors import ModelError
from sideman.models.kv_cache import KVCache
from sideman.streaming.memory import Memory

__all__ = ["SessionState"]


@dataclass(frozen=True)
class SessionState:
    """What the next hop depends on, for P parts.

    cache: frames that are settled; its rows are the parts, once per branch of guidance. memory: the
    newest frames, of which the last `open_frames` are not in the cache. dominant: the tags that the
    memory is told. playing: whether the last hop sounded. silent: hops without music in a row.
    own [P, samples of the reaction, at least a hop]: what was played from the start of the next hop
    on. sketched [1, D, 1]: the last frame of the sketch heard; unsketched: hops since it sounded;
    delays: whether that was the music, as in mode delay, and not the second inlet; encoder,
    sketch_encoder, decoder: the codec's states for 1, 1 and P streams; tracker: what is heard of
    the beat. feedback, echo: as the last hop had them (echo: its share of the music as it was
    heard), None before the first.
    """

    seed: int
    next_hop: int
    cache: KVCache
    memory: Memory
    open_frames: int
    dominant: str
    playing: bool
    silent: int
    own: torch.Tensor
    sketched: torch.Tensor
    unsketched: int
    delays: bool
    encoder: Any
    sketch_encoder: Any
    decoder: Any
    tracker: Any
    feedback: float | None
    echo: float | None

    def clone(self) -> SessionState:
        """An equal state that shares no memory with this one."""
        return _map(self, lambda _, leaf: leaf.clone() if torch.is_tensor(leaf) else leaf)

    def same_as(self, other: SessionState) -> bool:
        """Whether every tensor and number is equal, bit for bit."""
        mine, theirs = dict(_leaves(self)), dict(_leaves(other))
        return mine.keys() == theirs.keys() and all(
            _equal(leaf, theirs[name]) for name, leaf in mine.items()
        )

    def save(self, path: str | Path, owner: Mapping[str, Any]) -> None:
        """Write the state to one safetensors file; owner: what its session is (Session.facts)."""
        leaves = dict(_leaves(self))
        tensors = {k: v.contiguous().clone() for k, v in leaves.items() if torch.is_tensor(v)}
        numbers = {k: v for k, v in leaves.items() if not torch.is_tensor(v)}
        save_file(tensors, str(path), metadata={"numbers": json.dumps(numbers), "owner": json.dumps(owner)})

    @staticmethod
    def load(
        path: str | Path, like: SessionState, owner: Mapping[str, Any]
    ) -> SessionState:
        """Read a saved state; `like` is any state of the same session, for instance a fresh one.

        Raises ModelError when the file is damaged or belongs to a session of another model, other parts,
        or another hop or lead, and where what it holds is not of the kinds and shapes of `like`.
        """
        try:
            with safe_open(str(path), framework="pt") as file:
                found: dict[str, Any] = {key: file.get_tensor(key) for key in file.keys()}
                told = file.metadata() or {}
                found.update(json.loads(told["numbers"]))
                theirs = dict(json.loads(told["owner"]))
        except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
            raise ModelError(f"cannot read state {path}: {error}; start anew") from error
        for name, mine in json.loads(json.dumps(owner)).items():
            if theirs.get(name) != mine:
                raise ModelError(
                    f"cannot use state {path}: its {name} is {theirs.get(name)}, that of this session {mine}; "
                    "start anew"
                )
        wrong = _misfit(dict(_leaves(like)), found)
        if wrong is not None:
            raise ModelError(f"cannot use state {path}: {wrong} does not fit; start anew")

        def read(name: str, leaf: Any) -> Any:
            return found[name].to(leaf) if torch.is_tensor(leaf) else found[name]

        return _map(like, read)


def _leaves(value: Any, name: str = "state") -> Iterator[tuple[str, Any]]:
    if is_dataclass(value):
        for field in fields(value):
            yield from _leaves(getattr(value, field.name), f"{name}.{field.name}")
    elif isinstance(value, (tuple, list)):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{name}.{index}")
    else:
        yield name, value


def _misfit(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> str | None:
    """The first leaf that cannot be of the same session, if any."""
    if wanted.keys() != found.keys():
        return min(wanted.keys() ^ found.keys())
    wrong = [name for name, leaf in wanted.items() if not _fits(name, leaf, found[name])]
    if wrong:
        return wrong[0]
    frames = found["state.memory.known"].shape[-1]
    for name, leaf in found.items():
        if name.startswith("state.memory.") and leaf.shape[-1] != frames:
            return name
    keys, values = found["state.cache.keys"], found["state.cache.values"]
    return None if keys.shape == values.shape else "state.cache.values"


def _fits(name: str, leaf: Any, found: Any) -> bool:
    """Whether what was found is of the kind of a leaf, and of its shape as far as that is fixed."""
    if not torch.is_tensor(leaf):
        if name in ("state.feedback", "state.echo"):  # none before the first hop
            return found is None or type(found) in (int, float)
        return type(found) is type(leaf) or (type(leaf) is float and type(found) is int)
    if not torch.is_tensor(found) or found.dim() != leaf.dim():
        return False
    if found.is_floating_point() != leaf.is_floating_point():
        return False
    fixed = slice(None)
    if name.startswith("state.memory."):  # frames come and go
        fixed = slice(-1)
    elif name in ("state.cache.keys", "state.cache.values"):  # and rows with the guidance
        fixed = slice(None, None, 2)
    return found.shape[fixed] == leaf.shape[fixed]


def _map(value: Any, change: Callable[[str, Any], Any], name: str = "state") -> Any:
    if is_dataclass(value):
        changed = {
            field.name: _map(getattr(value, field.name), change, f"{name}.{field.name}")
            for field in fields(value)
        }
        return type(value)(**changed)
    if isinstance(value, (tuple, list)):
        items = (_map(item, change, f"{name}.{index}") for index, item in enumerate(value))
        return type(value)(items)
    return change(name, value)


def _equal(one: Any, other: Any) -> bool:
    if torch.is_tensor(one) and torch.is_tensor(other):
        return torch.equal(one, other)
    return type(one) is type(other) and one == other
