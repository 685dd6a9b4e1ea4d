"""Checkpoints that torch wrote elsewhere: their tensors, with nothing in them run.

A file of torch.save is a zip archive: `data.pkl` describes the objects, `data/N` are the storages,
stored as they are. The description is read by `foreign_pickle`; tensors are views on the mapped file.
"""

from __future__ import annotations

import math
import mmap
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from sideman.errors import ModelError
from sideman.models.foreign_pickle import Made, Name, Persistent, read_pickle

__all__ = ["ForeignCheckpoint", "plain"]

MOST_DESCRIPTION = 256 << 20  # bytes of data.pkl; the published ones have a few million
MOST_AXES = 8
MOST_NUMBER = 1 << 48  # of a shape, a stride or an offset
LOCAL_HEADER = 30
TYPES = {
    "FloatStorage": torch.float32, "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16, "DoubleStorage": torch.float64,
}  # fmt: skip


@dataclass(frozen=True)
class _Storage:
    """Where a storage lies in the file: its type, first byte and count of elements."""

    dtype: torch.dtype
    begin: int
    count: int


class ForeignCheckpoint:
    """`root`: the described value. Raises ModelError with the reason for what is no such file."""

    def __init__(self, path: Path):
        self.path = path
        try:
            with open(path, "rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
                archive = zipfile.ZipFile(file)
                self._entries = {entry.filename: entry for entry in archive.infolist()}
                self._folder, description = self._description(archive)
        except (
            OSError, ValueError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error
        ) as error:  # fmt: skip
            raise ModelError(f"it is no whole file of torch.save ({error})") from error
        self.root = read_pickle(description)

    def state_dict(self, under: str = "state_dict") -> dict[str, torch.Tensor]:
        """The tensors under this key, by name; they share memory with the mapped file."""
        root = self.root
        found = root.get(under) if isinstance(root, dict) else None
        if isinstance(found, Made) and found.maker == Name("collections", "OrderedDict"):
            found = found.items
        if not isinstance(found, dict) or not found or not all(isinstance(k, str) for k in found):
            raise ModelError(f'it holds no "{under}"; give the file that training wrote')
        return {name: self._tensor(name, value) for name, value in found.items()}

    def _description(self, archive: zipfile.ZipFile) -> tuple[str, bytes]:
        found = [name for name in self._entries if name.split("/")[1:] == ["data.pkl"]]
        if len(found) != 1:
            raise ModelError("it is a zip archive, but not one of torch.save")
        entry = self._entries[found[0]]
        if entry.file_size > MOST_DESCRIPTION:
            raise ModelError(f"its description has {entry.file_size >> 20} MiB, more than any has")
        if entry.compress_type != zipfile.ZIP_STORED:
            raise ModelError("its description is compressed, which torch.save never does")
        folder = found[0][: -len("data.pkl")]
        order = self._entries.get(folder + "byteorder")
        if order is not None and (order.file_size != 6 or archive.read(order) != b"little"):
            raise ModelError("its numbers are big endian")
        return folder, archive.read(entry)

    def _tensor(self, name: str, value: Any) -> torch.Tensor:
        if isinstance(value, Made) and value.maker == Name("torch._utils", "_rebuild_parameter"):
            value = value.arguments[0] if value.arguments else None
        rebuilt = Name("torch._utils", "_rebuild_tensor_v2")
        whole = isinstance(value, Made) and value.maker == rebuilt
        if not whole or len(value.arguments) < 4:
            raise ModelError(f"{name} is no tensor")
        reference, offset, shape, stride = value.arguments[:4]
        storage = self._storage(name, reference)
        numbers = (offset, *_ints(name, shape), *_ints(name, stride))
        sane = all(isinstance(n, int) and 0 <= n < MOST_NUMBER for n in numbers)
        if not sane or len(shape) > MOST_AXES or len(shape) != len(stride) or not all(shape):
            raise ModelError(f"{name} has no sensible shape")
        last = offset + sum((n - 1) * step for n, step in zip(shape, stride))
        if last >= storage.count or math.prod(shape) > storage.count:
            raise ModelError(f"{name} reaches beyond its storage")
        flat = torch.frombuffer(
            self._map, dtype=storage.dtype, count=storage.count, offset=storage.begin
        )
        return flat.as_strided(shape, stride, offset)

    def _storage(self, name: str, reference: Any) -> _Storage:
        words = reference.value if isinstance(reference, Persistent) else None
        if not isinstance(words, tuple) or len(words) != 5 or words[0] != "storage":
            raise ModelError(f"{name} has no storage")
        _, kind, key, _, count = words
        dtype = TYPES.get(kind.name) if isinstance(kind, Name) and kind.module == "torch" else None
        if dtype is None:
            raise ModelError(f"{name} holds numbers of another kind than floats")
        entry = self._entries.get(f"{self._folder}data/{key}") if isinstance(key, str) else None
        size = dtype.itemsize * count if isinstance(count, int) else -1
        if entry is None or entry.compress_type != zipfile.ZIP_STORED or entry.file_size != size:
            raise ModelError(f"the numbers of {name} are missing or incomplete")
        begin = self._data_of(entry)
        if begin + size > len(self._map):
            raise ModelError(f"the numbers of {name} are cut off")
        return _Storage(dtype, begin, count)

    def _data_of(self, entry: zipfile.ZipInfo) -> int:
        """Where an entry's bytes begin; the local header may be longer than the central one."""
        begin = entry.header_offset
        header = self._map[begin : begin + LOCAL_HEADER]
        if len(header) < LOCAL_HEADER or header[:4] != b"PK\3\4":
            raise ModelError("it is damaged: a header is missing")
        lengths = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
        return begin + LOCAL_HEADER + lengths


def plain(value: Any, most: int = 10_000) -> Any:
    """Settings that were pickled as objects, as dictionaries of plain values; None for the rest and
    for whatever is nested deeper than 8 or comes after `most` values."""
    left = [most]

    def walk(value: Any, depth: int) -> Any:
        left[0] -= 1
        if depth == 0 or left[0] < 0:
            return None
        if isinstance(value, Made):
            value = value.state if isinstance(value.state, Mapping) else value.items
        if isinstance(value, Mapping):
            named = ((k, v) for k, v in value.items() if isinstance(k, str) and left[0] > 0)
            return {name: walk(inner, depth - 1) for name, inner in named}
        if isinstance(value, (list, tuple)):
            return [walk(item, depth - 1) for item in value if left[0] > 0]
        if isinstance(value, (int, float)):
            return value if abs(value) < MOST_NUMBER else None
        return value if isinstance(value, str) else None

    return walk(value, 8)


def _ints(name: str, value: Any) -> tuple[int, ...]:
    if not isinstance(value, tuple):
        raise ModelError(f"{name} has no sensible shape")
    return value
