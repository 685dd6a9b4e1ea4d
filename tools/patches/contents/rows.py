"""What many pages have: a sideman~ with its print, and rows of messages with a word about each."""

from __future__ import annotations

from collections.abc import Iterable

from tools.patches.page import Page

__all__ = ["ROW", "messages", "says"]

ROW = 30


def says(page: Page, text: str, y: float = 15, x: float = 20, width: float = 800) -> None:
    """A sentence across the page."""
    page.text(text, x, y, width)


def messages(
    page: Page, target: int, rows: Iterable[tuple[str, str]], x: float, y: float, gap: float = 130
) -> float:
    """Message boxes into the first inlet of `target`, one below the other; where the next could be."""
    for text, meaning in rows:
        page.to_inlet(page.msg(text, x, y), target)
        if meaning:
            page.text(meaning, x + gap, y + 1)
        y += ROW
    return y
