"""What the help says in both hosts."""

from __future__ import annotations

__all__ = [
    "ARRAYS", "BUFFERS", "CLOCKS", "DELAY", "LATE", "MODELS", "PARTS", "PYTHON", "REMOTE", "SKETCH",
    "STATUS", "TIMING", "TROUBLES",
]  # fmt: skip

MODELS = "mini comes with the Python package; a folder that sideman train export wrote is given by its path."
TIMING = (
    "The object hears a hop of music, thinks, and plays its answer after the lead. hop + lead is the "
    "reaction: what you play now can be answered then, not earlier. lead auto measures the machine."
)
LATE = (
    "status late: an answer came too late and a fade hid it. Take lead auto, fewer steps or fewer parts; "
    "info shows how long thinking takes."
)
SKETCH = "The second inlet takes a sketch: sing or play a line there, and the part follows it."
DELAY = "mode delay gives your own playing back, re-timbred, one reaction later."
BUFFERS = (
    "render plays the parts for a whole buffer~ at once, as live with the same settings and seed, "
    "aligned to the sample. record keeps the music in channel 1 and the parts in the next ones."
)
REMOTE = (
    "Another machine can think for this one. There, once:  sideman serve --new-token gpu.token ; then  "
    "sideman serve --host 0.0.0.0 --token-file gpu.token  (--device cuda for its GPU). Copy the file here "
    "and name both, the token by its whole path. Where it does not answer, this machine plays on."
)
PYTHON = (
    "The model runs in Python inside the host. In a terminal: python3.11 -m venv ~/.sideman/venv (Python 3.10 to "
    "3.13), then ~/.sideman/venv/bin/pip install FOLDER, that of Sideman's source (Windows: docs/first-minutes). The venv ~/.sideman/venv is "
    "found by itself; one elsewhere is named here. doctor says what is missing and what to do."
)
TROUBLES = (
    "Nothing sounds: is the audio on, the fader up, the status ready, mute 0? Send doctor and read the console.",
    "status error: the console says in one line what failed, why, and what to do.",
    "status lost: the model no longer answers. The patch goes on; send load to open it again.",
    "Wrong pitch: never. Every sample rate is converted; the model itself runs at 44100 Hz.",
    "macOS does not open it: run sideman doctor in a terminal, and once the xattr line that it prints.",
    "It plays too much: tell it the tempo (without a clock it has no beat to rest on), tags sparse, a lower temperature.",
)
CLOCKS = (
    "clock auto follows Max's transport while it runs, else tempo and beat messages, else what it hears.",
    "clock auto follows tempo and beat messages once they came, else what it hears.",
)
ARRAYS = (
    "render plays the parts for a whole array at once, each into an array of its own, as live with the same "
    "settings and seed, aligned to the sample. record keeps the music and the parts, an array each."
)
PARTS = (
    "One object plays a whole band: @parts bass drums guitar piano, a signal outlet for each. They think "
    "together: four take two to three times as long as one. parts and mc are said when the object is made; with @mc 1 "
    "there is one multichannel outlet, and parts may change while it plays."
)
STATUS = (
    "The right outlet says status with one of loading, ready, late, lost, error. Besides: progress, backend, latency, "
    "late, clock, error, render and record, and the answers to info, doctor and bench, each closed by end."
)
