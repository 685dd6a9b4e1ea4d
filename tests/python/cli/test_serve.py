"""`sideman serve`: starts, is found, stops; tokens are files, never words on the command line."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time

import numpy as np
import pytest
from serving import TOKEN, soon
from small_window import playable_import
from typer.testing import CliRunner

from sideman.cli import serve as cli
from sideman.cli.main import app
from sideman.cli.serve import TOKEN_VARIABLE
from sideman.errors import SettingsError, SidemanError
from sideman.serve.client import Client
from sideman.serve.hops import Heard
from sideman.serve.performers import Asked
from sideman.serve.published import PublishedServer
from sideman.serve.server import Server, ServerOptions


def run(*arguments: str):
    return CliRunner().invoke(app, ["serve", *arguments])


@pytest.fixture
def started():
    """Starts the command in a process of its own, after some code; gives the process, its port and
    its first line."""
    running = []

    def start(*arguments: str, first: str = "pass", **environment: str):
        code = f"import time; {first}; from sideman.cli.main import main; main()"
        process = subprocess.Popen(
            [sys.executable, "-c", code, "serve", "--port", "0", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **environment},
        )
        running.append(process)
        line = process.stdout.readline()
        return process, int(re.search(r"port (\d+)", line)[1]), line

    yield start
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to catch")
def test_it_serves_until_it_is_told_to_stop_and_says_goodbye(started):
    process, port, line = started()
    assert "this machine alone" in line

    async def visit():
        client = await Client.connect("127.0.0.1", port, timeout=20)
        assert (await client.open(Asked("echo", ("bass",))))["name"] == "echo"
        process.send_signal(signal.SIGTERM)
        for _ in range(100):
            if client.gone:
                break
            await asyncio.sleep(0.05)
        assert client.gone
        client.close()

    asyncio.run(visit())
    assert process.wait(timeout=20) == 0
    assert process.stdout.read().endswith("stopped\n")


ENDLESS = {
    "opening": "from sideman.serve import loader as l; "
               "l.open_performer = lambda *_: time.sleep(90)",
    "playing": "from sideman.serve import performers as p; "
               "p.EchoPerformer.play = lambda *_: time.sleep(90)",
}  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
@pytest.mark.parametrize(("work", "times"), [("opening", 1), ("opening", 2), ("playing", 2)])
def test_ctrl_c_ends_it_though_a_model_is_being_opened_or_played(started, work, times):
    process, port, _ = started(first=ENDLESS[work])

    async def visit():
        client = await Client.connect("127.0.0.1", port, timeout=20)
        opening = asyncio.create_task(client.open(Asked("echo", ("bass",))))
        await asyncio.sleep(0.5)
        if work == "playing":
            await opening
            client.send(0, Heard(np.zeros((1, 4 * 2048), np.float32), time.perf_counter() + 60.0))
            await asyncio.sleep(0.5)
        for _ in range(times):
            process.send_signal(signal.SIGINT)
            await asyncio.sleep(0.2)
        assert await soon(lambda: client.gone), "the guests have their goodbyes"
        opening.cancel()
        client.close()

    asyncio.run(visit())
    assert process.wait(timeout=20) == 0
    assert process.stdout.read().endswith("stopped\n")
    assert "Traceback" not in process.stderr.read()


def test_ctrl_c_where_no_handler_is_told_of_it_waits_for_no_model_either(monkeypatch):
    left = []

    async def interrupted(server):
        raise KeyboardInterrupt

    def leave(code):
        left.append(code)
        raise SystemExit(code)

    monkeypatch.setattr(cli, "_serve", interrupted)
    monkeypatch.setattr(cli.os, "_exit", leave)
    monkeypatch.setattr(Server, "is_at_work", True)
    assert run("--port", "0").exit_code == 130
    assert left == [130]
    monkeypatch.setattr(Server, "is_at_work", False)
    assert run("--port", "0").exit_code == 130
    assert left == [130], "else as in every verb"


@pytest.mark.parametrize(("host", "token", "said"), [
    ("127.0.0.1", None, r"127.0.0.1 port \d+, plain, this machine alone"),
    ("127.0.0.1", TOKEN, r"127.0.0.1 port \d+, sealed with the token"),
    ("localhost", TOKEN, r"localhost \(127.0.0.1\) port \d+, sealed with the token"),
    ("vm", TOKEN, r"vm \(127.0.0.1\) port \d+, sealed, but this machine alone comes there: "
                  r"for others give --host 0.0.0.0"),
])  # fmt: skip
def test_its_first_line_says_what_a_name_came_to(host, token, said):
    async def here(name, port, **told):
        return [(socket.AF_INET, told["type"], 0, "", ("127.0.0.1", port))]

    async def test():
        asyncio.get_running_loop().getaddrinfo = here
        server = Server(ServerOptions(host=host, port=0, token=token))
        await server.start()
        where = cli._where(server)
        await server.close()
        assert re.fullmatch(said, where), where

    asyncio.run(test())


def test_a_token_is_made_for_its_owner_alone_and_opens_the_door(started, tmp_path):
    file = tmp_path / "token"
    assert run("--new-token", str(file)).exit_code == 0
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    token = file.read_bytes().strip()
    assert len(token) >= 32
    again = run("--new-token", str(file))
    assert isinstance(again.exception, SettingsError)
    assert file.read_bytes().strip() == token
    for arguments, environment in (
        (("--token-file", str(file)), {}),
        ((), {TOKEN_VARIABLE: token.decode()}),
    ):
        _, port, line = started(*arguments, **environment)
        assert "sealed" in line
        assert token.decode() not in line

        async def visit(port=port):
            client = await Client.connect("127.0.0.1", port, token, timeout=20)
            client.close()
            with pytest.raises(SettingsError, match="a token is needed"):
                await Client.connect("127.0.0.1", port)

        asyncio.run(visit())


NOWHERE = ("--device", "abacus")  # is told after what does nothing; nothing is served with it


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--host", "0.0.0.0"), "without a token"),
        (("--token-file", "/no/such/file"), "cannot read the token"),
        (("--protocol", "http"), "no protocol 'http'"),
        (("--protocol", "multi_track", "--model", "a", "--model", "b"), "plays one model, not 2"),
        (("--model", "mine"), "give NAME=FOLDER"),
        (("--device", "abacus"), "cannot compute on abacus"),
        (("--protocol", "multi_track", "--token-file", "t", *NOWHERE), "cannot use --token-file with --protocol multi_track"),
        (("--protocol", "multi_track", "--guests", "2", *NOWHERE), "cannot use --guests with --protocol multi_track"),
        (("--protocol", "multi_track", "--host", "0.0.0.0"), "cannot serve multi_track to 0.0.0.0"),
        (("--protocol", "multi_track", "--client", "192.0.2.1"), "cannot serve multi_track to 192.0.2.1"),
        (("--client", "127.0.0.1", "--client-port", "9", *NOWHERE), "cannot use --client, --client-port with --protocol sideman"),
        (("--model", "mine=/no/such/folder"), "a folder with a model.json"),
    ],
)
def test_what_cannot_be_served_is_one_line(arguments, why, monkeypatch):
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    result = run(*arguments)
    assert isinstance(result.exception, SidemanError)
    assert why in str(result.exception)
    assert "\n" not in str(result.exception)


def test_what_the_published_external_cannot_play_is_told_before_it_asks(tmp_path, monkeypatch):
    async def start(server):
        raise AssertionError("it should not have begun")

    monkeypatch.setattr(PublishedServer, "start", start)
    window = playable_import(tmp_path / "window")
    for model, why in (
        (window, "plays whole windows (family window)"), (f"paper={window}", "plays whole windows"),
        (tmp_path / "none", "no model of that name"),
    ):
        result = run("--protocol", "multi_track", "--model", str(model))
        assert isinstance(result.exception, SidemanError)
        assert why in str(result.exception)


def test_a_folder_given_by_name_is_served_under_it(started):
    from sideman.models.places import WEIGHTS

    _, port, _ = started("--model", f"mine={WEIGHTS / 'mini'}")

    async def visit():
        client = await Client.connect("127.0.0.1", port, timeout=20)
        assert (await client.open(Asked("mine", ("bass",))))["name"] == "mini"
        client.close()

    asyncio.run(visit())


def test_the_published_external_finds_its_server(started):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as external:
        external.bind(("127.0.0.1", 0))
        external.settimeout(20)
        port = external.getsockname()[1]
        _, _, line = started("--protocol", "multi_track", "--client-port", str(port))
        assert "multi_track" in line
        assert external.recv(64).startswith(b"/ready\0")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to catch")
def test_a_model_that_the_external_waits_for_does_not_hold_up_the_end(started):
    slow = (
        "import sideman.serve.published as p; "
        "p.shared_model = lambda *_: (print('reads', flush=True), time.sleep(60))"
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as external:
        external.bind(("127.0.0.1", 0))
        client = str(external.getsockname()[1])
        process, port, _ = started(
            "--protocol", "multi_track", "--client-port", client, first=slow
        )
        external.sendto(b"/load_model\0,\0\0\0", ("127.0.0.1", port))
        assert process.stdout.readline() == "reads\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        assert process.stdout.read() == "stopped\n"
