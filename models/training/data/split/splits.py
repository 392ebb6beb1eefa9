"""From a manifest to the pictures of each split: which are mirrored, which belong to a burst."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.training.data.batches.pictures import Pictures, Sample
from models.training.data.crops.journal import read_crops
from models.training.data.split.manifest import SPLITS, Manifest
from models.training.data.tree import Entry, read_tree
from overlay.core.errors import SigncapError
from overlay.core.files.strict_json import parse_json

TakeKey = tuple[str, str, str]  # signer, letter, take


def load_splits(
    folder: Path, manifest: Manifest, *, letters: str | None = None, need_training: bool = True
) -> dict[str, Pictures]:
    """The pictures of "train", "validation" and "test".

    Args:
        folder: that the manifest lies in.
        manifest: which picture is in which split.
        letters: these only.
        need_training: refuse a split that leaves nothing to train on.

    Raises:
        SigncapError: a picture of the manifest is gone or cannot be read, or nothing is left to train on.
    """
    entries = {entry.path: entry for entry in read_tree(folder)}
    crops = read_crops(folder)
    takes = _read_takes(folder, entries.values())
    lefts = _left_handed(entries, {path: str(crop.hand) for path, crop in crops.items() if crop.found}, takes)
    splits = {}
    for name in SPLITS:
        paths = getattr(manifest, name)
        gone = [path for path in paths if path not in entries]
        if gone:
            raise SigncapError(
                f"{folder / 'split.json'} names {len(gone)} pictures that are not there, {gone[0]} for one: "
                f"run `signcap split {folder}` again."
            )
        splits[name] = Pictures(
            folder,
            tuple(
                Sample(
                    entry,
                    crops[entry.path].landmarks if entry.path in crops else None,
                    (entry.signer, _take_of(entry, takes).flipped) in lefts,
                    _take_of(entry, takes).rate,
                    crops[entry.path].box if entry.path in crops else None,
                )
                for entry in sorted(entries[path] for path in paths)
                if letters is None or entry.letter in letters
            ),
        )
    if need_training and not splits["train"].samples:
        raise SigncapError(f"The split in {folder} leaves nothing to train on: run `signcap split {folder}` again.")
    return splits


@dataclass(frozen=True)
class _Take:
    """What `take.json` says.

    Attributes:
        rate: frames a second of a burst; None where letters were held.
        flipped: the pictures are stored as in a mirror.
    """

    rate: float | None = None
    flipped: bool = False


def _left_handed(
    entries: dict[str, Entry], hands: dict[str, str], takes: dict[TakeKey, _Take]
) -> set[tuple[str, bool]]:
    """Signers most of whose pictures are of a left hand: a single picture is often taken for the other hand.

    Pictures that were stored flipped vote apart from the others: the same hand is the other one in them.
    """
    votes: dict[tuple[str, bool], Counter[str]] = defaultdict(Counter)
    for path, hand in hands.items():
        if path in entries:
            votes[entries[path].signer, _take_of(entries[path], takes).flipped][hand] += 1
    return {key for key, counts in votes.items() if counts.most_common(1)[0][0] == "left"}


def _take_of(entry: Entry, takes: dict[TakeKey, _Take]) -> _Take:
    return takes.get((entry.signer, entry.letter, entry.take), _Take())


def _read_takes(folder: Path, entries: Iterable[Entry]) -> dict[TakeKey, _Take]:
    takes: dict[TakeKey, _Take] = {}
    for entry in entries:
        if entry.place or not entry.take:
            continue
        try:
            noted = parse_json((folder / entry.path).with_name("take.json").read_bytes())
            rate = _rate(noted) if noted.get("burst") else 0.0
            take = _Take(rate if rate > 0 else None, bool(noted.get("flipped")))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            continue  # a take that somebody put there by hand
        takes[entry.signer, entry.letter, entry.take] = take
    return takes


def _rate(take: Any) -> float:
    """Frames a second as they came; a camera may give fewer than it was asked for."""
    moments = [float(frame["at"]) for frame in take.get("frames", ())]
    span = moments[-1] - moments[0] if len(moments) > 1 else 0.0
    return (len(moments) - 1) / span if span > 0 else float(take["rate"])
