#!/bin/sh
# The way of somebody who has only the README, in an account of his own: run as root, it makes the
# user `stranger`, and prints what he is told at each step. Needs the network for pip; about ten
# minutes. Usage: tools/strangers_path.sh [PYTHON]
set -u
source=$(cd "$(dirname "$0")/.." && pwd)
python=${1:-/usr/bin/python3}  # one that everybody may run
id stranger >/dev/null 2>&1 || useradd --create-home stranger
home=$(getent passwd stranger | cut -d: -f6)
place="$home/Zoë patches/sideman"
rm -rf "$home/Zoë patches" "$home/moved" "$home/.sideman"
mkdir -p "$home/Zoë patches"
git clone --quiet "file://$source" "$place"
chown -R stranger "$home"

as_stranger() { (cd "$place" && su stranger -c "$1") 2>&1; }
step() { printf '\n== %s\n' "$1"; }

step "1. make play in a folder with a space and an accent: the echo, then the model"
as_stranger "make play BACKEND=echo PYTHON='$python'" | tail -n 12
as_stranger "make play IN=python/sideman/media/duo_context.flac BPM=113.4 PYTHON='$python'" | tail -n 12

step "2. a file at another rate, in stereo"
as_stranger ".venv/bin/python -c \"
import numpy, soundfile
audio, rate = soundfile.read('python/sideman/media/duo_context.flac')
soundfile.write('build/rate.wav', numpy.repeat(audio[: 8 * rate, None], 2, 1), 48000)\"
.venv/bin/sideman play build/rate.wav --host none --fast --out build/rate" | tail -n 6

step "3. no Python where the object looks"
as_stranger ".venv/bin/sideman play python/sideman/media/duo_context.flac --set python=/nowhere/venv --out build/nopython" | tail -n 4

step "4. the venv was moved"
as_stranger "mv .venv moved-venv && moved-venv/bin/python -m sideman.cli.main doctor; mv moved-venv .venv" | tail -n 12

step "5. a model that is not there"
as_stranger ".venv/bin/sideman play python/sideman/media/duo_context.flac --model '/gone/my model' --out build/nomodel" | tail -n 3

step "6. a server that is not there"
as_stranger ".venv/bin/sideman play python/sideman/media/duo_context.flac --host none --backend remote --set port=9 --out build/noserver" | tail -n 4

step "7. the package without Max"
as_stranger "cmake --preset package >/dev/null && cmake --install build/package --prefix build/package --component package >/dev/null; .venv/bin/sideman max install" | tail -n 3
as_stranger "mkdir -p \"\$HOME/Documents/Max 9\"; .venv/bin/sideman max install" | tail -n 3

step "8. the doctor"
as_stranger ".venv/bin/sideman doctor" | tail -n 14
