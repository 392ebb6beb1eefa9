"""From other people's running spelling to files of ours: a few thousand phrases each, going on where it stopped."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from models.console import progress_bar
from models.training.data.imported.aslfr import Chosen, Phrase, by_file, read_spellings
from overlay.core.errors import SigncapError
from overlay.core.files.atomic_text import write_json
from overlay.recognition.landmark_file import RunningTake, write_running

PHRASES: Final = 2000  # in a file; about 80 MB of landmarks
RATE: Final = 30.0  # frames a second
ASPECT: Final = 3 / 4  # width over height: a telephone held upright

# Why a phrase was not imported.
ABSENT_FILE: Final = "its file is not here"
ABSENT: Final = "not in its file"
UNSEEN: Final = "fewer frames with a hand than letters"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an import is to give.

    Attributes:
        rate: frames a second of the videos; the data does not say.
        aspect: width over height of their pictures; the data does not say.
        limit: of phrases; None: all.
        size: phrases in a file.
    """

    rate: float = RATE
    aspect: float = ASPECT
    limit: int | None = None
    size: int = PHRASES


@dataclass
class Imported:
    """What has been imported, and how far the import has come.

    Attributes:
        files: how many are complete.
        at: number of the first phrase that was not looked at.
        done: there is nothing left to do.
        phrases: how many were imported.
        left_handed: how many of them by a left hand.
        frames: of all of them.
        with_hand: how many of those show the hand.
        signers: how many phrases each signer spelled.
        skipped: how many phrases were not imported, by reason.
    """

    files: int = 0
    at: int = 0
    done: bool = False
    phrases: int = 0
    left_handed: int = 0
    frames: int = 0
    with_hand: int = 0
    signers: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)


def import_phrases(folder: Path, chosen: Chosen, out: Path, wishes: Wishes) -> Imported:
    """Write the phrases to OUT-000.npz, OUT-001.npz and so on.

    `OUT.import.json` beside them notes how far it has come: the same import goes on after the last complete file.
    One Parquet file and the phrases of one file of ours are in memory at a time.

    Args:
        folder: of the data.
        chosen: what is imported.
        out: name of the files, ending in .npz; numbers are added.
        wishes: how.

    Raises:
        SigncapError: another import has that name, nothing can be imported, or a file cannot be read or written;
            what is complete stays.
    """
    note = out.with_suffix(".import.json")
    settings: Json = {"phrases": chosen.digest, **asdict(wishes)}
    imported = _begin(note, settings, out)
    if imported.done:
        return imported
    takes: list[RunningTake] = []
    with progress_bar() as bar:
        shown = bar.add_task("importing", total=len(chosen.phrases), completed=imported.at)
        for phrase, take, reason in _takes(folder, chosen.phrases[imported.at :], wishes, imported):
            imported.at += 1
            if take is None:
                imported.skipped[reason] += 1
            else:
                takes.append(take)
                imported.phrases += 1
                imported.frames += len(take.landmarks)
                imported.signers[phrase.signer] += 1
            if len(takes) == wishes.size:
                _write(out, takes, imported, note, settings)
                takes = []
            bar.advance(shown)
            if imported.phrases == wishes.limit:
                break
        imported.done = True
        if not imported.phrases:
            reasons = ", ".join(f"{reason}: {count}" for reason, count in imported.skipped.most_common())
            raise SigncapError(f"No phrase of {folder} could be imported ({reasons}): check what was downloaded.")
        _write(out, takes, imported, note, settings)
    return imported


def file_name(out: Path, number: int) -> Path:
    """The name of a file of an import, by its number."""
    return out.with_name(f"{out.stem}-{number:03d}{out.suffix}")


def _takes(
    folder: Path, phrases: tuple[Phrase, ...], wishes: Wishes, imported: Imported
) -> Iterator[tuple[Phrase, RunningTake | None, str]]:
    for path, own in by_file(phrases):
        file = folder / path
        if not file.is_file():
            yield from ((phrase, None, ABSENT_FILE) for phrase in own)
            continue
        spellings = read_spellings(file, {phrase.sequence for phrase in own})
        for phrase in own:
            spelling = spellings.get(phrase.sequence)
            if spelling is None:
                yield phrase, None, ABSENT
            elif spelling.seen < len(phrase.text.replace(" ", "")):
                yield phrase, None, UNSEEN
            else:
                imported.left_handed += spelling.left
                imported.with_hand += spelling.seen
                take = RunningTake(spelling.landmarks, phrase.text, wishes.rate, wishes.aspect, phrase.signer)
                yield phrase, take, ""


def _write(out: Path, takes: list[RunningTake], imported: Imported, note: Path, settings: Json) -> None:
    if takes:
        write_running(file_name(out, imported.files), takes)
        imported.files += 1
    write_json(note, {"settings": settings, "imported": vars(imported)})


def _begin(note: Path, settings: Json, out: Path) -> Imported:
    """What has been imported before, if it is the same import."""
    try:
        noted = json.loads(note.read_text("utf-8"))
        before, imported = noted["settings"], Imported(**noted["imported"])
    except FileNotFoundError:
        if file_name(out, 0).exists():
            raise SigncapError(f"{file_name(out, 0)} exists already: choose another name with --out.") from None
        return Imported()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SigncapError(f"{note} cannot be read: remove it and its files, or choose another --out.") from error
    if before != settings:
        raise SigncapError(
            f"{note} is of an import with other options or other data: remove it and its files, or choose another "
            "--out."
        )
    absent = [name for number in range(imported.files) if not (name := file_name(out, number)).exists()]
    if absent:
        raise SigncapError(f"{absent[0]} is gone: put it back, or remove {note} to begin again.")
    imported.signers, imported.skipped = Counter(imported.signers), Counter(imported.skipped)
    return imported
