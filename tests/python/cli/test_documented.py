"""What documents and patches tell to type can be typed: every verb of `sideman`, every option."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from sideman.cli.main import app

ROOT = Path(__file__).resolve().parents[3]
TEXTS = (
    "README.md", "docs/*.md", "externals/**/*.md", "tools/patches/contents/*.py", "Makefile",
    "package/*.md", "benchmarks/*.md",
)
COMMAND = typer.main.get_command(app)
TYPED = re.compile(r"\bsideman ((?:[a-z]+ ?)+)([^`\n;]*)")


def typed() -> Iterator[tuple[str, list[str], str]]:
    """(file, words after `sideman`, the rest of the line) wherever a text tells a command."""
    for pattern in TEXTS:
        for path in sorted(ROOT.glob(pattern)):
            for words, rest in TYPED.findall(path.read_text(encoding="utf-8")):
                if words.split()[0] in COMMAND.commands:
                    yield str(path.relative_to(ROOT)), words.split(), rest


def resolved(words: list[str]) -> Any:
    command: Any = COMMAND
    for word in words:
        if word not in getattr(command, "commands", {}):
            break
        command = command.commands[word]
    return command


def lines_to_copy() -> Iterator[tuple[str, str]]:
    """(file, line) of every block of commands in a page of Markdown."""
    for page in sorted({page for pattern in TEXTS if ".md" in pattern for page in ROOT.glob(pattern)}):
        blocks = page.read_text(encoding="utf-8").split("```")[1::2]
        for line in (line.strip() for block in blocks for line in block.splitlines()[1:]):
            if line.startswith(("sideman ", "make ", "pip ", "torchrun ", "python3", "cmake ")):
                yield str(page.relative_to(ROOT)), line


def test_texts_tell_commands():
    assert len(list(typed())) > 50


@pytest.mark.parametrize("file, words, rest", [pytest.param(*one, id=f"{one[0]}-{i}") for i, one in enumerate(typed())])
def test_every_option_that_is_told_is_there(file, words, rest):
    command = resolved(words)
    there = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    told = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", rest))
    assert told <= there | {"--help", "--version"}, f"{file}: sideman {' '.join(words)}{rest}"


def test_a_line_to_copy_is_a_command_and_nothing_else():
    """Not even a comment: the shell of macOS takes none where one types."""
    lines = list(lines_to_copy())
    assert len(lines) > 30
    for file, line in lines:
        assert "  " not in line and " #" not in line, f"{file}: {line}"
