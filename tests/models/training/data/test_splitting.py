"""Splits of many made-up collections: what must never be torn apart, and what must be nearly even."""

import json
from collections import Counter
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from models.training.data.split.assignment import assign, costs
from models.training.data.split.splitting import SPLITS, Manifest, make_split, read_manifest, write_manifest
from models.training.data.tree import Entry
from overlay.core.errors import SigncapError
from overlay.recognition.letter_model import LETTERS

pytestmark = pytest.mark.unit

SHARES = (0.7, 0.15, 0.15)


def collection(
    rng: np.random.Generator, signers: int, letters: int = 6, takes: tuple[int, int] = (1, 4)
) -> list[Entry]:
    """Signers with more or fewer takes and frames; now and then a letter is missing."""
    entries = []
    for signer, letter in product(range(signers), LETTERS[:letters]):
        if signers > 1 and rng.random() < 0.1:
            continue
        for take in range(rng.integers(takes[0], takes[1] + 1)):
            entries += [
                Entry(f"s{signer}", letter, f"t{take}", place, f"s{signer}/{letter}/t{take}/{place}.jpg")
                for place in range(rng.integers(2, 9))
            ]
    return entries


def split_of(manifest: Manifest) -> dict[str, str]:
    """The split of each picture; none may be in two."""
    pairs = [(path, name) for name in SPLITS for path in getattr(manifest, name)]
    assert len({path for path, _ in pairs}) == len(pairs)
    return dict(pairs)


def splits_by(entries: Sequence[Entry], manifest: Manifest, *fields: str) -> dict[tuple[str, ...], set[str]]:
    """The splits in which the pictures that share these fields lie."""
    where = split_of(manifest)
    found: dict[tuple[str, ...], set[str]] = {}
    for entry in entries:
        found.setdefault(tuple(str(getattr(entry, name)) for name in fields), set()).add(where[entry.path])
    return found


@pytest.mark.parametrize("seed", range(12))
def test_by_signer_no_signer_is_in_two_splits_and_no_split_is_empty(seed: int) -> None:
    rng = np.random.default_rng(seed)
    entries = collection(rng, signers=int(rng.integers(3, 15)))
    manifest = make_split(entries, seed=seed)
    assert manifest.by == "signer"
    assert set(split_of(manifest)) == {entry.path for entry in entries}
    by_signer = splits_by(entries, manifest, "signer")
    assert all(len(splits) == 1 for splits in by_signer.values())
    assert set().union(*by_signer.values()) == set(SPLITS)
    trained = {path.split("/")[1] for path in manifest.train}
    assert trained == {entry.letter for entry in entries}


@pytest.mark.parametrize("seed", range(6))
def test_by_signer_the_shares_are_as_near_as_whole_signers_can_be(seed: int) -> None:
    entries = collection(np.random.default_rng(seed), signers=14, takes=(2, 3))
    manifest = make_split(entries, seed=seed)
    shares = [len(getattr(manifest, name)) / len(entries) for name in SPLITS]
    assert np.abs(np.array(shares) - SHARES).max() < 0.05


def test_few_signers_are_assigned_as_well_as_by_trying_everything() -> None:
    counts = np.random.default_rng(5).integers(0, 30, (6, 26))
    found = assign(counts, SHARES, [(0, 1, 2)] * 6, seed=1)
    every = np.array(list(product(range(3), repeat=6)))
    assert costs(np.array([found]), counts, SHARES, (0, 1, 2))[0] == pytest.approx(
        costs(every, counts, SHARES, (0, 1, 2)).min()
    )


def test_a_letter_that_one_signer_alone_shows_is_trained_on() -> None:
    entries = [
        Entry(f"s{signer}", letter, "", k, f"s{signer}/{letter}/{k}.jpg")
        for signer in range(4)
        for letter in ("AB" if signer else "ABQ")
        for k in range(40 if signer else 5)
    ]
    for seed in range(8):
        assert "s0/Q/0.jpg" in make_split(entries, seed=seed).train


