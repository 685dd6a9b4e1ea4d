"""What a bad network does to a performance: ten minutes of the echo through a relay that spoils it.

    python benchmarks/remote.py --seconds 600 --case loss delay

Each case is played in real time by the engine's own client with the lead that `auto` chooses, through
tests/support/relay.py to a `sideman serve` of its own. Every sample that comes back is compared with
what was sent. Prints a table and writes build/remote/CASE.json and build/remote.png.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from live_client import RATE, Recording, marked_noise, open_engine, play_live  # noqa: E402
from relay import BAD_WAYS, Relay, Way, relayed  # noqa: E402

from sideman.playing.own_server import own_server  # noqa: E402

SETTLED_S = 20.0  # until auto has chosen its lead


def play(way: Way, seconds: float) -> tuple[Recording, Relay]:
    with own_server() as port, relayed(port, way) as relay:
        engine = open_engine(relay.port)
        recording = play_live(engine, marked_noise(int(seconds * RATE)))
        del engine
    return recording, relay


def facts(recording: Recording, relay: Relay) -> dict[str, object]:
    hops, lost = recording.on_time()
    settled_hops, settled_lost = recording.on_time(SETTLED_S)
    ordered = sorted(recording.latencies)
    return {
        "seconds": round(recording.times[-1], 1),
        "hops": hops, "lost": lost, "settled_hops": settled_hops, "settled_lost": settled_lost,
        "on_time_%": round(100 * (1 - settled_lost / max(1, settled_hops)), 3),
        "corrupted_samples": recording.strange_samples(),
        "lead_frames": sorted(set(recording.leads)), "last_lead_frames": recording.leads[-1],
        "latency_p50_ms": round(ordered[len(ordered) // 2], 1),
        "latency_p99_ms": round(ordered[int(0.99 * len(ordered))], 1),
        "latency_max_ms": round(ordered[-1], 1),
        "datagrams": relay.passed, "datagrams_lost": relay.lost,
    }


def draw(folder: Path, path: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    runs = {file.stem: json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))}
    figure = Figure(figsize=(11, 2.2 * len(runs)), layout="constrained")
    FigureCanvasAgg(figure)
    rows = figure.subplots(len(runs), 1, sharex=True, squeeze=False)[:, 0]
    for axis, (name, run) in zip(rows, runs.items()):
        times, leads = run["times"], [46.44 * lead for lead in run["leads"]]
        axis.plot(times, run["latencies"], ".", markersize=1.5, label="a hop's way and back")
        axis.step(times, leads, where="post", label="lead (auto)")
        steps = zip(times, run["lost"], [0, *run["lost"]])
        late = [when for when, now, before in steps if now > before]
        axis.plot(late, [0] * len(late), "|", color="red", markersize=12, label="late or missed")
        facts = run["facts"]
        axis.set_title(
            f"{name}: {facts['settled_lost']} of {facts['settled_hops']} hops late after "
            f"{SETTLED_S:.0f} s, {facts['corrupted_samples']} samples corrupted", fontsize=9,
        )
        axis.set_ylabel("ms")
        axis.set_ylim(-20, max(leads) * 1.25 + 50)
    rows[0].legend(fontsize=8, loc="upper right", ncols=3)
    rows[-1].set_xlabel("seconds")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--case", nargs="*", default=list(BAD_WAYS), choices=BAD_WAYS)
    options.add_argument("--seconds", type=float, default=600.0)
    options.add_argument("--out", type=Path, default=Path("build/remote"))
    asked = options.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    for case in asked.case:
        recording, relay = play(BAD_WAYS[case], asked.seconds)
        found = facts(recording, relay)
        print(case, found, flush=True)
        kept = ("times", "leads", "latencies", "hops", "lost", "lines")
        told = {"facts": found, **{name: getattr(recording, name) for name in kept}}
        (asked.out / f"{case}.json").write_text(json.dumps(told))
    draw(asked.out, asked.out.with_suffix(".png"))


if __name__ == "__main__":
    main()
