"""Names that files have, and those that files may be given."""

from __future__ import annotations

import re

__all__ = ["PART_NAME", "shown"]

PART_NAME = re.compile(r"[\w-][\w .-]*")  # files are called by it


def shown(name: object) -> str:
    """A file's name as text that can be printed and written: a byte that is not UTF-8 as %E9."""
    return re.sub("[\ud800-\udfff]", lambda odd: f"%{ord(odd[0]) & 0xFF:02X}", str(name))
