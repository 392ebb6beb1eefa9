"""What is collected, and the commands that make a model of it, filled in."""

import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from overlay.recognition.letter_model import LETTERS
from server.collection.store import Store, pictures_in
from server.collection.take import folders_in

TAKES: Final = 2  # of a letter of one signer, so that one can be kept for the test
RECIPE: Final = ("--network", "cnn-lstm", "--epochs", "25", "--rate", "0.002", "--schedule", "cosine")
_NAME: Final = "mine"  # of a training


@dataclass(frozen=True, slots=True)
class Collected:
    """The pictures of one signer's letter.

    Attributes:
        pictures: how many there are.
        takes: in how many takes; pictures beside the takes' folders are one more.
    """

    pictures: int
    takes: int


@dataclass(frozen=True, slots=True)
class Step:
    """A command on the way from pictures to a model.

    Attributes:
        name: what it does, in a few words.
        command: filled in, for a terminal.
        note: what comes of it.
        done: it was run, and there is nothing new for it.
    """

    name: str
    command: str
    note: str
    done: bool


def collected(store: Store) -> dict[str, dict[str, Collected]]:
    """Return the letters of each signer that have pictures."""
    found: dict[str, dict[str, Collected]] = {}
    for signer in store.signers():
        letters: dict[str, Collected] = {}
        for folder in folders_in(store.folder / signer):
            if folder.name.upper() not in LETTERS:
                continue
            counts = [count for path in (folder, *folders_in(folder)) if (count := pictures_in(path))]
            if counts:
                letters[folder.name.upper()] = Collected(sum(counts), len(counts))
        if letters:
            found[signer] = dict(sorted(letters.items()))
    return found


def what_is_missing(found: dict[str, dict[str, Collected]]) -> list[str]:
    """Return what is still to be collected before it can be split and trained on; nothing where it can be."""
    if not found:
        return ["No pictures yet: take some on Collect."]
    missing = []
    if len(found) == 1:
        (letters,) = found.values()
        single = "".join(letter for letter, one in letters.items() if one.takes < TAKES)
        if single:
            missing.append(
                f"{' '.join(single)}: one take only. Collect another take of {'it' if len(single) == 1 else 'each'}, "
                "or a second signer."
            )
    return missing


def next_steps(store: Store, runs: Path) -> list[Step]:
    """Return the commands from crop to run, in order, with the folders of this run of Signcap."""
    data, runs = store.folder, Path(os.path.abspath(runs))
    crops = data.parent / f"{data.name}-crops"
    trained = _newest_run(runs)
    name = _free(runs)
    model = data.parent / f"model-{trained or name}"
    pictures, cropped = _below(data), _looked_at(crops)
    is_cropped = pictures > 0 and cropped >= pictures
    is_split = is_cropped and (crops / "split.json").is_file()
    has_model = (model / "model.json").is_file()
    return [
        Step(
            "Find the hands",
            _command("crop", data, crops),
            f"{min(cropped, pictures)} of {pictures} pictures done.",
            is_cropped,
        ),
        Step(
            "Keep some for the test",
            _command("split", crops),
            "Chooses which takes are learnt from and which measure it. Run it again after each new collection.",
            is_split,
        ),
        Step(
            "Train",
            _command("train", crops, "--runs", runs, *RECIPE, "--name", name),
            "Takes from minutes to hours. Watch it on Runs; if it is interrupted, it can go on.",
            trained is not None,
        ),
        Step(
            "Make a model of it",
            _command("export", runs / (trained or name), model),
            "A folder that Signcap can run.",
            has_model,
        ),
        Step(
            "Measure it",
            _command("evaluate", data, "--model", model),
            "Reads these pictures as Signcap reads you live. For an honest figure, give pictures of other people.",
            False,
        ),
        Step("Sign with it", _command("run", "--model", model), "Quit this Signcap first, with Ctrl-C.", False),
    ]


def body(store: Store, runs: Path, *, trains: bool) -> dict[str, Any]:
    """Return what the page shows. Reads the disk.

    Args:
        store: of the pictures.
        runs: folder of trainings.
        trains: what training needs is installed.
    """
    found = collected(store)
    return {
        "folder": str(store.folder),
        "signers": {
            signer: {letter: {"pictures": one.pictures, "takes": one.takes} for letter, one in letters.items()}
            for signer, letters in found.items()
        },
        "missing": what_is_missing(found),
        "trains": trains,
        "steps": [
            {"name": step.name, "command": step.command, "note": step.note, "done": step.done}
            for step in next_steps(store, runs)
        ],
    }


def _command(*words: str | Path) -> str:
    line = [*_program(), *map(str, words)]
    return subprocess.list2cmdline(line) if sys.platform == "win32" else shlex.join(line)


def _program() -> list[str]:
    """How this Signcap is started in a terminal."""
    if shutil.which("signcap") is not None:
        return ["signcap"]
    beside = Path(sys.executable).with_name("signcap.exe" if sys.platform == "win32" else "signcap")
    return [str(beside)] if beside.is_file() else [sys.executable, "-m", "server"]


def _newest_run(runs: Path) -> str | None:
    """Return the name of the training that ended last and has weights."""
    weights = [path for path in runs.glob("*/best.safetensors") if path.is_file()]
    return max(weights, key=lambda path: path.stat().st_mtime).parent.name if weights else None


def _free(runs: Path) -> str:
    """Return a name that no training has."""
    number = 1
    while (runs / (name := _NAME if number == 1 else f"{_NAME}-{number}")).exists():
        number += 1
    return name


def _looked_at(crops: Path) -> int:
    """Return how many pictures `signcap crop` has looked at, those without a hand too."""
    try:
        with (crops / "crops.jsonl").open("rb") as journal:
            return sum(1 for _ in journal)
    except OSError:
        return 0


def _below(folder: Path) -> int:
    """Return the number of pictures `SIGNER/LETTER/…` in a folder."""
    letters = (letter for signer in folders_in(folder) for letter in folders_in(signer))
    return sum(pictures_in(path) for letter in letters for path in (letter, *folders_in(letter)))
