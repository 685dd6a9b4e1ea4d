"""What the Extras menu opens: a door to the help and to every example."""

from __future__ import annotations

from tools.patches.contents import buffers
from tools.patches.contents.examples import EXAMPLES
from tools.patches.contents.rows import says
from tools.patches.max_file import MaxPage

__all__ = ["max_page"]


def max_page() -> MaxPage:
    page = MaxPage("Sideman Overview")
    says(page, "Sideman: an accompanist that hears the music and plays a part that fits it.")
    says(page, "First time here? Open the help; its first page sounds after two clicks.", 45)
    opener = page.obj("pcontrol", 40, 630)
    doors = [("sideman~.maxhelp", "every message, attribute and question")]
    doors += [(f"{example.name}.maxpat", example.title[0]) for example in (*EXAMPLES, buffers)]
    for number, (file, meaning) in enumerate(doors):
        y = 100 + 52 * number
        page.cord(page.msg(f"load {file}", 40, y), opener)
        page.text(meaning, 290, y, 540)
    return page
