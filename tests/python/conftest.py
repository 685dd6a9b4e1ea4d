"""Makes tests/support importable and keeps small tensors on one thread."""

from __future__ import annotations

import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
torch.set_num_threads(1)
