"""Runs on disk: what was trained on what, how it went epoch by epoch, and what it said of each picture.

A run is a folder:

- `run.json`: name, kind ("train" or "test"), network, status, data, hyperparameters, environment, git revision;
- `epochs.jsonl`: one line an epoch, with the `SCORES` of "train" and "validation", or of "test";
- `pictures.json`: the pictures that were looked at after each epoch, and their labels;
- `predictions/0001.json`, ...: what was read in each picture after that epoch, and the confusion matrix;
- `last.safetensors`, `best.safetensors`: weights (training runs only).
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, Protocol

from overlay.errors import SigncapError

SCORES: Final = ("loss", "accuracy", "precision", "recall", "f1")  # the last three are means over the letters
FORMAT: Final = 1
_PACKAGES: Final = (
    "signcap",
    "torch",
    "lightning-fabric",
    "numpy",
    "onnxruntime",
    "mediapipe",
    "opencv-contrib-python",
)

Json = dict[str, Any]


class Mirror(Protocol):
    """Another place that hears of a run's epochs."""

    def epoch(self, number: int, scores: dict[str, Json], confusion: Sequence[Sequence[int]] | None) -> None:
        """An epoch is done."""
        ...

    def end(self, status: str) -> None:
        """The run is done."""
        ...


class RunWriter:
    """Writes one run; every file is either the old one or the new one, whenever the program is killed.

    Args:
        folder: of all runs.
        name: of this run, also its folder's name.
        about: what `run.json` should say besides: kind, network, data, hyperparameters.
        resume: go on with a run that is there.
        open_mirror: given what `run.json` says, gives another place that hears of every epoch as well.

    Raises:
        SigncapError: there is a run of that name (or none, to resume), the name is a path, or the folder cannot be
            written.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        about: Json,
        *,
        resume: bool = False,
        open_mirror: Callable[[Json], "Mirror | None"] = lambda _about: None,
    ) -> None:
        if not resume:
            check_new(folder, name)
        self.folder = folder / name
        if resume:
            self._about = read_run(folder, name)
            self._about |= {"status": "running", "process": _process()}
        else:
            self._about = {
                "format": FORMAT,
                "name": name,
                "status": "running",
                "began": _now(),
                "process": _process(),
                "environment": environment(),
                "git": git_revision(),
                **about,
            }
        write_json(self.folder / "run.json", self._about)
        self._mirror = open_mirror(self._about)

    def pictures(self, root: Path, paths: Sequence[str], labels: Sequence[int]) -> None:
        """Note which pictures are looked at after each epoch: paths relative to root, and index of their letter."""
        write_json(
            self.folder / "pictures.json",
            {"root": str(root.resolve()), "paths": list(paths), "labels": [int(label) for label in labels]},
        )

    def epoch(
        self,
        number: int,
        scores: dict[str, Json],
        *,
        steps: int = 0,
        seconds: float = 0.0,
        predicted: Sequence[int] | None = None,
        confidence: Sequence[float] | None = None,
        confusion: Sequence[Sequence[int]] | None = None,
    ) -> None:
        """Note an epoch.

        Args:
            number: from 1.
            scores: `SCORES` by split ("train", "validation", "test").
            steps: optimiser steps since the run began.
            seconds: that the epoch took.
            predicted: index of the letter (or `BLANK`, for nothing) read in each of `pictures`.
            confidence: of each, 0 to 1.
            confusion: rows are true letters, columns read ones; a 27th column for nothing where there is one.
        """
        if predicted is not None:
            write_json(
                self.folder / "predictions" / f"{number:04d}.json",
                {
                    "predicted": [int(label) for label in predicted],
                    "confidence": [round(float(value), 4) for value in confidence or ()],
                    "confusion": [[int(count) for count in row] for row in confusion or ()],
                },
            )
        lines = [line for line in read_epochs(self.folder) if line["epoch"] < number]  # an epoch done again
        lines.append({"epoch": number, "steps": steps, "seconds": round(seconds, 2), **scores})
        write_text(self.folder / "epochs.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
        if self._mirror is not None:
            self._mirror.epoch(number, scores, confusion)

    def end(self, status: str, **more: Any) -> None:
        """Note how it ended: "finished", "stopped early", "interrupted" or "failed"."""
        self._about |= {"status": status, "ended": _now(), **more}
        write_json(self.folder / "run.json", self._about)
        if self._mirror is not None:
            self._mirror.end(status)


def list_runs(folder: Path) -> list[Json]:
    """What `run.json` says of every run, newest first, with the number of epochs and the last epoch's scores."""
    runs = []
    for path in folder.glob("*/run.json"):
        try:
            about = read_run(folder, path.parent.name)
            epochs = read_epochs(path.parent)
        except SigncapError:
            continue  # another program's folder, or one being written
        runs.append(about | {"epochs": len(epochs), "last": epochs[-1] if epochs else None})
    return sorted(runs, key=lambda run: str(run.get("began", "")), reverse=True)


