"""The staged folder is what Max expects of a package."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree as xml

import pytest

from tools.patches import lint, max_file
from tools.patches.__main__ import ROOT


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    build = ["cmake", "--preset", "package", "-B", str(folder / "build")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    put = ["cmake", "--install", str(folder / "build"), "--prefix", str(folder)]
    subprocess.run([*put, "--component", "package"], cwd=ROOT, check=True, capture_output=True)
    return folder / "Sideman"


def test_every_file_of_it_can_be_read(staged: Path) -> None:
    kinds = {path.suffix for path in staged.rglob("*.*")}
    assert {".maxpat", ".maxhelp", ".pd", ".xml", ".json", ".md", ".wav", ".png"} <= kinds
    for path in staged.rglob("*.xml"):
        assert xml.parse(path).getroot().get("name") == path.name.removesuffix(".maxref.xml")
    for path in [*staged.rglob("*.maxpat"), *staged.rglob("*.maxhelp"), *staged.rglob("*.pd")]:
        assert lint.of_file(path) == []


def test_its_card_names_the_systems_the_version_and_a_patch_that_is_there(staged: Path) -> None:
    card = json.loads((staged / "package-info.json").read_text(encoding="utf-8"))
    assert card["name"] == staged.name
    assert (staged / "extras" / card["homepatcher"]).is_file()
    project = re.search(r"project\(sideman VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())
    assert card["version"] == project[1]
    assert f'version = "{project[1]}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_what_its_patches_open_is_in_it(staged: Path) -> None:
    names = {path.name for path in staged.rglob("*.*")}
    for path in [*staged.rglob("*.maxpat"), *staged.rglob("*.maxhelp")]:
        for page in max_file.read(path).pages():
            for box in page.boxes:
                for word in re.findall(r"[\w-]+~?\.(?:maxpat|maxhelp|flac|wav)", box.text):
                    assert word in names, f"{path.name}: {word}"


def test_no_link_leads_nowhere(staged: Path) -> None:
    pages = [*staged.rglob("*.md")]
    assert {"README.md", "first-minutes.md", "NOTICE.md"} <= {page.name for page in pages}
    for page in pages:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_no_font_colour_or_absolute_path_is_saved(staged: Path) -> None:
    for path in [*staged.rglob("*.maxpat"), *staged.rglob("*.maxhelp")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r'"(?:fontname|fontsize|\w*color)"', text), path.name
        assert not re.search(r"/Users/|/home/|[A-Z]:[/\\]", text), path.name
