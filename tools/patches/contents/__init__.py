"""What every patch shows: the help, and the examples."""

from __future__ import annotations

from tools.patches.contents import help as help_of_sideman
from tools.patches.contents import buffers, overview, panel
from tools.patches.contents.examples import EXAMPLES

__all__ = ["CONTENTS"]

# folder, name, and what writes its pages
CONTENTS = (
    ("help", "sideman~", help_of_sideman),
    ("extras", "Sideman Overview", overview),
    ("patchers", "sideman.panel", panel),
    *(("examples", example.name, example) for example in (*EXAMPLES, buffers)),
)
