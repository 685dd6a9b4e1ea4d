"""What every patch shows: the help, and the examples."""

from __future__ import annotations

from tools.patches.contents import buffers, help_max, help_pd, overview, panel
from tools.patches.contents.examples import EXAMPLES

__all__ = ["CONTENTS"]

# folder, name, and what writes its pages
CONTENTS = (
    ("help", "sideman~", help_max),
    ("help", "sideman~", help_pd),
    ("extras", "Sideman Overview", overview),
    ("patchers", "sideman.panel", panel),
    *(("examples", example.name, example) for example in (*EXAMPLES, buffers)),
)
