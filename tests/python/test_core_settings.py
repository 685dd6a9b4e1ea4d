"""The one table of settings, seen from Python."""

from __future__ import annotations

import pytest

from sideman._core import Settings, settings_table
from sideman.errors import SettingsError

TABLE = {row["name"]: row for row in settings_table()}


def test_every_row_can_be_read_and_written_back() -> None:
    settings, again = Settings(), Settings()
    for name in TABLE:
        again.set(name, settings.get(name))
    assert settings == again


@pytest.mark.parametrize("name", TABLE)
def test_a_default_is_what_the_table_says(name: str) -> None:
    row, settings, again = TABLE[name], Settings(), Settings()
    again.set(name, row["default"])
    assert settings == again, row
    assert row["sentence"].endswith(".") and row["label"]


@pytest.mark.parametrize("name", [n for n, r in TABLE.items() if r["type"] in ("integer", "real")])
def test_a_number_out_of_range_is_refused_and_changes_nothing(name: str) -> None:
    row, settings = TABLE[name], Settings()
    for wrong in (row["minimum"] - 1, row["maximum"] + 1, "many"):
        with pytest.raises(SettingsError) as refused:
            settings.set(name, int(wrong) if isinstance(wrong, float) else wrong)
        assert name in str(refused.value) and "\n" not in str(refused.value)
    assert settings == Settings()
    for right in (row["minimum"], row["maximum"]):
        settings.set(name, int(right))
        assert settings.get(name) == right


def test_words_are_lists() -> None:
    settings = Settings()
    settings.set("parts", ["bass", "drums"])
    assert settings.get("parts") == ["bass", "drums"]
    settings.set("parts", "piano")
    assert settings.get("parts") == ["piano"]


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(SettingsError, match="loudness"):
        Settings().set("loudness", 3)
    with pytest.raises(KeyError, match="loudness"):
        Settings().get("loudness")
