"""A bridge whose behaviour is the name of the model that is opened: see BEHAVIOURS."""

from __future__ import annotations

import ctypes
import sys
import time

from sideman.errors import Cancelled, SidemanError

FRAME_SAMPLES = 512
opened = 0
kept = []


def channel_of(window, channel):
    return window.cast("B").cast("f")[channel :: window.shape[1]]


def play(client, music, out):
    samples = len(out) // client.parts
    for part in range(client.parts):
        out[part * samples : (part + 1) * samples] = music[-samples:]


def echo(client, window, out):
    play(client, channel_of(window, 0), out)


def fill(out, value):
    for i in range(len(out)):
        out[i] = value


def client_number(client, window, out):
    fill(out, client.number / 64)


def plays_the_sketch(client, window, out):
    play(client, channel_of(window, 1), out)


def prints_its_controls(client, window, out):
    print(*(f"{name}={value!r}" for name, value in sorted(client.controls.items())))
    echo(client, window, out)


def hears_a_clock(client, window, out):
    client.heard = (93.5, 6.25, 3, 0.75)
    echo(client, window, out)


def raises(client, window, out):
    raise RuntimeError("the third string\nis out of tune")


def refuses(client, window, out):
    raise SidemanError("no such part: the model plays bass; set parts to bass")


def exits(client, window, out):
    sys.exit(3)


def interrupts(client, window, out):
    raise KeyboardInterrupt


def misses_a_package(client, window, out):
    import a_package_that_nobody_has  # noqa: F401


def sleeps_1_s(client, window, out):
    time.sleep(1.0)
    echo(client, window, out)


def computes_1_s(client, window, out):
    end = time.monotonic() + 1.0
    while time.monotonic() < end:
        pass
    echo(client, window, out)


def keeps_the_gil_1_s(client, window, out):
    ctypes.PyDLL(None).usleep(1_000_000)
    echo(client, window, out)


def hangs_asleep(client, window, out):
    time.sleep(1e6)


def hangs_busy(client, window, out):
    while True:
        pass


def waits_for_cancel(client, window, out):
    while not client.cancelled():
        time.sleep(0.001)
    raise Cancelled("the caller left")


def keeps_the_view(client, window, out):
    kept.append(memoryview(window))


def prints(client, window, out):
    print("first line")
    print("second ", end="")
    print("line", file=sys.stdout)
    print("a warning", file=sys.stderr)
    print("read:", sys.stdin)
    echo(client, window, out)


def raises_every_third(client, window, out):
    client.calls += 1
    if client.calls % 3 == 0:
        raise RuntimeError("every third hop fails")
    echo(client, window, out)


BEHAVIOURS = {
    function.__name__: function
    for function in (
        echo,
        client_number,
        plays_the_sketch,
        prints_its_controls,
        hears_a_clock,
        raises,
        refuses,
        exits,
        interrupts,
        misses_a_package,
        sleeps_1_s,
        computes_1_s,
        keeps_the_gil_1_s,
        hangs_asleep,
        hangs_busy,
        waits_for_cancel,
        keeps_the_view,
        prints,
        raises_every_third,
    )
}


class Client:
    def __init__(self, model, parts, cancelled):
        global opened
        opened += 1
        self.number = opened
        self.behaviour = BEHAVIOURS[model]
        self.cancelled = cancelled
        self.parts = len(parts)
        self.calls = 0
        self.controls = {}
        self.heard = None
        self.info = {
            "name": model,
            "sample_rate": 44100,
            "frame_samples": FRAME_SAMPLES,
            "hops": [8, 4],
            "lead_frames": 4,
            "leads": (1, 64),
            "window_frames": 128,
            "parts": ["bass", "drums"],
            "tags": ["rock", "pop"],
        }

    def reset(self, hop_frames, lead_frames, parts, seed):
        self.parts = len(parts)

    def step(self, hop_id, window, controls, out):
        out = out.cast("B").cast("f")
        self.controls = controls
        # The engine measures with silence before it plays: that must go well.
        if any(channel_of(window, 0)[-len(out) // self.parts :]):
            self.behaviour(self, window, out)
        else:
            fill(out, 0.0)
        return hop_id > 0, self.heard


def open(model, parts, device, threads, cancelled):  # noqa: A001
    at_open = model.removesuffix("_at_open")
    if at_open != model:
        BEHAVIOURS[at_open](None, [], [])
    return Client(model, parts, cancelled)
