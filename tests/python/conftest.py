"""Makes tests/support importable, keeps small tensors on one thread, and one's own models out; no
example that hypothesis draws has to be done by a time: machines are busy."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import torch
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
torch.set_num_threads(1)
os.environ["SIDEMAN_MODELS"] = os.devnull  # whoever tests here may have models of their own
settings.register_profile("sideman", deadline=None)
settings.load_profile("sideman")
