#!/bin/sh
# The way of somebody who has only the README, in an account of his own: run as root, it makes the
# user `stranger`, prints what he is told at each step, and fails when that is not what he should be
# told. Needs the network for pip; about ten minutes. Usage: tools/strangers_path.sh [PYTHON]
set -u
source=$(cd "$(dirname "$0")/.." && pwd)
python=${1:-/usr/bin/python3}  # one that everybody may run
id stranger >/dev/null 2>&1 || useradd --create-home stranger
home=$(getent passwd stranger | cut -d: -f6)
place="$home/Zoë patches/sideman"
rm -rf "$home/Zoë patches" "$home/Documents" "$home/.sideman"
mkdir -p "$home/Zoë patches"
git clone --quiet "file://$source" "$place"
chown -R stranger "$home"

as_stranger() { (cd "$place" && su stranger -c "$1") 2>&1; }
step() { printf '\n== %s\n' "$1"; }
wrong=0
# told STATUS WORDS LINES COMMAND: how the command ends, and its last lines, which have the words (a
# grep -E) among them.
told() {
  said=$(as_stranger "$4")
  status=$?
  said=$(printf '%s\n' "$said" | tail -n "$3")
  printf '%s\n' "$said"
  [ "$status" = "$1" ] && printf '%s\n' "$said" | grep -qE -- "$2" && return
  printf 'WRONG: it ended with %s, not %s, or there is no "%s" in this\n' "$status" "$1" "$2"
  wrong=$((wrong + 1))
}

step "1. make play in a folder with a space and an accent: the echo, then the model"
told 0 'mix .*mix.wav' 12 "make play BACKEND=echo PYTHON='$python'"
told 0 'mix .*mix.wav' 12 "make play IN=python/sideman/media/duo_context.flac BPM=113.4 PYTHON='$python'"

step "2. a file at another rate, in stereo"
told 0 'mix .*mix.wav' 12 ".venv/bin/python -c \"
import numpy, soundfile
audio, rate = soundfile.read('python/sideman/media/duo_context.flac')
soundfile.write('build/rate.wav', numpy.repeat(audio[: 8 * rate, None], 2, 1), 48000)\"
.venv/bin/sideman play build/rate.wav --host none --fast --out build/rate"

step "3. no Python where the object looks"
told 1 "no Python in '/nowhere/venv'" 4 ".venv/bin/sideman play python/sideman/media/duo_context.flac --set python=/nowhere/venv --out build/nopython"

step "4. the venv was moved"
told 0 '^ok +speed' 12 "mv .venv moved-venv; moved-venv/bin/python -m sideman.cli.main doctor; ended=\$?; mv moved-venv .venv; exit \$ended"

step "5. a model that is not there"
told 1 'cannot open model /gone/my model' 3 ".venv/bin/sideman play python/sideman/media/duo_context.flac --model '/gone/my model' --out build/nomodel"

step "6. a server that is not there"
told 1 'no answer for .* from 127.0.0.1 port 9' 4 ".venv/bin/sideman play python/sideman/media/duo_context.flac --host none --backend remote --set port=9 --out build/noserver"

step "7. the package without Max, then with its folder"
told 1 "found no Max" 3 "cmake --preset package >/dev/null && cmake --install build/package --prefix build/package --component package >/dev/null; .venv/bin/sideman max install"
told 0 'Packages/Sideman: restart Max' 3 "mkdir -p \"\$HOME/Documents/Max 9\"; .venv/bin/sideman max install"

step "8. the doctor"
told 0 '^ok +speed' 14 ".venv/bin/sideman doctor"

printf '\n%s\n' "$wrong of 10 steps were not told as they should be"
[ "$wrong" = 0 ]
