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
    """The command that the words lead to: a leaf, or a group that does something by itself. Raises
    KeyError for a word that a group does not have, and for a group that wants one more."""
    command: Any = COMMAND
    for word in words:
        if word.startswith("-") or not hasattr(command, "commands"):
            break
        command = command.commands[word]
    if not getattr(command, "invoke_without_command", True):
        raise KeyError(f"which {command.name}?")
    return command


def is_told_as_a_group(words: list[str], rest: str) -> bool:
    """`sideman train`, named without a verb of its own."""
    return len(words) == 1 and not rest and hasattr(COMMAND.commands[words[0]], "commands")


def alternatives(span: str) -> list[list[str]]:
    """`train window | distill` is two commands."""
    first, *others = (part.split() for part in span.split(" | "))
    return [first, *(first[: -len(other)] + other for other in others)]


def pages() -> list[Path]:
    return sorted({page for pattern in TEXTS if ".md" in pattern for page in ROOT.glob(pattern)})


def lines_to_copy() -> Iterator[tuple[str, str]]:
    """(file, line) of every block of commands in a page of Markdown."""
    for page in pages():
        blocks = page.read_text(encoding="utf-8").split("```")[1::2]
        for line in (line.strip() for block in blocks for line in block.splitlines()[1:]):
            if line.startswith(("sideman ", "make ", "pip ", "torchrun ", "python3", "cmake ")):
                yield str(page.relative_to(ROOT)), line


def spans() -> Iterator[tuple[str, str]]:
    """(file, what follows `sideman`) of every command within a line of a page of Markdown."""
    for page in pages():
        for span in re.findall(r"`sideman ([^`\n]+)`", page.read_text(encoding="utf-8")):
            yield str(page.relative_to(ROOT)), span


def test_texts_tell_commands():
    assert len(list(typed())) > 50
    assert len(list(spans())) > 20


@pytest.mark.parametrize("file, words, rest", [pytest.param(*one, id=f"{one[0]}-{i}") for i, one in enumerate(typed())])
def test_every_option_that_is_told_is_there(file, words, rest):
    if is_told_as_a_group(words, rest):
        return
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
        for words in re.findall(r"(?:^|-- )sideman (.*)", line):
            assert resolved(words.split()), f"{file}: {line}"


@pytest.mark.parametrize("file, span", list(spans()), ids=lambda text: text.replace("/", " "))
def test_a_command_within_a_line_is_one_or_a_group_of_them(file, span):
    for words in alternatives(span):
        assert is_told_as_a_group(words[:1], " ".join(words[1:])) or resolved(words), file


@pytest.mark.parametrize("words", ["sing", "train", "train choir", "evaluate dancers", "max"])
def test_what_is_no_command_is_found(words):
    with pytest.raises(KeyError):
        resolved(words.split())
