"""Published checkpoints become models; whatever else is in a file is refused and nothing of it run."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import pickletools
import zipfile
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from paper import PAPER, tensors
from safetensors.torch import load_file

from sideman.errors import ModelError
from sideman.models.foreign_checkpoint import ForeignCheckpoint, plain
from sideman.models.foreign_pickle import Made, Name, read_pickle
from sideman.models.published import import_checkpoint
from sideman.models.unet import UNet
from sideman.models.window import WindowConfig

FILES = {"consistency": PAPER / "ckpt_cd_tiny.ckpt", "diffusion": PAPER / "ckpt_ldm_tiny.ckpt"}


@pytest.mark.parametrize(
    ("layout", "output"), [("consistency", "out.net"), ("diffusion", "out.ldm")]
)
@torch.no_grad()
def test_the_network_that_plays_is_imported(layout, output, tmp_path):
    folder = import_checkpoint(FILES[layout], tmp_path / "model")
    described = json.loads((folder / "model.json").read_text())
    config = WindowConfig.from_json(described["network"])
    network, weights = UNet(config.unet).eval(), load_file(str(folder / "model.safetensors"))
    network.load_state_dict({
        name.removeprefix("network.unet."): each.permute(0, 3, 1, 2) if each.dim() == 4 else each
        for name, each in weights.items()
    })
    given = tensors("ckpt_tiny_io")
    x = torch.cat((given["x"], given["mixture"]), dim=1)
    found = network(x, given["c_noise"], given["class_labels"])
    assert (found - given[output]).abs().max() < 1e-4
    others = {"out.net", "out.target", "out.teacher", "out.ema0"} - {output}
    if layout == "consistency":
        assert all((found - given[other]).abs().max() > 0.1 for other in others)
    sha256 = hashlib.sha256(FILES[layout].read_bytes()).hexdigest()
    assert described["source"] == {
        "file": FILES[layout].name, "sha256": sha256, "layout": layout,
    }  # fmt: skip
    spec = described["spec"]
    assert (spec["family"], spec["frame_samples"]) == ("window", 4096)
    assert (spec["steps"], spec["sampler"]) == {
        "consistency": (2, "consistency"), "diffusion": (5, "ancestral"),
    }[layout]  # fmt: skip


def known(layout: str) -> tuple[OrderedDict, dict]:
    checkpoint = ForeignCheckpoint(FILES[layout])
    weights = OrderedDict((k, v.clone()) for k, v in checkpoint.state_dict().items())
    return weights, plain(checkpoint.root["hyper_parameters"])


def saved(path: Path, weights: dict, settings: object = None) -> Path:
    torch.save({"state_dict": weights, "hyper_parameters": settings or {}}, path)
    return path


def truncated(path: Path) -> str:
    whole = FILES["diffusion"].read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return "no whole file of torch.save"


def without_the_end_of_a_tensor(path: Path) -> str:
    """A storage shorter than its tensor, in an archive that is whole."""
    source = zipfile.ZipFile(FILES["diffusion"])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as out:
        for name in source.namelist():
            data = source.read(name)
            out.writestr(name, data[:-4] if name.endswith("/data/3") else data)
    return "incomplete"


def of_another_size(path: Path) -> str:
    weights, settings = known("diffusion")
    name = "model.unet.dec.8x8_block0.conv1.weight"
    weights[name] = weights[name][:, :-1].contiguous()
    saved(path, weights, settings)
    return r"dec\.8x8_block0\.conv1\.weight has the shape"


def of_another_size_than_it_says(path: Path) -> str:
    weights, settings = known("diffusion")
    saved(path, weights, {**settings, "model_channels": 256})
    return "model_channels is said to be 256"


def with_a_missing_key(path: Path) -> str:
    weights, settings = known("consistency")
    del weights["net.model.unet.enc.16x16_block0.proj.bias"]
    saved(path, weights, settings)
    return r"enc\.16x16_block0\.proj\.bias is missing"


def with_an_extra_key(path: Path) -> str:
    weights, settings = known("consistency")
    weights["net.model.unet.enc.16x16_block0.extra"] = torch.zeros(2)
    saved(path, weights, settings)
    return r"enc\.16x16_block0\.extra is too many"


def with_an_extra_network(path: Path) -> str:
    weights, settings = known("consistency")
    weights["critic.model.unet.map_label.weight"] = torch.zeros(2)
    saved(path, weights, settings)
    return r"it holds critic\.model\.unet\.map_label\.weight"


def of_something_else(path: Path) -> str:
    saved(path, OrderedDict({"encoder.weight": torch.zeros(2)}))
    return r"neither model\.unet\. nor net\.model\.unet\."


def without_weights(path: Path) -> str:
    torch.save({"weights": torch.zeros(2)}, path)
    return 'no "state_dict"'


def with_numbers_that_are_none(path: Path) -> str:
    weights, settings = known("diffusion")
    weights["model.unet.map_label.bias"] = torch.full_like(
        weights["model.unet.map_label.bias"], float("nan")
    )
    saved(path, weights, settings)
    return "not finite"


def of_another_embedding(path: Path) -> str:
    weights, settings = known("diffusion")
    saved(path, weights, {**settings, "embedding_type": "fourier"})
    return "embedding_type is fourier"


def archive(path: Path, description: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as out:
        out.writestr("archive/data.pkl", description)
    return path


class Calls:
    def __init__(self, marker: Path):
        self.marker = marker

    def __reduce__(self):
        return os.system, (f"touch {self.marker}",)


def calling_os_system_in_place_of_weights(path: Path) -> str:
    torch.save({"state_dict": Calls(path.parent / "ran")}, path)
    return 'no "state_dict"'


def calling_os_system_in_place_of_a_tensor(path: Path) -> str:
    weights, settings = known("diffusion")
    weights["model.unet.map_label.bias"] = Calls(path.parent / "ran")
    saved(path, weights, settings)
    return r"map_label\.bias is no tensor"


def a_plain_pickle(path: Path) -> str:
    path.write_bytes(pickle.dumps({"state_dict": Calls(path.parent / "ran")}))
    return "no whole file of torch.save"


def a_bomb_of_nested_tuples_as_a_key(path: Path) -> str:
    """Tuples of themselves, 60 deep: to hash it takes 2^60 steps."""
    nested = b")" + b"".join(b"\x94h" + bytes([n]) + b"\x86" for n in range(60))
    archive(path, b"\x80\x04}" + nested + b"Ns.")
    return "a tuple as a key"


def a_bomb_that_asks_for_memory(path: Path) -> str:
    """A memo of four thousand million places, and a string that says it has as many bytes."""
    archive(path, b"\x80\x02}r\xff\xff\xff\xff\x8d" + (2**40).to_bytes(8, "little") + b"x.")
    return "damaged"


def a_bomb_of_settings(path: Path) -> str:
    """Lists of lists, a thousand wide and eight deep, by reference."""
    weights, _ = known("diffusion")
    wide: list = [1.0] * 1000
    for _ in range(7):
        wide = [wide] * 1000
    saved(path, weights, {"model_channels": 9, "rest": wide})
    return "model_channels is said to be 9"


def a_bomb_of_nested_tuples_as_a_name(path: Path) -> str:
    """To print it takes 2^40 characters."""
    archive(path, b"\x80\x04)" + b"2\x86" * 40 + b"2\x93.")
    return "a name that is no text"


def a_bomb_of_numbers_of_one_hash(path: Path) -> str:
    archive(path, b"\x80\x04}\x8a\x08" + (2**61 - 1).to_bytes(8, "little") + b"Ns.")
    return "a int as a key"


def a_bomb_of_copies(path: Path) -> str:
    archive(path, b"\x80\x04cos\nsystem\n)}\x92.")
    return "NEWOBJ_EX"


def a_tensor_that_is_larger_than_its_numbers(path: Path) -> str:
    weights, settings = known("diffusion")
    name = "model.unet.map_label.bias"
    weights[name] = weights[name][:1].expand(100_000, 100_000)
    saved(path, weights, settings)
    return r"map_label\.bias reaches beyond its storage"


def with_a_block_of_a_number_out_of_reason(path: Path) -> str:
    weights, settings = known("diffusion")
    weights["model.unet.enc.64x64_block999999999.conv0.weight"] = torch.zeros(8, 8, 3, 3)
    saved(path, weights, {k: v for k, v in settings.items() if k != "num_blocks"})
    return "is missing|is too many"


def with_no_heads(path: Path) -> str:
    weights, settings = known("diffusion")
    saved(path, weights, {**settings, "num_heads": 0})
    return "no U-Net has these sizes"


def with_heads_that_are_no_number(path: Path) -> str:
    weights, settings = known("diffusion")
    saved(path, weights, {**settings, "num_heads": "one"})
    return "no U-Net has these sizes"


def with_a_dropout_of_seven(path: Path) -> str:
    weights, settings = known("diffusion")
    saved(path, weights, {**settings, "dropout": 7.0})
    return "its dropout is 7.0"


def with_a_tensor_of_a_hundred_axes(path: Path) -> str:
    weights, settings = known("diffusion")
    name = "model.unet.map_label.bias"
    axes = [1] * 63 + [len(weights[name])]
    weights[name] = weights[name].reshape(axes)
    saved(path, weights, settings)
    return "no sensible shape"


def with_a_name_of_two_lines(path: Path) -> str:
    weights, settings = known("diffusion")
    weights["model.unet.two\nlines"] = torch.zeros(1)
    saved(path, weights, settings)
    return "two lines is too many"


def with_a_large_byteorder(path: Path) -> str:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr(zipfile.ZipInfo("archive/data.pkl"), b"\x80\x04N.")
        out.writestr("archive/byteorder", b"l" * (1 << 24))
    return "big endian"


def a_program_of_opcodes_that_no_checkpoint_has(path: Path) -> str:
    archive(path, b"\x80\x04\x82\x01.")
    return "EXT1"


def with_all_weights_in_one_storage(path):
    weights, settings = known("diffusion")
    numbers = torch.zeros(max(weight.numel() for weight in weights.values()))
    shared = {
        n: w if n.endswith("resample_filter") else numbers[: w.numel()].view(w.shape)
        for n, w in weights.items()
    }
    saved(path, shared, settings)
    return "share their numbers"


BAD = [
    with_a_dropout_of_seven, with_a_tensor_of_a_hundred_axes, with_a_name_of_two_lines,
    truncated, without_the_end_of_a_tensor, of_another_size, of_another_size_than_it_says,
    with_a_missing_key, with_an_extra_key, with_an_extra_network, of_something_else,
    without_weights, with_numbers_that_are_none, of_another_embedding,
    calling_os_system_in_place_of_weights, calling_os_system_in_place_of_a_tensor, a_plain_pickle,
    a_bomb_of_nested_tuples_as_a_key, a_bomb_that_asks_for_memory, a_bomb_of_settings,
    a_program_of_opcodes_that_no_checkpoint_has, a_bomb_of_nested_tuples_as_a_name,
    a_bomb_of_numbers_of_one_hash, a_bomb_of_copies, a_tensor_that_is_larger_than_its_numbers,
    with_a_block_of_a_number_out_of_reason, with_no_heads, with_heads_that_are_no_number,
    with_a_large_byteorder, with_all_weights_in_one_storage,
]  # fmt: skip


@pytest.mark.parametrize("make", BAD, ids=lambda make: make.__name__)
def test_anything_else_is_refused_in_one_line_and_leaves_nothing(make, tmp_path):
    why = make(tmp_path / "bad.ckpt")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ModelError, match=why) as refused:
        import_checkpoint(tmp_path / "bad.ckpt", tmp_path / "model")
    assert "\n" not in str(refused.value)
    assert sorted(tmp_path.iterdir()) == before, "nothing was run, nothing left behind"


def test_what_is_there_already_is_not_written_over(tmp_path):
    (tmp_path / "model").mkdir()
    with pytest.raises(ModelError, match="there already"):
        import_checkpoint(FILES["diffusion"], tmp_path / "model")
    with pytest.raises(ModelError, match="cannot import"):
        import_checkpoint(tmp_path / "none.ckpt", tmp_path / "other")


@pytest.mark.parametrize("protocol", range(6))
def test_plain_values_are_read_as_pickle_reads_them(protocol):
    value = {
        "a": [1, -2, 2**40, 1.5, None, True, False, b"bytes", "text" * 100],
        7: (1, (2, 3), [], {}), "set": {1, 2}, "empty": (),
    }  # fmt: skip
    if protocol < 4:  # sets are calls there
        del value["set"]
    if protocol < 3:  # and so are bytes
        value["a"] = [each for each in value["a"] if not isinstance(each, bytes)]
    assert read_pickle(pickle.dumps(value, protocol)) == value


@pytest.mark.parametrize("protocol", range(6))
def test_calls_stay_calls(protocol, tmp_path):
    found = read_pickle(pickle.dumps(Calls(tmp_path / "ran"), protocol))
    assert isinstance(found, Made)
    assert isinstance(found.maker, Name)
    assert found.maker.name == "system"
    assert not (tmp_path / "ran").exists()


def test_any_spoilt_description_is_a_value_or_a_model_error():
    import random

    with zipfile.ZipFile(FILES["consistency"]) as source:
        name = next(n for n in source.namelist() if n.endswith("data.pkl"))
        whole = source.read(name)
    chance = random.Random(1)
    for _ in range(300):
        spoilt = bytearray(whole[: 4000 + chance.randrange(2000)] if chance.random() < 0.5 else whole[:6000])
        for _ in range(1 + chance.randrange(6)):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        try:
            read_pickle(bytes(spoilt))
        except ModelError as error:
            assert "\n" not in str(error)
    assert any(op.name == "STOP" for op, _, _ in pickletools.genops(whole))


def test_two_names_of_one_tensor_become_two(tmp_path):
    weights, settings = known("diffusion")
    name = next(n for n in weights if n.endswith("norm0.weight"))
    other = name.replace("norm0.weight", "norm0.bias")
    weights[other] = weights[name]
    saved(tmp_path / "shared.ckpt", weights, settings)
    folder = import_checkpoint(tmp_path / "shared.ckpt", tmp_path / "model")
    assert (folder / "model.safetensors").is_file()
