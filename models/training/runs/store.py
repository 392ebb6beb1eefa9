"""Runs on disk: what was trained on what, how it went epoch by epoch, and what it said of each picture.

A run is a folder:

- `run.json`: name, kind ("train" or "test"), network, status, data, hyperparameters, environment, git revision;
- `epochs.jsonl`: one line an epoch, with the `SCORES` of "train" and "validation", or of "test";
- `pictures.json`: the pictures that were looked at after each epoch, and their labels;
- `predictions/0001.json`, ...: what was read in each picture after that epoch, and the confusion matrix;
- `last.safetensors`, `best.safetensors`: weights (training runs only).
"""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final, Protocol

from models.training.runs.environment import environment, git_revision, is_gone, process
from overlay.core.errors import SigncapError
from overlay.core.files.atomic_text import Json, lock, write_json, write_text

SCORES: Final = ("loss", "accuracy", "precision", "recall", "f1")  # the last three are means over the letters
FORMAT: Final = 1
RESERVED: Final = ("-test", "-unseen")  # how the runs that read a trained run's pictures are called


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
        before = read_run(folder, name) if resume else {}
        if not resume:
            check_new(folder, name)
        self.folder = folder / name
        self._lock = _hold(self.folder)
        if resume:
            self._about = before | {"status": "running", "process": process()}
            if before.get("kind") == "test":  # done anew as a whole
                self._about |= {"began": _now()}
        else:
            self._about = {
                "format": FORMAT,
                "name": name,
                "status": "running",
                "began": _now(),
                "process": process(),
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
        self._lock.close()


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
    except (OSError, ValueError, RecursionError) as error:
        raise SigncapError(f"The run {name} in {folder} cannot be read ({error}).") from error
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise SigncapError(f"The run {name} in {folder} was written by another version of Signcap.")
    if about.get("status") == "running" and is_gone(about.get("process")):
        about["status"] = "broken off"
    return about | {"name": name}


def _hold(run: Path) -> IO[bytes]:
    """Keep other programs from writing the same run; let go of when the file is closed."""
    try:
        run.mkdir(parents=True, exist_ok=True)
        file = (run / "lock").open("ab")
    except OSError as error:
        raise SigncapError(f"Cannot write {run} ({error.strerror}): make room or choose another folder.") from error
    lock(file, f"Another process is writing the run {run.name}: wait for it, or end it.")
    return file


def check_new(folder: Path, name: str) -> None:
    """Refuse a name that a run cannot be begun under.

    Raises:
        SigncapError: there is a run of that name, or it is a path.
    """
    _check_name(name)
    if name.endswith(RESERVED) and not (folder / name.rsplit("-", 1)[0]).exists():
        raise SigncapError(f"{name} is what the test of another run would be called: choose another --name.")
    if (folder / name).exists():
        raise SigncapError(f"There is a run {name} in {folder} already: choose another --name, or --resume it.")


def _check_name(name: str) -> None:
    if name in ("", ".", "..") or Path(name).name != name:
        raise SigncapError(f"{name} is no name of a run: it is the name of a folder, without a path.")


def read_epochs(run: Path) -> list[Json]:
    """The lines of `epochs.jsonl` of a run's folder."""
    try:
        text = (run / "epochs.jsonl").read_text("utf-8")
        return [json.loads(line) for line in text.splitlines() if line]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, RecursionError) as error:
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
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise SigncapError(f"{path} cannot be read ({error}).") from error


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
