"""The package comes into Max's folder whole, and out again; nothing of others is touched."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sideman.cli.main import app
from sideman.errors import DataError, SettingsError
from sideman.package.packages import install, lacking, packages_folders, set_aside_in, uninstall


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    return package(tmp_path / "staged é" / "Sideman", "Sideman", "one")


def package(folder: Path, name: str, text: str) -> Path:
    (folder / "help").mkdir(parents=True)
    (folder / "help" / "it.maxhelp").write_text(text)
    (folder / "package-info.json").write_text(json.dumps({"name": name}))
    return folder


@pytest.fixture
def by_hand(staged: Path, tmp_path: Path) -> Path:
    """The package as somebody copied it, and then worked in it."""
    target = Path(shutil.copytree(staged, tmp_path / "Packages" / "Sideman"))
    (target / "mine.maxpat").write_text("my patch")
    (target / "help" / "it.maxhelp").write_text("one, with notes")
    (target / "help" / "more.maxhelp").write_text("one more")
    (staged / "help" / "more.maxhelp").write_text("one more")
    return target


def kept(target: Path) -> dict[str, str]:
    """What lies in `Sideman (yours)`, links by where they lead."""
    yours = set_aside_in(target)
    return {
        path.relative_to(yours).as_posix():
            f"-> {os.readlink(path)}" if path.is_symlink() else path.read_text()
        for path in yours.rglob("*") if path.is_symlink() or path.is_file()
    }


def test_every_max_that_was_started_here_is_found_the_newest_first(tmp_path):
    assert packages_folders(tmp_path) == []
    for version in ("Max 8", "Max 9", "Max 7"):
        (tmp_path / "Documents" / version).mkdir(parents=True)
    names = [folder.parent.name for folder in packages_folders(tmp_path)]
    assert names == ["Max 9", "Max 8"]


def test_documents_may_lie_in_onedrive(tmp_path, monkeypatch):
    monkeypatch.setenv("OneDrive", str(tmp_path / "OneDrive"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    (tmp_path / "OneDrive" / "Documents" / "Max 9").mkdir(parents=True)
    assert packages_folders() == [tmp_path / "OneDrive" / "Documents" / "Max 9" / "Packages"]


def test_it_is_copied_whole_and_replaced_whole(staged, tmp_path):
    folders = [tmp_path / "Max 8" / "Packages", tmp_path / "Max 9" / "Packages"]
    for folder in folders:
        folder.parent.mkdir()
    for target in install(staged, folders):
        assert (target / "help" / "it.maxhelp").read_text() == "one"
        (target / "help" / "it.maxhelp").write_text("one, with notes")
        (target / "mine.maxpat").write_text("my patch")
    (staged / "help" / "it.maxhelp").write_text("two")
    for target in install(staged, folders):
        assert (target / "help" / "it.maxhelp").read_text() == "two"
        assert not (target / "mine.maxpat").exists()
        assert [p.name for p in target.parent.iterdir()] == ["Sideman"]
        yours = target.parent.parent / "Sideman (yours)"
        assert (yours / "mine.maxpat").read_text() == "my patch"
        assert (yours / "help" / "it.maxhelp").read_text() == "one, with notes"
        assert not (yours / "package-info.json").exists(), "what is ours is not kept"


def test_what_the_user_saved_in_it_is_kept_when_it_is_taken_out(staged, tmp_path):
    (tmp_path / "Max 9").mkdir()
    (target,) = install(staged, [tmp_path / "Max 9" / "Packages"])
    (target / "mine.maxpat").write_text("my patch")
    uninstall([target.parent])
    assert not target.exists()
    assert (tmp_path / "Max 9" / "Sideman (yours)" / "mine.maxpat").read_text() == "my patch"


MINE = {"mine.maxpat": "my patch", "help/it.maxhelp": "one, with notes"}


@pytest.mark.parametrize("link", [False, True])
def test_of_a_package_copied_by_hand_all_that_the_new_one_has_not_is_kept(staged, by_hand, link):
    assert install(staged, [by_hand.parent], link=link) == [by_hand]
    assert (by_hand / "help" / "it.maxhelp").read_text() == "one"
    assert kept(by_hand) == MINE, "what is the same in the new one is not kept"


def test_a_package_copied_by_hand_is_taken_out_with_nothing_lost(staged, by_hand):
    assert uninstall([by_hand.parent]) == [by_hand]
    assert not by_hand.exists()
    known = {"help/more.maxhelp": "one more", "package-info.json": '{"name": "Sideman"}'}
    assert kept(by_hand) == MINE | known, "nothing says what of it is ours"


def test_beside_the_package_that_it_was_copied_from_only_what_differs_is_kept(staged, by_hand):
    uninstall([by_hand.parent], staged)
    assert not by_hand.exists() and kept(by_hand) == MINE


def test_a_package_does_not_tell_of_itself_that_nothing_in_it_is_the_users(by_hand):
    uninstall([by_hand.parent], by_hand)
    assert kept(by_hand)["mine.maxpat"] == "my patch"


@pytest.mark.parametrize("again", [True, False], ids=["install", "uninstall"])
def test_a_killed_install_over_a_copy_by_hand_loses_nothing_either(staged, by_hand, again):
    shutil.copytree(by_hand, by_hand.with_name(".Sideman.before"))
    shutil.rmtree(by_hand)
    package(by_hand, "Sideman", "one")
    if again:
        install(staged, [by_hand.parent])
    else:
        uninstall([by_hand.parent], staged)
    assert MINE.items() <= kept(by_hand).items()
    assert [path.name for path in by_hand.parent.iterdir()] == (["Sideman"] if again else [])


@pytest.mark.parametrize("told", ["[]", "no JSON"])
def test_a_list_that_cannot_be_read_is_none(staged, by_hand, told):
    (by_hand / ".files.json").write_text(told)
    install(staged, [by_hand.parent])
    assert kept(by_hand) == MINE


@pytest.mark.skipif(sys.platform == "win32", reason="links need the developer mode")
@pytest.mark.parametrize("listed", [True, False])
def test_a_link_of_the_users_stays_a_link(staged, tmp_path, listed):
    (tmp_path / "patches").mkdir()
    (tmp_path / "patches" / "song.maxpat").write_text("my song")
    if listed:
        (target,) = install(staged, [tmp_path / "Packages"])
    else:
        target = Path(shutil.copytree(staged, tmp_path / "Packages" / "Sideman"))
    links = {"mine": tmp_path / "patches", "one.maxpat": tmp_path / "patches" / "song.maxpat",
             "lost": tmp_path / "away"}  # fmt: skip
    for _ in range(2):  # what was kept before is known again
        for name, leads in links.items():
            (target / name).symlink_to(leads)
        install(staged, [target.parent])
    assert kept(target) == {name: f"-> {leads}" for name, leads in links.items()}
    assert (tmp_path / "patches" / "song.maxpat").read_text() == "my song"


@pytest.mark.parametrize(("system", "there", "says"), [
    ("darwin", ["sideman~.mxo"], ""),
    ("darwin", ["sideman~.mxe64"], "has no sideman~.mxo, which Max loads here, only"),
    ("win32", ["sideman~.mxe64", "sideman~.mxo"], ""),
    ("win32", ["sideman~.mxo"], "has no sideman~.mxe64"),
    ("linux", ["sideman~.mxo"], ""),
    ("linux", [], "has no externals: it was staged without the Max SDK"),
    ("darwin", ["other.mxo"], "has no externals"),
])  # fmt: skip
def test_the_external_of_another_system_is_not_taken_for_this_ones(
    tmp_path, monkeypatch, system, there, says
):
    (tmp_path / "externals").mkdir()
    for name in there:
        (tmp_path / "externals" / name).touch()
    monkeypatch.setattr(sys, "platform", system)
    assert lacking(tmp_path).startswith(says) and bool(lacking(tmp_path)) == bool(says)


def test_a_link_follows_what_is_built_and_is_removed_without_it(staged, tmp_path):
    (target,) = install(staged, [tmp_path / "Packages"], link=True)
    (staged / "help" / "it.maxhelp").write_text("built again")
    assert (target / "help" / "it.maxhelp").read_text() == "built again"
    assert uninstall([tmp_path / "Packages"]) == [target]
    assert not target.exists() and (staged / "help").is_dir()


@pytest.mark.parametrize("link", [False, True])
def test_a_package_that_lies_there_already_is_left_alone(tmp_path, link):
    there = package(tmp_path / "Packages" / "Sideman", "Sideman", "one")
    with pytest.raises(DataError, match="is installed already"):
        install(there, [tmp_path / "Packages"], link=link)
    assert (there / "help" / "it.maxhelp").read_text() == "one"


def test_a_package_that_is_in_use_stays_whole(staged, tmp_path, monkeypatch):
    (target,) = install(staged, [tmp_path / "Packages"])

    def held(path, to):
        raise PermissionError(13, "is being used by another process", str(path))

    monkeypatch.setattr(Path, "rename", held)
    with pytest.raises(DataError, match="quit Max"):
        install(staged, [tmp_path / "Packages"])
    assert (target / "help" / "it.maxhelp").read_text() == "one"
    assert [path.name for path in target.parent.iterdir()] == ["Sideman"]


def test_where_the_new_one_cannot_take_its_place_the_old_one_is_back(staged, tmp_path, monkeypatch):
    (target,) = install(staged, [tmp_path / "Packages"])
    (target / "mine.maxpat").write_text("my patch")
    rename = Path.rename

    def held(path, to):
        if path.name == ".Sideman.partial":
            raise PermissionError(13, "is being used by another process", str(path))
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", held)
    with pytest.raises(DataError, match="quit Max"):
        install(staged, [tmp_path / "Packages"])
    assert (target / "mine.maxpat").read_text() == "my patch"
    assert [path.name for path in target.parent.iterdir()] == ["Sideman"]


@pytest.mark.parametrize("replaced", [False, True])
@pytest.mark.parametrize("again", [True, False], ids=["install", "uninstall"])
def test_an_install_that_was_killed_loses_nothing_of_the_users(staged, tmp_path, replaced, again):
    """Before the new one had taken its place, or after."""
    (target,) = install(staged, [tmp_path / "Packages"])
    (target / "mine.maxpat").write_text("my patch")
    target.rename(target.with_name(".Sideman.before"))
    if replaced:
        package(target, "Sideman", "one")
    if again:
        install(staged, [target.parent])
    else:
        assert uninstall([target.parent]) == [target]
    assert [path.name for path in target.parent.iterdir()] == (["Sideman"] if again else [])
    assert (tmp_path / "Sideman (yours)" / "mine.maxpat").read_text() == "my patch"


def test_a_package_in_use_is_taken_out_whole_or_not_at_all(staged, tmp_path, monkeypatch):
    (target,) = install(staged, [tmp_path / "Packages"])
    (target / "mine.maxpat").write_text("my patch")

    def held(path, *to, **how):
        raise PermissionError(13, "is being used by another process", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", held)
        with pytest.raises(DataError, match="cannot remove .*; quit Max, which may be using it"):
            uninstall([target.parent])
    assert (target / "help" / "it.maxhelp").read_text() == "one"
    assert (target / "mine.maxpat").read_text() == "my patch"
    with monkeypatch.context() as patched:
        patched.setattr("shutil.rmtree", held)
        with pytest.raises(DataError, match="cannot remove all of .*; quit Max, and try again"):
            uninstall([target.parent])
    assert not target.exists(), "Max has nothing to load half of"
    assert uninstall([target.parent]) == []
    assert not list(target.parent.iterdir())


@pytest.mark.parametrize("again", [True, False], ids=["install", "uninstall"])
def test_an_uninstall_that_was_killed_is_ended_by_the_next_one_and_loses_nothing(
    staged, tmp_path, monkeypatch, again
):
    (target,) = install(staged, [tmp_path / "Packages"])
    (target / "mine.maxpat").write_text("my patch")

    def killed(path, *_, **__):
        (path / "package-info.json").unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("shutil.rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            uninstall([target.parent])
    if again:
        install(staged, [target.parent])
    else:
        assert uninstall([target.parent]) == []
    assert [path.name for path in target.parent.iterdir()] == (["Sideman"] if again else [])
    assert (tmp_path / "Sideman (yours)" / "mine.maxpat").read_text() == "my patch"


def test_what_was_kept_before_is_not_replaced_by_what_is_kept_now(staged, tmp_path):
    for text in ("one", "two", "two", "three"):
        (target,) = install(staged, [tmp_path / "Packages"])
        (target / "mine.maxpat").write_text(text)
    uninstall([tmp_path / "Packages"])
    kept = {path.name: path.read_text() for path in (tmp_path / "Sideman (yours)").iterdir()}
    assert kept == {"mine.maxpat": "one", "mine 2.maxpat": "two", "mine 3.maxpat": "three"}


def test_what_cannot_be_kept_is_not_removed(staged, tmp_path):
    (target,) = install(staged, [tmp_path / "Packages"])
    (target / "mine.maxpat").write_text("my patch")
    (tmp_path / "Sideman (yours)").write_text("a file where the folder should be")
    with pytest.raises(DataError, match="cannot keep your mine.maxpat"):
        uninstall([tmp_path / "Packages"])
    assert (target / "mine.maxpat").read_text() == "my patch"
    with pytest.raises(DataError, match="cannot keep your mine.maxpat"):
        install(staged, [tmp_path / "Packages"])
    (tmp_path / "Sideman (yours)").unlink()
    install(staged, [tmp_path / "Packages"])
    assert (tmp_path / "Sideman (yours)" / "mine.maxpat").read_text() == "my patch"


def test_what_is_not_ours_stays(staged, tmp_path):
    foreign = package(tmp_path / "Packages" / "Sideman", "Other", "theirs")
    with pytest.raises(DataError, match="is the package Other"):
        install(staged, [tmp_path / "Packages"])
    with pytest.raises(DataError, match="is the package Other"):
        uninstall([tmp_path / "Packages"])
    assert (foreign / "help" / "it.maxhelp").read_text() == "theirs"
    with pytest.raises(DataError, match="no Max package"):
        install(tmp_path, [tmp_path / "Packages"])


def test_what_was_never_staged_and_a_place_that_is_not_there_are_refused(staged, tmp_path):
    with pytest.raises(SettingsError, match="no folder .*typo"):
        install(staged, [tmp_path / "typo" / "Packages"])
    assert not (tmp_path / "typo").exists()
    (staged / "help" / "it.maxhelp").unlink()
    (staged / "help").rmdir()
    with pytest.raises(DataError, match="is not staged"):
        install(staged, [tmp_path / "Packages"])


def test_where_there_is_no_max_one_line_says_so(staged):
    with pytest.raises(SettingsError, match="start Max once, or name its Packages folder"):
        install(staged, [])
    assert uninstall([]) == []


def test_the_command_says_where_it_lies_and_what_is_missing(staged, tmp_path):
    packages = tmp_path / "Packages"
    run = CliRunner().invoke(app, ["max", "install", str(staged), "--packages", str(packages)])
    assert run.exit_code == 0
    assert str(packages / "Sideman") in run.output.replace("\n", "")
    assert "no externals" in run.output
    run = CliRunner().invoke(app, ["max", "uninstall", "--packages", str(packages)])
    assert "removed" in run.output
    run = CliRunner().invoke(app, ["max", "uninstall", "--packages", str(packages)])
    assert "nothing to remove" in run.output


def test_the_command_that_takes_out_a_copy_by_hand_compares_it_with_what_is_at_hand(
    staged, by_hand, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    again = Path(shutil.copytree(by_hand, tmp_path / "other" / "Packages" / "Sideman"))
    words = ["max", "uninstall", "--packages"]
    run = CliRunner().invoke(app, [*words, str(by_hand.parent), str(staged)])
    assert run.exit_code == 0 and kept(by_hand) == MINE
    shutil.copytree(staged, tmp_path / "build" / "package" / "Sideman")
    run = CliRunner().invoke(app, [*words, str(again.parent)])
    assert run.exit_code == 0 and kept(again) == MINE
