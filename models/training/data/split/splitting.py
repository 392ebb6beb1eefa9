"""Which pictures are trained on, which choose the best weights, and which are kept to say how good a model is.

By signer wherever there are several: a model is for people whom it has not seen. By take where there is one signer.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from models.training.data.split.assignment import assign
from models.training.data.split.manifest import FORMAT, SPLITS, Manifest, read_manifest, write_manifest
from models.training.data.tree import Entry, signers_of
from overlay.core.errors import SigncapError
from overlay.recognition.letter_model import LETTERS

__all__ = ["FORMAT", "SPLITS", "Manifest", "make_split", "read_manifest", "write_manifest"]

By = Literal["signer", "take", "frame"]
SHARES: Final = (0.7, 0.15, 0.15)
TRAIN, VALIDATION, TEST = range(3)

FRAME_WARNING: Final = (
    "Split by frame: neighbouring frames of one burst of one person lie in both training and test, so the accuracy "
    "says how well a model remembers these pictures, and nothing about other people."
)
TWO_SIGNERS: Final = (
    "There are two signers, so one is trained on, the other chooses the best weights, and the test split is empty: "
    "collect a third signer, or evaluate on other people's pictures with `signcap evaluate`."
)
ONE_SIGNER: Final = (
    "There is one signer, so the split is by take: it says how a model does on new recordings of this person, "
    "not of others."
)


def make_split(
    entries: Iterable[Entry],
    by: By | None = None,
    *,
    shares: Sequence[float] = SHARES,
    seed: int = 0,
    test_signers: Sequence[str] = (),
    validation_signers: Sequence[str] = (),
) -> Manifest:
    """Split pictures; the same arguments always give the same split.

    Args:
        entries: of a tree.
        by: what is never torn apart; by default the signers where there are several, the takes where there is one.
        shares: of train, validation and test; sum 1.
        seed: of what chance decides.
        test_signers: the test split is exactly these.
        validation_signers: the validation split is exactly these.

    Raises:
        SigncapError: these pictures cannot be split like that.
    """
    entries = sorted(entries)
    if not entries:
        raise SigncapError("There are no pictures to split.")
    signers = signers_of(entries)
    named = {**dict.fromkeys(validation_signers, VALIDATION), **dict.fromkeys(test_signers, TEST)}
    if named:
        _check_named(test_signers, validation_signers, signers, by)
    if by is None:
        by = "signer" if len(signers) > 1 or named else "take"
    if by == "signer":
        splits, notes = _by_signer(entries, signers, shares, seed, named)
    elif by == "take":
        splits, notes = _by_take(entries, shares, seed)
        if len(signers) == 1:
            notes.insert(0, ONE_SIGNER)
    else:
        splits, notes = _by_frame(entries, shares, seed), [FRAME_WARNING]
    paths: list[list[str]] = [[], [], []]
    for entry, split in zip(entries, splits, strict=True):
        paths[split].append(entry.path)
    train, validation, test = (tuple(sorted(some)) for some in paths)
    return Manifest(by, seed, tuple(shares), train, validation, test, tuple(notes))


def _check_named(test: Sequence[str], validation: Sequence[str], signers: Sequence[str], by: By | None) -> None:
    if by not in (None, "signer"):
        raise SigncapError(
            f"Signers can be named for a split by signer, not by {by}: leave --by {by} or the names out."
        )
    unknown = [name for name in (*test, *validation) if name not in signers]
    if unknown:
        raise SigncapError(f"There is no signer {unknown[0]}: the signers are {', '.join(signers)}.")
    both = sorted(set(test) & set(validation))
    if both:
        raise SigncapError(f"The signer {both[0]} cannot be in both validation and test: name each signer once.")
    if not set(signers) - set(test) - set(validation):
        raise SigncapError("All signers are named for validation and test: leave at least one to train on.")


def _by_signer(
    entries: Sequence[Entry], signers: Sequence[str], shares: Sequence[float], seed: int, named: dict[str, int]
) -> tuple[list[int], list[str]]:
    if len(signers) < 2:
        raise SigncapError(
            "There is one signer, so a split by signer is not possible: collect further signers, or split by take."
        )
    counts = np.zeros((len(signers), len(LETTERS)), np.int64)
    for entry in entries:
        counts[signers.index(entry.signer), entry.label] += 1
    notes = []
    if len(signers) == 2 and not named:
        more = int(counts.sum(1).argmax())
        found = [TRAIN if number == more else VALIDATION for number in range(2)]
        notes.append(TWO_SIGNERS)
    else:
        allowed = [_allowed(signer, named, shares) for signer in signers]
        found = assign(counts, shares, allowed, seed)
        empty = [split for split in (VALIDATION, TEST) if split not in found]
        notes += [f"The {SPLITS[split]} split is empty: {_why_empty(split, shares)}." for split in empty]
    untrained = (counts.sum(0) > 0) & (counts[[split == TRAIN for split in found]].sum(0) == 0)
    if untrained.any():
        letters = "".join(np.array(LETTERS)[untrained])
        notes.append(f"No signer of the training split shows {letters}: these letters cannot be learnt.")
    split_of = dict(zip(signers, found, strict=True))
    return [split_of[entry.signer] for entry in entries], notes


def _allowed(signer: str, named: dict[str, int], shares: Sequence[float]) -> tuple[int, ...]:
    """The splits that a signer may go to."""
    if signer in named:
        return (named[signer],)
    free = [split for split in (VALIDATION, TEST) if shares[split] > 0 and split not in named.values()]
    return (TRAIN, *free)


def _why_empty(split: int, shares: Sequence[float]) -> str:
    return "it was given no share" if shares[split] == 0 else "there are too few signers"


def _by_take(entries: Sequence[Entry], shares: Sequence[float], seed: int) -> tuple[list[int], list[str]]:
    """Each letter of each signer on its own: its takes are spread as evenly as whole takes can be."""
    takes: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for entry in entries:
        of_letter = takes[entry.letter, entry.signer]
        of_letter[entry.take] = of_letter.get(entry.take, 0) + 1
    if max(len(some) for some in takes.values()) < 2:
        several = len(signers_of(entries)) > 1
        raise SigncapError(
            ("There is" if several else "There is one signer with")
            + " one take of each letter, which cannot be split honestly: "
            + ("split by signer" if several else "collect further takes or signers")
            + " (`--by frame` only reproduces the report and says nothing about other people)."
        )
    rng = np.random.default_rng(seed)
    found: dict[tuple[str, str, str], int] = {}
    short: dict[int, set[str]] = {1: set(), 2: set()}
    for (letter, signer), sizes in sorted(takes.items()):
        names = [str(name) for name in rng.permutation(sorted(sizes))]
        wanted = _splits_of_takes(len(names), shares)
        if len(names) in short and len(wanted) < sum(share > 0 for share in shares):
            short[len(names)].add(letter)
        for name, split in zip(names, _deal([sizes[name] for name in names], shares, wanted), strict=True):
            found[letter, signer, name] = split
    notes = []
    if short[2]:
        notes.append(f"Two takes only, one to train on and one for validation, none for test: {_list(short[2])}.")
    if short[1]:
        notes.append(f"One take only, trained on but not measured: {_list(short[1])}.")
    return [found[entry.letter, entry.signer, entry.take] for entry in entries], notes


def _splits_of_takes(takes: int, shares: Sequence[float]) -> list[int]:
    """The splits that a letter with so many takes goes to."""
    return [split for split in (TRAIN, VALIDATION, TEST) if shares[split] > 0][:takes]


def _deal(sizes: Sequence[int], shares: Sequence[float], splits: Sequence[int]) -> list[int]:
    """Give each take, the largest first, to the split that lacks most; none of the splits is left empty."""
    total = sum(shares[split] for split in splits)
    lacking = {split: shares[split] / total * sum(sizes) for split in splits}
    found = [TRAIN] * len(sizes)
    empty = set(splits)
    order = sorted(range(len(sizes)), key=lambda number: -sizes[number])
    for place, number in enumerate(order):
        among = empty if len(order) - place <= len(empty) else lacking.keys()
        split = max(sorted(among), key=lambda one: lacking[one])
        found[number] = split
        lacking[split] -= sizes[number]
        empty.discard(split)
    return found


def _by_frame(entries: Sequence[Entry], shares: Sequence[float], seed: int) -> list[int]:
    """Each letter's pictures, shuffled and cut at the shares."""
    rng = np.random.default_rng(seed)
    found: NDArray[np.int64] = np.zeros(len(entries), np.int64)
    labels = np.array([entry.label for entry in entries])
    for label in np.unique(labels):
        mine = rng.permutation(np.flatnonzero(labels == label))
        ends = np.rint(np.cumsum(shares) * len(mine)).astype(int)
        found[mine[ends[0] : ends[1]]] = VALIDATION
        found[mine[ends[1] :]] = TEST
    return [int(split) for split in found]


def _list(letters: Iterable[str]) -> str:
    return ", ".join(sorted(letters))
