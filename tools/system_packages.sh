#!/bin/sh
# Installs the Debian or Ubuntu packages that Sideman builds with: itself as root or with sudo,
# otherwise it names them and stops. Nothing is done when nothing is missing.
#   tools/system_packages.sh play|test [PYTHON]
set -eu
python=${2:-python3}
another="give another Python: make PYTHON=/path/to/python3.11 play"

missing=""
need() { # need PACKAGE TEST...
  package=$1
  shift
  "$@" >/dev/null 2>&1 || missing="$missing $package"
}
header() { # a C header that the compiler finds
  for folder in /usr/include /usr/include/pd /usr/local/include /opt/homebrew/include; do
    [ -e "$folder/$1" ] && return 0
  done
  return 1
}
sound_font() {
  [ -e "/usr/share/sounds/sf2/$1.sf2" ]
}

need g++ command -v g++
need cmake command -v cmake
need ninja-build command -v ninja
need git command -v git
need puredata-core command -v pd
need puredata-dev header m_pd.h
need libsamplerate0-dev header samplerate.h
need libsodium-dev header sodium.h
need libasio-dev header asio.hpp
if command -v "$python" >/dev/null 2>&1; then
  # Its packages are named after its version; none mends a Python that is not this system's own.
  name=$("$python" -c 'import sys
own = getattr(sys, "base_prefix", "") == "/usr"
print("python%d.%d" % sys.version_info[:2] if own else "")')
  before=$missing
  need "$name-venv" "$python" -c "import venv, ensurepip"
  need "$name-dev" "$python" -c "import os, sysconfig; assert os.path.exists(os.path.join(sysconfig.get_path('include'), 'Python.h'))"
  if [ -z "$name" ] && [ "$missing" != "$before" ]; then
    echo "$python lacks venv, ensurepip or Python.h; $another" >&2
    exit 1
  fi
else
  case $python in
    */*)
      echo "there is no $python; $another" >&2
      exit 1
      ;;
    *) missing="$missing $python $python-venv $python-dev" ;;
  esac
fi
if [ "${1:-play}" = test ]; then
  need doctest-dev header doctest/doctest.h
  need fluidsynth command -v fluidsynth
  need timgm6mb-soundfont sound_font TimGM6mb
fi

[ -z "$missing" ] && exit 0
echo "system packages needed:$missing"
if ! command -v apt-get >/dev/null 2>&1; then
  echo "cannot install them: this machine has no apt-get; install what corresponds to them and run again" >&2
  exit 1
fi
if [ "$(id -u)" = 0 ]; then
  as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
  as_root="sudo"
else
  echo "cannot install them: neither root nor sudo without a password; run: sudo apt-get install$missing" >&2
  exit 1
fi
$as_root apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing
