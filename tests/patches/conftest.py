"""Makes tests/support importable by the names that its own files use, and keeps one's own models out."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
os.environ["SIDEMAN_MODELS"] = os.devnull
