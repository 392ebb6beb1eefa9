#!/bin/sh
# Makes the virtual environment .venv and installs Signcap in it.
#   ./setup.sh          what is needed to run
#   ./setup.sh --train  also what is needed to train
#   ./setup.sh --dev    also what is needed to test and to check the code
# Safe to run again. Uses apt (with sudo when not root) only for libraries that are missing.
set -eu
cd "$(dirname "$0")"
python=${PYTHON:-python3}

say() { printf 'setup: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

extras=
developing=
case ${1-} in
    '') ;;
    --train) extras='[train]' ;;
    --dev) extras='[dev,train]' developing=1 ;;
    *) die "unknown option $1: use ./setup.sh, ./setup.sh --train or ./setup.sh --dev." ;;
esac

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    die "Python 3.11 or newer is needed: install it, or name it with PYTHON=/path/to/python3 ./setup.sh."

# What OpenCV and MediaPipe link to, and Debian does not always have.
wanted=
has_library() { PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null | grep -q "$1"; }
if command -v apt-get >/dev/null 2>&1; then
    has_library 'libGL\.so\.1' || wanted="$wanted libgl1"
    has_library 'libEGL\.so\.1' || wanted="$wanted libegl1"
    has_library 'libGLESv2\.so\.2' || wanted="$wanted libgles2"
    has_library 'libgthread-2\.0\.so\.0' || wanted="$wanted libglib2.0-0"
    "$python" -c 'import ensurepip, venv' 2>/dev/null || wanted="$wanted python3-venv"
    if [ -n "$developing" ]; then
        command -v chromium >/dev/null 2>&1 || wanted="$wanted chromium"
        # Pages are tested in a Chromium with nothing around them, at a third of the cost; only Debian has it by itself.
        { command -v chromium-headless-shell || ! grep -qx ID=debian /etc/os-release; } >/dev/null 2>&1 ||
            wanted="$wanted chromium-headless-shell"
        has_library 'libatomic\.so\.1' || wanted="$wanted libatomic1" # for what drives the browser
        # The tests of the camera without a driver run a PipeWire of their own and read from it (16 MB).
        { command -v wireplumber && gst-inspect-1.0 pipewiresrc; } >/dev/null 2>&1 ||
            wanted="$wanted dbus pipewire wireplumber gstreamer1.0-tools gstreamer1.0-pipewire"
        # Those of recording hear a microphone of PulseAudio's.
        command -v pulseaudio >/dev/null 2>&1 || wanted="$wanted pulseaudio libasound2-plugins"
        has_library 'libportaudio\.so\.2' || wanted="$wanted libportaudio2"
        # Those of the voice run a PulseAudio and a PipeWire of their own and speak into them (22 MB).
        { command -v pulseaudio && command -v pipewire-pulse && command -v espeak-ng; } >/dev/null 2>&1 ||
            wanted="$wanted pulseaudio pipewire-pulse espeak-ng"
        # One test traces every command, to see that nothing is sent anywhere.
        command -v strace >/dev/null 2>&1 || wanted="$wanted strace"
        # Node checks the types of the pages' scripts.
        command -v npx >/dev/null 2>&1 || wanted="$wanted npm"
    fi
fi
if [ -n "$wanted" ]; then
    root=
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null 2>&1 || die "these packages are missing; ask an administrator to install:$wanted"
        root=sudo
    fi
    say "installing$wanted"
    # shellcheck disable=SC2086
    { $root apt-get update -q && $root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends $wanted; } >&2 ||
        die "these packages could not be installed; install them by hand, then run this again:$wanted"
fi

[ -x .venv/bin/python ] || "$python" -m venv .venv || die "no virtual environment could be made in .venv."

# What was asked for, and what is there: where neither has changed, there is nothing to install.
state() {
    { pwd; printf '%s\n' "$extras" .venv/lib/python*/site-packages/*.dist-info
      cat pyproject.toml constraints.txt; } | cksum
}
if [ -x .venv/bin/signcap ] && [ "$(cat .venv/installed 2>/dev/null)" = "$(state)" ]; then
    say "nothing to install: start with .venv/bin/signcap"
    exit
fi
say "installing Signcap and what it needs into .venv"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".$extras" ||
    die "pip could not install everything: see its message above, and check the network."
state >.venv/installed
say "done: start with .venv/bin/signcap"