def test_signers_who_each_show_a_letter_of_their_own_still_fill_all_splits() -> None:
    entries = [
        Entry(signer, letter, "", k, f"{signer}/{letter}/{k}.jpg")
        for signer, letters in (("ann", "AQ"), ("bob", "AR"), ("cat", "AS"))
        for letter in letters
        for k in range(5)
    ]
    manifest = make_split(entries)
    assert all(len(getattr(manifest, name)) == 10 for name in SPLITS)
    assert "these letters cannot be learnt" in manifest.notes[0]


@pytest.mark.parametrize("by", ["signer", "take", "frame"])
def test_the_same_seed_gives_the_same_split_whatever_the_order(by: str) -> None:
    rng = np.random.default_rng(3)
    entries = collection(rng, signers=5, takes=(3, 5))
    shuffled = [entries[k] for k in rng.permutation(len(entries))]
    assert make_split(entries, by, seed=4) == make_split(shuffled, by, seed=4)  # type: ignore[arg-type]


@pytest.mark.parametrize("by", ["take", "frame"])
def test_another_seed_gives_another_split(by: str) -> None:
    entries = collection(np.random.default_rng(3), signers=5, takes=(3, 5))
    assert make_split(entries, by, seed=4) != make_split(entries, by, seed=5)  # type: ignore[arg-type]
    assert make_split(entries, by, seed=4).train != make_split(entries, by, seed=5).train  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(12))
def test_by_take_no_take_is_in_two_splits(seed: int) -> None:
    entries = collection(np.random.default_rng(seed), signers=1, takes=(1, 7))
    manifest = make_split(entries, seed=seed)
    assert manifest.by == "take"
    assert set(split_of(manifest)) == {entry.path for entry in entries}
    assert all(len(splits) == 1 for splits in splits_by(entries, manifest, "letter", "take").values())
    takes = Counter(letter for _, letter, _ in {(entry.signer, entry.letter, entry.take) for entry in entries})
    for (letter,), splits in splits_by(entries, manifest, "letter").items():
        wanted = {1: {"train"}, 2: {"train", "validation"}}.get(takes[letter], set(SPLITS))
        assert splits == wanted
    assert "new recordings of this person" in manifest.notes[0]


def test_by_take_many_takes_are_shared_out_nearly_as_wanted() -> None:
    entries = collection(np.random.default_rng(0), signers=1, letters=8, takes=(18, 22))
    manifest = make_split(entries)
    where = split_of(manifest)
    for letter in LETTERS[:8]:
        counts = Counter(where[entry.path] for entry in entries if entry.letter == letter)
        shares = np.array([counts[name] for name in SPLITS]) / counts.total()
        assert np.abs(shares - SHARES).max() < 0.06


def test_short_letters_are_told_by_take() -> None:
    entries = [
        Entry("signer", letter, f"t{take}", 0, f"{letter}/t{take}/0.jpg")
        for letter, takes in (("A", 3), ("B", 2), ("C", 1))
        for take in range(takes)
    ]
    notes = make_split(entries).notes
    assert any("none for test: B." in note for note in notes)
    assert any("One take only" in note and note.endswith(": C.") for note in notes)


@pytest.mark.parametrize("seed", range(6))
def test_by_frame_every_letter_is_split_at_the_shares(seed: int) -> None:
    entries = collection(np.random.default_rng(seed), signers=2, takes=(3, 6))
    manifest = make_split(entries, "frame", seed=seed)
    where = split_of(manifest)
    assert set(where) == {entry.path for entry in entries}
    for letter, pictures in Counter(entry.letter for entry in entries).items():
        counts = Counter(where[entry.path] for entry in entries if entry.letter == letter)
        assert all(abs(counts[name] - share * pictures) <= 1 for name, share in zip(SPLITS, SHARES, strict=True))
    assert "nothing about other people" in manifest.notes[0]


def test_of_two_signers_the_one_with_more_pictures_is_trained_on() -> None:
    entries = [Entry(name, "A", "", k, f"{name}/A/{k}.jpg") for name, n in (("ann", 3), ("bob", 5)) for k in range(n)]
    manifest = make_split(entries)
    assert {path.split("/")[0] for path in manifest.train} == {"bob"}
    assert {path.split("/")[0] for path in manifest.validation} == {"ann"}
    assert manifest.test == ()
    assert "collect a third signer" in manifest.notes[0]