def read_run(folder: Path, name: str) -> Json:
    """What `run.json` says.

    Raises:
        SigncapError: there is no such run, or its file is damaged.
    """
    _check_name(name)
    try:
        about = json.loads((folder / name / "run.json").read_text("utf-8"))
    except FileNotFoundError as error:
        raise SigncapError(f"There is no run {name} in {folder}.") from error
    except (OSError, ValueError) as error:
        raise SigncapError(f"The run {name} in {folder} cannot be read ({error}).") from error
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise SigncapError(f"The run {name} in {folder} was written by another version of Signcap.")
    if about.get("status") == "running" and _is_gone(about.get("process")):
        about["status"] = "broken off"
    return about | {"name": name}


def check_new(folder: Path, name: str) -> None:
    """Refuse a name that a run cannot be begun under.

    Raises:
        SigncapError: there is a run of that name, or it is a path.
    """
    _check_name(name)
    if (folder / name).exists():
        raise SigncapError(f"There is a run {name} in {folder} already: choose another --name, or --resume it.")


def _check_name(name: str) -> None:
    if name in ("", ".", "..") or Path(name).name != name:
        raise SigncapError(f"{name} is no name of a run: it is the name of a folder, without a path.")


def _process() -> Json:
    return {"host": platform.node(), "id": os.getpid()}


def _is_gone(process: Any) -> bool:
    """The process that wrote a run was on this machine and is there no more: it was killed."""
    if not isinstance(process, dict) or process.get("host") != platform.node() or os.name != "posix":
        return False
    try:
        os.kill(int(process["id"]), 0)
    except ProcessLookupError:
        return True
    except (OSError, KeyError, ValueError, TypeError, OverflowError):
        return False
    return False


def read_epochs(run: Path) -> list[Json]:
    """The lines of `epochs.jsonl` of a run's folder."""
    try:
        text = (run / "epochs.jsonl").read_text("utf-8")
        return [json.loads(line) for line in text.splitlines() if line]
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise SigncapError(f"{run / 'epochs.jsonl'} cannot be read ({error}).") from error


def read_pictures(run: Path) -> Json:
    """`pictures.json` of a run's folder: "root", "paths", "labels"; empty lists where there is none."""
    return _read(run / "pictures.json", {"root": "", "paths": [], "labels": []})


def read_predictions(run: Path, epoch: int) -> Json:
    """What was read after an epoch: "predicted", "confidence", "confusion"; empty lists where nothing is noted."""
    return _read(run / "predictions" / f"{epoch:04d}.json", {"predicted": [], "confidence": [], "confusion": []})


def _read(path: Path, otherwise: Json) -> Json:
    try:
        values: Json = otherwise | json.loads(path.read_text("utf-8"))
        return values
    except FileNotFoundError:
        return otherwise
    except (OSError, ValueError, TypeError) as error:
        raise SigncapError(f"{path} cannot be read ({error}).") from error


def write_json(path: Path, value: Json) -> None:
    """Write atomically; a full disk gives one sentence."""
    write_text(path, json.dumps(value, indent=1) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write atomically.

    Raises:
        SigncapError: it cannot be written; what was there before is left.
    """
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise SigncapError(
            f"Cannot write {path} ({error.strerror}): make room or choose another folder. What was there stays."
        ) from error


def environment() -> Json:
    """Python, system, processor cores, and the versions of what matters."""
    packages = {}
    for package in _PACKAGES:
        try:
            packages[package] = version(package)
        except PackageNotFoundError:
            continue
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "packages": packages,
        "command": " ".join(["signcap", *sys.argv[1:]]),
    }


def git_revision() -> str | None:
    """Revision of the checkout that runs, with + where it was changed; None where there is none."""
    here = Path(__file__).parent
    try:
        revision = subprocess.run(["git", "rev-parse", "HEAD"], cwd=here, capture_output=True, text=True, timeout=5)
        changed = subprocess.run(
            ["git", "status", "--porcelain"], cwd=here, capture_output=True, text=True, timeout=5
        )
    except (OSError, subprocess.SubprocessError):
        return None
    if revision.returncode:
        return None
    return revision.stdout.strip()[:12] + ("+" if changed.stdout.strip() else "")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
