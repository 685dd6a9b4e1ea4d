"""A run folder keeps a run whole: refuses other options, restores exactly, forgets what was undone."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError

from sideman.errors import DataError, SettingsError
from sideman.training.run_folder import RunFolder, restore_optimizer
from sideman.training.together import Together


def small_problem() -> tuple[torch.nn.Linear, torch.optim.AdamW]:
    torch.manual_seed(0)
    layer = torch.nn.Linear(3, 2)
    return layer, torch.optim.AdamW(layer.parameters(), lr=0.1)


def take_step(layer: torch.nn.Linear, optimizer: torch.optim.Optimizer) -> None:
    optimizer.zero_grad()
    layer(torch.ones(4, 3)).square().sum().backward()
    optimizer.step()


def test_restored_run_continues_bit_for_bit(tmp_path):
    layer, optimizer = small_problem()
    take_step(layer, optimizer)
    run = RunFolder.open(tmp_path, {"seed": 0})
    run.save(layer.state_dict(), {"step": 1}, optimizer)
    take_step(layer, optimizer)

    again, moments = small_problem()
    checkpoint = run.load()
    again.load_state_dict(checkpoint.weights)
    restore_optimizer(moments, checkpoint)
    take_step(again, moments)
    assert checkpoint.progress == {"step": 1}
    assert torch.equal(again.weight, layer.weight)
    assert torch.equal(again.bias, layer.bias)


def test_run_without_checkpoint_loads_nothing(tmp_path):
    assert RunFolder.open(tmp_path, {}).load() is None


def test_other_options_are_refused_by_name(tmp_path):
    RunFolder.open(tmp_path, {"seed": 0, "threads": 1})
    RunFolder.open(tmp_path, {"seed": 0, "threads": 2}, free=["threads"])
    with pytest.raises(SettingsError, match="seed was 0, now 1"):
        RunFolder.open(tmp_path, {"seed": 1, "threads": 2})


def test_a_run_goes_on_in_as_many_processes_as_it_began_in(tmp_path, monkeypatch):
    """In others it would see other batches in a step."""

    def opened(folder, count: int) -> RunFolder:
        monkeypatch.setattr(Together, "found", classmethod(lambda cls: cls(0, count)))
        run = RunFolder.open(tmp_path / folder, {"seed": 0}, free=["steps"])
        run.release()
        return run

    for folder, began, other in (("one", 1, 2), ("two", 2, 1), ("more", 2, 3)):
        opened(folder, began)
        assert opened(folder, began).config().get("processes", 1) == began
        differs = rf"number of processes differs \(was {began}, now {other}\); start as many, or"
        with pytest.raises(SettingsError, match=differs):
            opened(folder, other)
    assert opened("one", 1).config() == {"seed": 0}, "as in runs of when nobody asked"


def test_log_lines_after_the_checkpoint_are_forgotten(tmp_path):
    run = RunFolder.open(tmp_path, {})
    for step in (1, 2, 3):
        run.log({"step": step, "loss": 1.0 / step})
    run.save({"w": torch.zeros(1)}, {"step": 2})
    run.peek()
    assert [line["step"] for line in run.history()] == [1, 2, 3]
    run.load()
    assert [line["step"] for line in run.history()] == [1, 2]


def test_a_last_line_that_was_cut_off_is_left_out_and_taken_away_before_the_next(tmp_path):
    run = RunFolder.open(tmp_path, {})
    for step in (1, 2):
        run.log({"step": step})
    run.save({"w": torch.zeros(1)}, {"step": 2})
    with (tmp_path / "log.jsonl").open("a") as log:
        log.write('{"step": 3, "los')
    assert [line["step"] for line in run.history()] == [1, 2]
    run.load()
    run.log({"step": 3})
    assert [line["step"] for line in run.history()] == [1, 2, 3]


def test_another_line_that_cannot_be_read_is_said_by_its_number(tmp_path):
    run = RunFolder.open(tmp_path, {})
    (tmp_path / "log.jsonl").write_text('{"step": 1}\n{"st\n{"step": 3}\n')
    with pytest.raises(DataError, match="cannot read line 2 of .*log.jsonl"):
        run.history()


def test_lines_of_steps_that_no_checkpoint_has_are_forgotten(tmp_path):
    run = RunFolder.open(tmp_path, {})
    run.log({"step": 10})
    run.load()
    assert run.history() == []


def test_who_looks_at_a_killed_run_sees_no_line_after_its_checkpoint(tmp_path):
    run = RunFolder.open(tmp_path, {})
    for step in (1, 2, 3):
        run.log({"step": step})
    assert run.kept_history() == []
    run.save({"w": torch.zeros(1)}, {"step": 2})
    assert [line["step"] for line in run.kept_history()] == [1, 2]
    assert [line["step"] for line in run.history()] == [1, 2, 3], "the folder stays as it is"


def test_a_full_disk_leaves_the_checkpoint_before_and_is_one_line(tmp_path, monkeypatch):
    run = RunFolder.open(tmp_path, {})
    run.save({"w": torch.zeros(1)}, {"step": 1})

    def full(tensors, path, metadata):
        Path(path).write_bytes(b"cut off")
        raise SafetensorError("Error while serializing: I/O error: No space left on device")

    monkeypatch.setattr("sideman.training.run_folder.save_file", full)
    with pytest.raises(DataError, match="No space left on device.*run the same command again"):
        run.save({"w": torch.ones(1)}, {"step": 2})
    assert run.peek().progress["step"] == 1
    assert not list(tmp_path.glob("*.partial"))


def test_damaged_checkpoint_is_one_line_error(tmp_path):
    run = RunFolder.open(tmp_path, {})
    (tmp_path / "checkpoint.safetensors").write_bytes(b"not a checkpoint")
    with pytest.raises(DataError) as caught:
        run.load()
    assert "\n" not in str(caught.value)


def test_plot_draws_a_png(tmp_path):
    run = RunFolder.open(tmp_path, {})
    run.log({"step": 1, "loss": 2.0})
    run.log({"step": 2, "loss": 1.0})
    run.plot()
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")


def test_two_processes_do_not_train_in_one_folder(tmp_path):
    opens = (
        "import sys; from sideman.training.run_folder import RunFolder; "
        "run = RunFolder.open(sys.argv[1], {}); run.log({'step': 1}); print('open', flush=True); "
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", opens, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(SettingsError, match="another process trains there"):
            RunFolder.open(tmp_path, {})
        assert RunFolder(tmp_path).history() == [{"step": 1}], "looking is free"
        other.kill()
    run = RunFolder.open(tmp_path, {})
    again = RunFolder.open(tmp_path, {})
    assert run.history() == again.history()
    del run, again
    gc.collect()
    assert RunFolder.open(tmp_path, {}).history() == [{"step": 1}]


def test_a_folder_that_is_let_go_can_be_taken_or_removed(tmp_path):
    run = RunFolder.open(tmp_path / "run", {"a": 1})
    run.release()
    run.release()
    again = RunFolder.open(tmp_path / "run", {"a": 1})
    assert again.config() == {"a": 1}