def test_signers_can_be_named() -> None:
    entries = collection(np.random.default_rng(0), signers=6)
    manifest = make_split(entries, test_signers=["s1", "s4"], validation_signers=["s0"])
    assert splits_by(entries, manifest, "signer") == {
        ("s0",): {"validation"},
        ("s1",): {"test"},
        ("s2",): {"train"},
        ("s3",): {"train"},
        ("s4",): {"test"},
        ("s5",): {"train"},
    }
    manifest = make_split(entries, test_signers=["s1"])
    by_signer = splits_by(entries, manifest, "signer")
    assert [signer for (signer,), splits in by_signer.items() if splits == {"test"}] == ["s1"]
    assert manifest.train
    assert manifest.validation


def test_two_signers_of_whom_one_is_the_test_leave_nothing_to_validate_with() -> None:
    entries = [Entry(name, "A", "", k, f"{name}/A/{k}.jpg") for name in ("ann", "bob") for k in range(3)]
    manifest = make_split(entries, test_signers=["ann"])
    assert (len(manifest.train), manifest.validation, len(manifest.test)) == (3, (), 3)
    assert "The validation split is empty" in manifest.notes[0]


def test_a_share_of_nothing_leaves_a_split_empty() -> None:
    entries = collection(np.random.default_rng(0), signers=5, takes=(3, 5))
    for by in ("signer", "take", "frame"):
        manifest = make_split(entries, by, shares=(0.8, 0.2, 0.0))  # type: ignore[arg-type]
        assert manifest.test == ()
        assert manifest.train
        assert manifest.validation


ONE = [Entry("ann", "A", "", k, f"ann/A/{k}.jpg") for k in range(9)]
TWO = ONE + [Entry("bob", "A", "", k, f"bob/A/{k}.jpg") for k in range(9)]


@pytest.mark.parametrize(
    ("entries", "arguments", "said"),
    [
        (ONE, {}, "collect further takes or signers"),
        (ONE, {"by": "signer"}, "There is one signer, so a split by signer is not possible"),
        (TWO, {"by": "take"}, "split by signer"),
        (TWO, {"test_signers": ["cat"]}, "There is no signer cat: the signers are ann, bob"),
        (TWO, {"test_signers": ["ann"], "validation_signers": ["ann"]}, "cannot be in both"),
        (TWO, {"test_signers": ["ann", "bob"]}, "leave at least one to train on"),
        (TWO, {"test_signers": ["ann"], "by": "frame"}, "not by frame"),
        ([], {}, "There are no pictures"),
    ],
)
def test_what_cannot_be_split_is_refused_in_a_sentence(entries: list[Entry], arguments: dict, said: str) -> None:
    with pytest.raises(SigncapError, match=said):
        make_split(entries, **arguments)


def test_a_manifest_comes_back_as_it_was_written(tmp_path: Path) -> None:
    manifest = make_split(collection(np.random.default_rng(0), signers=4), seed=7)
    write_manifest(tmp_path, manifest)
    assert read_manifest(tmp_path) == manifest
    data = json.loads((tmp_path / "split.json").read_text())
    assert data["format"] == 1
    assert (data["by"], data["seed"], data["shares"]) == ("signer", 7, list(SHARES))
    assert {path.name for path in tmp_path.iterdir()} == {"split.json"}


@pytest.mark.parametrize(
    "text", ["", "[]", '{"format": 1}', '{"format": 9}', '{"format": 1, "by": "signer", "seed": 0']
)
def test_a_damaged_manifest_asks_for_another_split(tmp_path: Path, text: str) -> None:
    (tmp_path / "split.json").write_text(text)
    with pytest.raises(SigncapError, match="signcap split"):
        read_manifest(tmp_path)


def test_without_a_manifest_it_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SigncapError, match=r"run `signcap split .*` first"):
        read_manifest(tmp_path)
